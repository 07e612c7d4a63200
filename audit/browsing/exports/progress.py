"""An export that says how far it is, and can be stopped, from other processes than its own."""

import errno
import time
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models.functions import Now

from audit.browsing.exports.export import Export
from audit.models import Download, Membership

_REPORT_S: Final = 1.0
_KEPT: Final = timedelta(days=1)


class Cancelled(ConnectionResetError):
    """Whoever asked for the export does not want it any more.

    To the server it is as if they had gone away: it closes the connection before the end of the
    answer, so that the browser knows what it has for broken off.
    """

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "The export was cancelled.")


def follow(export: Export, membership: Membership, ticket: UUID) -> None:
    """Let it be known under this ticket how far the export is, unless another one has it."""
    own = Download.objects.filter(membership=membership)
    own.filter(reported_at__lt=Now() - _KEPT).delete()
    download, is_new = Download.objects.get_or_create(
        membership=membership, ticket=ticket, defaults={"event_id": export.event_id}
    )
    if is_new:
        export.watch = Reports(download)


class Reports:
    """Notes every second how far an export is. Raises Cancelled."""

    def __init__(self, download: Download) -> None:
        self._download = download
        self._due = time.monotonic()

    def __call__(self, export: Export) -> None:
        if time.monotonic() < self._due:
            return
        is_wanted = Download.objects.filter(pk=self._download.pk, is_cancelled=False).update(
            events=export.reading.count, bytes=export.size, reported_at=Now()
        )
        if not is_wanted:
            raise Cancelled
        self._due = time.monotonic() + _REPORT_S


def cancel(membership: Membership, ticket: UUID) -> None:
    """Stop the export before its next group of events, if it is still under way."""
    Download.objects.filter(membership=membership, ticket=ticket).update(is_cancelled=True)
