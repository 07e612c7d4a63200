from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    """The audit log as a reusable Django application."""

    name = "audit"
    verbose_name = "Audit log"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import checks  # noqa: F401 -- registers the system checks
        from audit.recording import accounts, organizations
        from audit.recording.tracking.registry import track_declared

        track_declared()
        accounts.install()
        post_migrate.connect(organizations.make_configured, sender=self)
