"""The range of time that a histogram shows, and how events are told to its bars."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from django.db import connections

from audit.browsing.buckets import Buckets, buckets
from audit.browsing.pagination import search_of
from audit.browsing.search import Limits, Search
from audit.models import EventQuerySet, time_of

_MILLISECOND: Final = timedelta(milliseconds=1)

_EXTENT: Final = """
SELECT (SELECT id FROM audit_event WHERE {range} ORDER BY id LIMIT 1),
  (SELECT id FROM audit_event WHERE {range} ORDER BY id DESC LIMIT 1)
"""

# Of a bar: its place, from 1; how many events; how many that deleted something; how many failed.
BARS: Final = """
SELECT width_bucket(occurred_at, %s::timestamptz[])::int AS bar, count(*) AS n,
  count(*) FILTER (WHERE change = 'deleted' AND outcome = 'success') AS deleted,
  count(*) FILTER (WHERE outcome <> 'success') AS failed
FROM {source} GROUP BY bar
"""
BARS_NEED: Final = "occurred_at, change, outcome"

# Place of a bar to its three counts.
type Counts = dict[int, tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Timeline:
    """``since`` and ``until`` are what is asked for, as far as the log goes."""

    since: datetime
    until: datetime
    buckets: Buckets

    @property
    def starts(self) -> list[datetime]:
        return list(self.buckets.bounds[:-1])


def timeline(events: EventQuerySet, *, now: datetime, zone: tzinfo) -> Timeline | None:
    """Of these events; None where the log has none in their range.

    Where the range is open, it goes from the first event to now, or to the last one. ``events``
    may be made by ``visible_to`` and ``matching`` only; anything else raises UnknownCondition.
    """
    search = None if events.query.is_empty() else search_of(events, Limits())
    extent = None if search is None or search.is_empty else _extent(search, now)
    return Timeline(*extent, buckets(*extent, zone)) if extent else None


def _extent(search: Search, now: datetime) -> tuple[datetime, datetime] | None:
    condition, params = search.range()
    with connections[search.using].cursor() as cursor:
        cursor.execute(_EXTENT.format(range=condition), [*params, *params])
        first, last = cursor.fetchone()
    if first is None:
        return None
    asked_since, asked_until = time_of(search.low), _time_or_none(search)
    since = max(asked_since, time_of(first)) if search.low.int == 0 else asked_since
    end = max(now, time_of(last) + _MILLISECOND)
    return since, min(asked_until, end) if asked_until else end


def _time_or_none(search: Search) -> datetime | None:
    """The end of the range, if it is one that a calendar has."""
    try:
        return time_of(search.high)
    except OverflowError:
        return None
