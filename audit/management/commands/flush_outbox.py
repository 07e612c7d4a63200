"""``manage.py flush_outbox``: from the outbox into the log, once or for as long as it runs."""

import signal
import time
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, close_old_connections

from audit.models import OutboxEvent
from audit.recording.outbox import Flushed, flush

_IDLE_S: Final = 1.0
# After the database was away; long enough not to hammer it while it starts.
_AWAY_S: Final = 5.0


class Command(BaseCommand):
    help = (
        "Moves the events of the outbox into the log. Any number may run at once; one that is"
        " killed loses and doubles nothing. Events that the log refuses stay there, with the"
        " reason, and make the exit status 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--watch", action="store_true", help="go on until SIGINT or SIGTERM")
        how.add_argument("--list", action="store_true", help="only list the refused events")
        how.add_argument("--retry", action="store_true", help="try the refused events again, too")

    def handle(self, *args: Any, watch: bool, list: bool, retry: bool, **options: Any) -> None:
        if list:
            self._list()
            return
        if retry:
            OutboxEvent.objects.exclude(refused="").update(refused="")
        if watch:
            self._watch()
            return
        total = Flushed()
        while moved := flush():
            total += moved
        told = f"{total.recorded} events recorded, {total.refused} refused"
        told += f", {total.suppressed} suppressed by event rules" if total.suppressed else ""
        self.stdout.write(f"{told}.")
        if OutboxEvent.objects.exclude(refused="").exists():
            self.stderr.write("Refused events are waiting: flush_outbox --list tells why.")
            raise SystemExit(1)

    def _list(self) -> None:
        refused = OutboxEvent.objects.exclude(refused="").select_related("organization")
        for entry in refused.order_by("pk").iterator():
            place = f"{entry.pk} {entry.organization.slug} {entry.created_at:%Y-%m-%dT%H:%M:%SZ}"
            self.stdout.write(f"{place} {entry.refused}")

    def _watch(self) -> None:
        is_asked_to_end = False

        def end(*_: object) -> None:
            nonlocal is_asked_to_end
            is_asked_to_end = True

        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, end)
        while not is_asked_to_end:
            time.sleep(self._flush_or_wait())

    def _flush_or_wait(self) -> float:
        """Flush a batch; how long to sleep afterwards, in seconds."""
        try:
            moved = flush()
        except OperationalError as error:
            self.stderr.write(f"The database is away, trying again: {type(error).__name__}")
            close_old_connections()
            return _AWAY_S
        if moved.refused:
            self.stderr.write(f"{moved.refused} events were refused: --list tells why.")
        return 0 if moved else _IDLE_S
