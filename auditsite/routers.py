from django.db.models import Model


class OwnerMigrates:
    """Only the ``owner`` connection changes the schema; everything else uses ``default``."""

    def db_for_read(self, model: type[Model], **hints: object) -> str | None:
        return None

    def db_for_write(self, model: type[Model], **hints: object) -> str | None:
        return None

    def allow_relation(self, first: Model, second: Model, **hints: object) -> bool:
        # Both aliases are the same database.
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: object) -> bool:
        return db == "owner"
