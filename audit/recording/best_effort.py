"""Recording that never stands in the way of what it tells about."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from threading import Lock

from django.db import connection, transaction

from audit.models import Organization
from audit.recording.many import record_many
from audit.recording.outbox import identified

# Of each statement. A single event takes three, so the caller waits for a second at most.
STATEMENT_TIMEOUT_MS = 300

logger = logging.getLogger(__name__)
_lost: Counter[str] = Counter()
_counting = Lock()


def record_after_commit(organization: Organization, events: Sequence[Mapping[str, object]]) -> None:
    """Record events once the surrounding transaction is committed, or at once without one.

    What goes wrong is logged, without what the events hold, and counted.
    """
    now = datetime.now(UTC)
    identified_events = [identified(event, now) for event in events]
    transaction.on_commit(lambda: _try(organization, identified_events), robust=True)


def lost_events() -> dict[str, int]:
    """How many events of which type this process could not record in this mode."""
    with _counting:
        return dict(_lost)


def _try(organization: Organization, events: Sequence[Mapping[str, object]]) -> None:
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}")
            rejected = record_many(organization, events).rejected
    except Exception as error:  # noqa: BLE001 -- whatever it is, the caller goes on
        _lose(events, type(error).__name__)
    else:
        _lose([events[each.index] for each in rejected], "InvalidEvent")


def _lose(events: Sequence[Mapping[str, object]], reason: str) -> None:
    by_type = Counter(str(event.get("event_type")) for event in events)
    with _counting:
        _lost.update(by_type)
    for event_type, count in by_type.items():
        logger.error("Lost %d events of type %s: %s", count, event_type, reason)
