"""Events that are committed, but not in the log yet."""

from django.db import models
from django.db.models.functions import Now

from audit.models.fields import DocumentField
from audit.models.organization import Organization


class OutboxEvent(models.Model):
    """An event as it was given, waiting to be moved into the log (``audit.recording.outbox``).

    ``refused`` says why the log did not take it; it is empty while the event has yet to be tried.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    event = DocumentField()
    refused = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "audit_outbox"

    def __str__(self) -> str:
        return f"outbox event {self.pk}"
