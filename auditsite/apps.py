from django.apps import AppConfig


class AuditsiteConfig(AppConfig):
    """The project around the audit log, which keeps a log of itself."""

    name = "auditsite"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from auditsite import own_log

        own_log.install()
