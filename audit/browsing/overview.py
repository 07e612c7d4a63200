"""How many events match, and which values they have: bounded like a page, and said to be so.

Counting all matches would read the log. What is counted instead is

1. where the index helps, every match, until there are more than 10,000: then the total is
   "10,000+" (a fence keeps PostgreSQL from anything but the index, and it stops there);
2. where there are more, or the index can't help, the newest matches of a walk from the newest
   one down: at most 10,000 of them, in at most 10,000 events.

Counts over all matches are exact; else they are those of the newest so many. Where all are read,
they are told to the bars of a histogram as well, which then need no search of their own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from audit.browsing.criteria import SQL, by_terms, conjunction, exactly
from audit.browsing.pagination import search_of
from audit.browsing.search import (
    Limits,
    Search,
    TookTooLong,
    arms_of,
    bounded,
    edge_of,
    find,
    rarest_first,
)
from audit.browsing.timeline import BARS, BARS_NEED, Counts, Timeline
from audit.models import EventQuerySet

# Field to column and the column that holds what people call the value.
_COLUMNS: Final = {
    "actor": ("actor_id", "actor_name"),
    "event_type": ("event_type", ""),
    "deployment": ("deployment", ""),
    "resource_type": ("resource_type", ""),
    "change": ("change", ""),
    "actor_kind": ("actor_kind", ""),
    "outcome": ("outcome", ""),
}
_NEEDED: Final = (
    f"id, actor_id, actor_name, event_type, deployment, resource_type, actor_kind, {BARS_NEED},"
    " details"
)
_DETAILS: Final = "details."
_BAR: Final = "bar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What an overview may cost, and show."""

    matches: int = 10_000
    walk: int = 10_000  # events: about 15 ms, and 35 to count them
    partitions: int = 120  # planning takes 0.1 ms each
    statement_ms: int = 600
    values: int = 8  # of a facet
    keys: int = 100  # of details

    def less(self) -> "Bounds":
        return replace(self, matches=self.matches // 10, walk=self.walk // 10)


@dataclass(frozen=True, slots=True)
class Count:
    """``count`` events match; if not ``is_exact``, at least so many."""

    count: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class FacetValue:
    value: str
    label: str  # empty where the value is called what it is
    count: int


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """The most frequent values of one field, out of ``distinct`` that ``events`` events have."""

    values: tuple[FacetValue, ...] = ()
    distinct: int = 0
    events: int = 0

    @property
    def other_values(self) -> int:
        return self.distinct - len(self.values)

    @property
    def other_events(self) -> int:
        return self.events - sum(value.count for value in self.values)


@dataclass(frozen=True, slots=True)
class Overview:
    """The total, and the facets of the newest ``counted`` matches.

    ``facets`` are by field, as the dictionary calls it: ``actor``, ``details.team``. Of details,
    those keys come first whose values repeat, and so divide the events well; ``keys`` is how
    many there are. ``bars`` are those of a timeline. ``has_all``: all are those of all matches.
    """

    total: Count
    facets: Mapping[str, FacetCounts] = field(default_factory=dict)
    counted: int = 0
    keys: int = 0
    bars: Counts | None = None

    @property
    def has_all(self) -> bool:
        return self.total.is_exact and self.counted == self.total.count


def overview(
    events: EventQuerySet,
    *,
    asked: Iterable[tuple[str, str]] = (),
    timeline: Timeline | None = None,
    bounds: Bounds | None = None,
) -> Overview | None:
    """Total and facets of these events; None where even a little took too long.

    Values that are ``asked``, as field and value, are counted however rare they are. The bars are
    those of the ``timeline``, of the same events. ``events``
    may be made by ``visible_to`` and ``matching`` only; anything else raises UnknownCondition.
    """
    bounds = bounds or Bounds()
    if events.query.is_empty():
        return Overview(Count(0, is_exact=True))
    search = search_of(events, Limits(statement_ms=bounds.statement_ms)).starting_now()
    if search.is_empty:
        return Overview(Count(0, is_exact=True))
    counting = _Counting(search, bounds, tuple(asked), timeline)
    by_index = counting.by_index() if search.has_terms else None
    if by_index and by_index.has_all:
        return by_index
    walked = counting.by_walking()
    return replace(walked, total=_better(walked.total, by_index)) if walked else by_index


def _better(total: Count, other: Overview | None) -> Count:
    if total.is_exact or other is None:
        return total
    return max(total, other.total, key=lambda count: count.count)


@dataclass(frozen=True, slots=True)
class _Counting:
    search: Search
    bounds: Bounds
    asked: tuple[tuple[str, str], ...]
    timeline: Timeline | None

    def by_index(self) -> Overview | None:
        """All matches, or the total alone where they are too many; None if that takes too long."""
        search, is_all = within_partitions(self.search, self.bounds.partitions)
        try:
            search = rarest_first(search)
            source = by_index(search, _NEEDED, self.bounds.matches + 1)
            found, overview = self._count(source, only_all=True)
        except TookTooLong:
            return None
        is_exact = is_all and found <= self.bounds.matches
        return replace(overview, total=replace(overview.total, is_exact=is_exact))

    def by_walking(self) -> Overview | None:
        """The newest matches of a walk from the newest one down."""
        for bounds in (self.bounds, self.bounds.less()):
            try:
                return replace(self, bounds=bounds)._walk()
            except TookTooLong:
                continue
        return None

    def _walk(self) -> Overview:
        search, bounds = self._from_newest(), self.bounds
        rows = bounds.walk if search.criteria else bounds.matches + 1
        found, overview = self._count(by_walking(search, _NEEDED, rows, bounds.matches + 1))
        is_exact = found <= bounds.matches and edge_of(search, rows) is None
        return replace(overview, total=replace(overview.total, is_exact=is_exact))

    def _from_newest(self) -> Search:
        if not self.search.has_terms:
            return self.search
        # There are many matches: those of a quarter of a partition are read in a third of the time.
        limits = replace(self.search.limits, pieces=4, arms=24)
        newest = find(replace(self.search, limits=limits), 1).events
        return self.search.within(high=UUID(int=newest[0].id.int + 1)) if newest else self.search

    def _count(self, source: SQL, *, only_all: bool = False) -> tuple[int, Overview]:
        """How many were found, and what is known of as many of them as may be counted."""
        sql, params = source
        bounds = self.bounds
        values = [bounds.matches, only_all, bounds.matches]
        starts = self.timeline.starts if self.timeline else []
        asked = [[name for name, _ in self.asked], [value for _, value in self.asked]]
        rows = bounded(
            self.search,
            _FACETS.format(source=sql),
            [*params, *values, starts, bounds.values, *asked, bounds.keys],
        )
        (found, counted, keys), told = rows[0][:3], dict[str, list[tuple[Any, ...]]]()
        for row in rows:
            if row[3] is not None:
                told.setdefault(row[3], []).append(row[4:])
        bars = {int(bar): (n, deleted, failed) for bar, _, n, deleted, failed in told.pop(_BAR, ())}
        facets = {name: _facet(of) for name, of in told.items()}
        total = Count(min(found, bounds.matches), is_exact=False)
        return found, Overview(total, facets, counted, keys or 0, bars if self.timeline else None)


def _facet(rows: list[tuple[Any, ...]]) -> FacetCounts:
    values = tuple(FacetValue(value, label, count) for value, label, count, *_ in rows)
    *_, distinct, events = rows[0]
    return FacetCounts(values, distinct, int(events))


def within_partitions(search: Search, most: int) -> tuple[Search, bool]:
    """The search in the newest partitions of its range, and whether those are all."""
    arms = arms_of(search)
    return search.within(low=arms[:most][-1].low), len(arms) <= most


def by_index(search: Search, columns: str, most: int) -> SQL:
    """Up to ``most`` matches, whichever the index finds first.

    The fence is for the planner, which else would expect ``most`` of them to come soon. It runs
    no further than it is read.
    """
    condition, params = conjunction(
        [
            search.range(),
            by_terms(search.criteria, search.organization_id),
            exactly(search.criteria),
        ]
    )
    sql = f"""
      WITH matching AS MATERIALIZED (SELECT {columns} FROM audit_event WHERE {condition})
      SELECT * FROM matching LIMIT %s"""  # noqa: S608 -- the values are bound
    return sql, [*params, most]


def by_walking(search: Search, columns: str, rows: int, most: int) -> SQL:
    """Up to ``most`` matches among the newest ``rows`` events of the range, newest first."""
    in_range, range_params = search.range()
    matches, params = exactly(search.criteria) if search.criteria else ("true", [])
    sql = f"""
      SELECT {columns} FROM (
        SELECT * FROM audit_event WHERE {in_range} ORDER BY id DESC LIMIT %s
      ) AS walked WHERE {matches} LIMIT %s"""  # noqa: S608 -- the values are bound
    return sql, [*range_params, rows, *params, most]


def _of_column(name: str, column: str, label: str) -> str:
    called = f"any_value({label})" if label else "''"
    return (
        f"SELECT '{name}' AS field, {column} AS value, {called} AS label, count(*) AS n"  # noqa: S608
        f" FROM matched WHERE {column} <> '' GROUP BY {column}"
    )


# One row at least, with how many were found and counted, and how many keys there are; and one
# for each value that is shown, and each bar, with what is counted of it. What the found rows are
# to be read for when only all of them will do, is decided before they are.
_FACETS: Final = f"""
WITH found AS MATERIALIZED ({{source}}),
total AS MATERIALIZED (SELECT count(*) AS n FROM found),
matched AS MATERIALIZED (
  SELECT * FROM found WHERE (SELECT n <= %s OR NOT %s FROM total) LIMIT %s),
bars AS ({BARS.format(source="matched")}),
counted AS (
  {" UNION ALL ".join(_of_column(name, *columns) for name, columns in _COLUMNS.items())}
  UNION ALL
  SELECT '{_DETAILS}' || split_part(tag, ':', 1), substr(tag, strpos(tag, ':') + 1), '', count(*)
  FROM matched CROSS JOIN unnest(details) AS tag GROUP BY tag
),
ranked AS (
  SELECT *, count(*) OVER of_field AS "distinct", sum(n) OVER of_field AS events,
    row_number() OVER (of_field ORDER BY n DESC, value COLLATE "C") AS place
  FROM counted WINDOW of_field AS (PARTITION BY field)
),
shown AS (
  SELECT *, starts_with(field, '{_DETAILS}') AS is_detail FROM ranked
  WHERE place <= %s
    OR (field, value) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
),
placed AS (
  SELECT *, CASE WHEN is_detail THEN dense_rank() OVER (
    PARTITION BY is_detail ORDER BY events - "distinct" DESC, events DESC, field) END AS key
  FROM shown
)
SELECT total.n, (SELECT count(*) FROM matched), (SELECT max(key) FROM placed),
  field, value, label, shown.n, "distinct", events
FROM total LEFT JOIN (
  SELECT field, value, label, n, "distinct", events, place, key FROM placed
  UNION ALL
  SELECT '{_BAR}', bar::text, '', n, deleted, failed, bar, NULL FROM bars
) AS shown ON key IS NULL OR key <= %s
ORDER BY key NULLS FIRST, field, place
"""  # noqa: S608 -- put together from constants
