"""Exports on their way to somebody."""

from django.db import models
from django.db.models.functions import Now

from audit.models.organization import Membership


class Download(models.Model):
    """How far an export is, for the page that started it, and whether it is to stop.

    Another process writes it than reads it. What became of the export is the event ``event_id``,
    so these are kept for a day only. ``ticket`` is the page's name for it; ``bytes`` are counted
    before anything is compressed.
    """

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    ticket = models.UUIDField()
    event_id = models.UUIDField()
    events = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    reported_at = models.DateTimeField(db_default=Now())
    is_cancelled = models.BooleanField(default=False)

    class Meta:
        db_table = "audit_download"
        constraints = (
            models.UniqueConstraint(fields=("membership", "ticket"), name="download_once"),
        )

    def __str__(self) -> str:
        return f"download {self.ticket}"
