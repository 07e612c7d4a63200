"""The end of the log as it grows: the events that became visible since a position.

Neither an id nor a time says what has been seen: a transaction may commit after others that began
later, and the clock of whoever sends events may be behind. What says it is the snapshot. So a
position holds the oldest transaction that was still running when it was taken; whatever an older
one inserted was visible then. Events of that one and of later ones are told, also where they were
told already, for of a savepoint nobody can say which transaction it belongs to. So who follows the
log drops the ids it has; mostly there are none, as transactions that write are short.

Read is only the end of the log, by primary key, so that one look is one short statement. What
arrives with a time further back than OVERLAP (an import) belongs further down and is not told.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connections

from audit.browsing.criteria import exactly
from audit.browsing.pagination import search_of
from audit.browsing.search import COLUMNS, Limits, Search, TookTooLong, events_from
from audit.event_id import EPOCH
from audit.models import Event, EventQuerySet, lowest_id

#: How far an event's time may lie before the look that sees it: a client that batches for some
#: seconds, tries again once or twice, or has a clock that is a little behind.
OVERLAP: Final = timedelta(seconds=30)
#: Events that one look tells; more is a page to be read, not news.
MAX_ARRIVALS: Final = 200
#: Events that one look reads: 160 a second over the overlap, in about 30 ms.
_MAX_READ: Final = 5_000
#: A position is older only where a page was left alone; a new page is cheaper than the rest of it.
MAX_AGE: Final = timedelta(hours=1)

# As many digits as a calendar and 64 bits have room for.
_POSITION = re.compile(r"(\d{1,17})-(\d{1,19})", re.ASCII)
_MICROSECOND: Final = timedelta(microseconds=1)

# The time is read before the snapshot is taken, so it is never ahead of it.
_NOW = "statement_timestamp() AS looked_at, pg_snapshot_xmin(pg_current_snapshot()) AS horizon"


class MalformedPosition(ValueError):
    """Not a position in the log. The message is a sentence."""


class FellBehind(Exception):
    """More happened since the position than one look can tell, or in time."""


@dataclass(frozen=True, slots=True)
class Position:
    """When somebody looked, and the oldest transaction that was running then (an xid8)."""

    looked_at: datetime
    horizon: int

    @classmethod
    def parse(cls, text: str) -> "Position":
        """The position that ``str`` wrote. Raises MalformedPosition."""
        written = _POSITION.fullmatch(text)
        if written is None:
            raise MalformedPosition(f"“{text}” is not a position in the log.")
        return cls(EPOCH + int(written[1]) * _MICROSECOND, int(written[2]))

    def __str__(self) -> str:
        return f"{(self.looked_at - EPOCH) // _MICROSECOND}-{self.horizon}"


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Events that became visible, newest first, and the position to go on from."""

    events: list[Event]
    position: Position


def current_position(using: str = "default") -> Position:
    """Where the log is now. To be taken before what is shown is read."""
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT {_NOW}")
        looked_at, horizon = cursor.fetchone()
    return Position(looked_at, int(horizon))


def arrivals(events: EventQuerySet, since: Position) -> Arrivals:
    """What became visible since a position, in one statement. Raises FellBehind.

    ``events`` may be made by ``visible_to`` and ``matching`` only.
    """
    search = search_of(events, Limits())
    if datetime.now(UTC) - since.looked_at > MAX_AGE:
        raise FellBehind
    search = search.within(low=lowest_id(max(since.looked_at - OVERLAP, EPOCH)))
    # One row at least: that of the look itself, with an empty event.
    try:
        rows = events_from(search, *_look(search, since))
    except TookTooLong:
        raise FellBehind from None
    found = [row for row in rows if row.id is not None]
    look = rows[0].__dict__
    if look["is_more"] or len(found) > MAX_ARRIVALS:
        raise FellBehind
    return Arrivals(found, Position(look["looked_at"], int(look["horizon"])))


def _look(search: Search, since: Position) -> tuple[str, list[Any]]:
    in_range, of_range = search.range()
    matches, of_criteria = exactly(search.criteria) if search.criteria else ("true", [])
    sql = f"""
        SELECT look.*, arrived.* FROM (
          SELECT {_NOW}, EXISTS (
            SELECT FROM audit_event WHERE {in_range} ORDER BY id DESC OFFSET %s LIMIT 1) AS is_more
        ) AS look LEFT JOIN (
          SELECT {COLUMNS} FROM (
            SELECT *, xmin AS inserted_by FROM audit_event WHERE {in_range}
            ORDER BY id DESC LIMIT %s
          ) AS walked
          WHERE age(inserted_by) <= age(%s::text::xid8::xid) AND {matches}
          ORDER BY id DESC LIMIT %s
        ) AS arrived ON true ORDER BY arrived.id DESC"""  # noqa: S608 -- the values are bound
    walk = [*of_range, _MAX_READ, *of_range, _MAX_READ, str(since.horizon)]
    return sql, [*walk, *of_criteria, MAX_ARRIVALS + 1]
