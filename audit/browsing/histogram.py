"""How many events match over time, in about 60 bars: exact where that is quick, else estimated.

Exact are

1. at most 20,000 events in the range, read one by one;
2. at most 10,000 matches that the index finds; and up to 60,000, where a sample says that there
   are about so many and there is time.

Everything else is estimated from a sample: 5,000 of the disk pages of the partitions, drawn at
random but the same ones each time, so that the picture does not flicker and the pages stay in
memory. How many matches were in it is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

from django.db import connections

from audit.browsing.buckets import Buckets, Width, buckets
from audit.browsing.criteria import SQL, conjunction, exactly
from audit.browsing.overview import Count, by_index, by_walking, within_partitions
from audit.browsing.pagination import search_of
from audit.browsing.search import Limits, Search, TookTooLong, bounded, edge_of
from audit.models import EventQuerySet, time_of

_MILLISECOND: Final = timedelta(milliseconds=1)
_NEEDED: Final = "occurred_at, change, outcome"

_EXTENT = """
SELECT (SELECT id FROM audit_event WHERE {range} ORDER BY id LIMIT 1),
  (SELECT id FROM audit_event WHERE {range} ORDER BY id DESC LIMIT 1)
"""
_BARS = """
SELECT width_bucket(occurred_at, %s::timestamptz[]) AS bar, count(*),
  count(*) FILTER (WHERE change = 'deleted' AND outcome = 'success'),
  count(*) FILTER (WHERE outcome <> 'success')
FROM ({source}) AS matching GROUP BY bar
"""
_PAGES = """
SELECT coalesce(sum(pg_relation_size(name::regclass)), 0)::bigint / 8192 FROM audit_partition
WHERE parent = 'audit_event' AND starts_at < %s AND ends_at > %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a histogram may cost."""

    walk: int = 20_000  # events
    matches: int = 10_000
    many_matches: int = 60_000  # about 100 ms
    sample: int = 5_000  # pages of 8 kB, with some 40,000 events
    partitions: int = 120
    statement_ms: int = 600


@dataclass(frozen=True, slots=True)
class Bar:
    """Events from ``since`` up to, not including, ``until``.

    ``deleted`` of them deleted something; ``failed`` of them failed or were denied, and so did
    not.
    """

    since: datetime
    until: datetime
    count: int = 0
    deleted: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Histogram:
    """``sampled``: the bars are estimated from so many matches; None where they are exact.

    ``since`` and ``until`` are the range that is shown: what is asked for, as far as the log goes.
    """

    bars: tuple[Bar, ...]
    width: Width
    since: datetime
    until: datetime
    sampled: int | None = None

    @property
    def is_exact(self) -> bool:
        return self.sampled is None


def histogram(
    events: EventQuerySet,
    *,
    now: datetime,
    zone: tzinfo,
    total: Count | None = None,
    bounds: Bounds | None = None,
) -> Histogram | None:
    """The bars of these events; None where the log has none in the range, or it took too long.

    The ``total``, if it is known, spares looking for all matches where they are too many.
    ``events`` may be made by ``visible_to`` and ``matching`` only; anything else raises
    UnknownCondition.
    """
    bounds = bounds or Bounds()
    if events.query.is_empty():
        return None
    search = search_of(events, Limits(statement_ms=bounds.statement_ms)).starting_now()
    extent = None if search.is_empty else _extent(search, now)
    if extent is None:
        return None
    drawing = _Drawing(search, bounds, buckets(*extent, zone), total)
    try:
        bars, sampled = drawing.draw()
    except TookTooLong:
        return None
    return Histogram(bars, drawing.buckets.width, *extent, sampled)


def _extent(search: Search, now: datetime) -> tuple[datetime, datetime] | None:
    """The range asked for; where it is open, from the first event to now or the last one."""
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


type _Drawn = tuple[tuple[Bar, ...], int | None]


@dataclass(frozen=True, slots=True)
class _Drawing:
    search: Search
    bounds: Bounds
    buckets: Buckets
    total: Count | None

    def draw(self) -> _Drawn:
        """Raises TookTooLong."""
        search, bounds = self.search, self.bounds
        if edge_of(search, bounds.walk + 1) is None:
            return self._bars(by_walking(search, _NEEDED, bounds.walk, bounds.walk)), None
        if not search.has_terms:
            return self._estimated()
        is_much = self.total and not self.total.is_exact and self.total.count >= bounds.matches
        try:
            few = None if is_much else self._by_index(bounds.matches)
            return few or self._with_more_matches()
        except TookTooLong:
            return self._estimated()

    def _with_more_matches(self) -> _Drawn:
        bars, sampled = estimate = self._estimated()
        if sampled is None or sum(bar.count for bar in bars) > self.bounds.many_matches:
            return estimate
        try:
            return self._by_index(self.bounds.many_matches) or estimate
        except TookTooLong:
            return estimate

    def _by_index(self, most: int) -> _Drawn | None:
        """All matches; None where they are more, or in too many partitions."""
        search, is_all = within_partitions(self.search, self.bounds.partitions)
        if not is_all:
            return None
        bars = self._bars(by_index(search, _NEEDED, most + 1))
        return (bars, None) if sum(bar.count for bar in bars) <= most else None

    def _estimated(self) -> _Drawn:
        percent = self._percent()
        bars = self._bars(self._sample(percent), 100 / percent)
        found = sum(bar.count for bar in bars) * percent / 100
        return bars, None if percent == 100 else round(found)

    def _percent(self) -> float:
        """How much of the partitions is as large as the sample should be."""
        low, high = self.buckets.bounds[0], self.buckets.bounds[-1]
        with connections[self.search.using].cursor() as cursor:
            cursor.execute(_PAGES, [high, low])
            pages: int = cursor.fetchone()[0]
        return 100 * self.bounds.sample / max(pages, self.bounds.sample)

    def _sample(self, percent: float) -> SQL:
        search = self.search
        condition, params = conjunction([search.range(), exactly(search.criteria)])
        sql = f"""
          SELECT {_NEEDED} FROM audit_event TABLESAMPLE SYSTEM (%s) REPEATABLE (1)
          WHERE {condition}"""  # noqa: S608 -- the values are bound
        return sql, [percent, *params]

    def _bars(self, source: SQL, weight: float = 1) -> tuple[Bar, ...]:
        sql, params = source
        starts = list(self.buckets.bounds[:-1])
        rows = bounded(self.search, _BARS.format(source=sql), [starts, *params])
        counts: dict[int, Sequence[Any]] = {bar: counted for bar, *counted in rows}
        return tuple(
            Bar(*ends, *(round(n * weight) for n in counts.get(place, (0, 0, 0))))
            for place, ends in enumerate(self.buckets, 1)
        )
