"""How many events match over time, in about 60 bars: exact where that is quick, else estimated.

Exact are

1. the matches that an overview has counted all of;
2. at most 20,000 events in the range, read one by one;
3. up to 10,000 matches that the index finds; and up to 30,000, where a sample says that there
   are about so many and there is time.

Everything else is estimated from a sample: 5,000 of the disk pages of the partitions, drawn at
random but the same ones each time, so that the picture does not flicker and the pages stay in
memory. How many matches were in it is said.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connections

from audit.browsing.buckets import Width
from audit.browsing.criteria import SQL, conjunction, exactly
from audit.browsing.overview import Overview, by_index, by_walking, within_partitions
from audit.browsing.pagination import search_of
from audit.browsing.search import Limits, Search, TookTooLong, bounded, edge_of, rarest_first
from audit.browsing.timeline import BARS, BARS_NEED, Counts, Timeline
from audit.models import EventQuerySet

_PAGES: Final = """
SELECT coalesce(sum(pg_relation_size(name::regclass)), 0)::bigint / 8192 FROM audit_partition
WHERE parent = 'audit_event' AND starts_at < %s AND ends_at > %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a histogram may cost."""

    walk: int = 20_000  # events
    few_matches: int = 10_000  # looked for at once, unless an overview has
    matches: int = 30_000  # about 50 ms
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
    timeline: Timeline | None,
    *,
    counted: Overview | None = None,
    bounds: Bounds | None = None,
) -> Histogram | None:
    """The bars of these events along their timeline; None without one, or if it took too long.

    If an overview of them, with this timeline, has ``counted`` all, nothing is searched for.
    ``events`` may be made by ``visible_to`` and ``matching`` only; anything else raises
    UnknownCondition.
    """
    bounds = bounds or Bounds()
    if timeline is None:
        return None
    search = search_of(events, Limits(statement_ms=bounds.statement_ms)).starting_now()
    drawing = _Drawing(search, bounds, timeline)
    try:
        bars, sampled = drawing.draw(counted)
    except TookTooLong:
        return None
    return Histogram(bars, timeline.buckets.width, timeline.since, timeline.until, sampled)


type _Drawn = tuple[tuple[Bar, ...], int | None]


@dataclass(frozen=True, slots=True)
class _Drawing:
    search: Search
    bounds: Bounds
    timeline: Timeline

    def draw(self, counted: Overview | None) -> _Drawn:
        """Raises TookTooLong."""
        if counted and counted.has_all and counted.bars is not None:
            return self._bars(counted.bars), None
        walk = self.bounds.walk
        if edge_of(self.search, walk + 1) is None:
            return self._bars(self._count(by_walking(self.search, BARS_NEED, walk, walk))), None
        few = self._by_index(self.bounds.few_matches) if counted is None else None
        return few or self._estimated_or_by_index()

    def _estimated_or_by_index(self) -> _Drawn:
        bars, sampled = estimate = self._estimated()
        if sampled is None or sum(bar.count for bar in bars) > self.bounds.matches:
            return estimate
        return self._by_index(self.bounds.matches) or estimate

    def _by_index(self, most: int) -> _Drawn | None:
        """All matches, if the index finds them in time, in few partitions, and no more."""
        if not self.search.has_terms:
            return None
        search, is_all = within_partitions(self.search, self.bounds.partitions)
        if not is_all:
            return None
        try:
            counts = self._count(by_index(rarest_first(search), BARS_NEED, most + 1))
        except TookTooLong:
            return None
        return (self._bars(counts), None) if sum(n for n, *_ in counts.values()) <= most else None

    def _estimated(self) -> _Drawn:
        percent = self._percent()
        counts = self._count(self._sample(percent))
        found = sum(n for n, *_ in counts.values())
        return self._bars(counts, 100 / percent), None if percent == 100 else found

    def _percent(self) -> float:
        """How much of the partitions is as large as the sample should be."""
        low, high = self.timeline.buckets.bounds[0], self.timeline.buckets.bounds[-1]
        with connections[self.search.using].cursor() as cursor:
            cursor.execute(_PAGES, [high, low])
            pages: int = cursor.fetchone()[0]
        return 100 * self.bounds.sample / max(pages, self.bounds.sample)

    def _sample(self, percent: float) -> SQL:
        search = self.search
        condition, params = conjunction([search.range(), exactly(search.criteria)])
        sql = f"""
          SELECT {BARS_NEED} FROM audit_event TABLESAMPLE SYSTEM (%s) REPEATABLE (1)
          WHERE {condition}"""  # noqa: S608 -- the values are bound
        return sql, [percent, *params]

    def _count(self, source: SQL) -> Counts:
        sql, params = source
        counting = BARS.format(source=f"({sql}) AS matching")
        rows = bounded(self.search, counting, [self.timeline.starts, *params])
        return {bar: (n, deleted, failed) for bar, n, deleted, failed in rows}

    def _bars(self, counts: Counts, weight: float = 1) -> tuple[Bar, ...]:
        return tuple(
            Bar(*ends, *(round(n * weight) for n in counts.get(place, (0, 0, 0))))
            for place, ends in enumerate(self.timeline.buckets, 1)
        )
