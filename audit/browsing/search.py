"""Finding the first matches in time order, in bounded time, however long the log.

PostgreSQL plans ``WHERE … ORDER BY id DESC LIMIT 50`` over a GIN index by guessing how soon
fifty matches come, and a wrong guess reads the whole log (docs/storage.md: 23 s, where this
takes 50 ms). So nothing is left to guess:

1. *Walk*: read the first 2,000 events of the range and keep those that match. Common filters
   end here; where a quarter of what is wanted came, walk on.
2. *Arms*: in each partition of the rest, in order, find the matches by the index behind a fence
   (MATERIALIZED), until there are enough.
3. Where the index can't help, for there are only exclusions or a partition holds too many
   matches to sort in time, walk once more, deeper, and stop there.

Every step is bounded in rows, statements and time, and a statement that has no time left is
stopped. What is found is always complete as far as the search came.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import OperationalError, connections
from psycopg.errors import QueryCanceled

from audit.browsing.criteria import HIGHEST, LOWEST, SQL, Condition, by_terms, conjunction, exactly
from audit.models import Event, lowest_id

# All that a page shows: words are there to be compared, not read.
COLUMNS = ", ".join(f.attname for f in Event._meta.concrete_fields if f.name != "words")

_TRIED = 500  # events: about 1 ms
_WALK_ON = 4  # times as far as the first walk, if so large a part was found


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one search may cost. At 10 M events the defaults are seldom reached."""

    walk: int = 2_000  # events
    deep_walk: int = 20_000  # events: about 50 ms
    arms: int = 12  # partitions in one statement: planning takes 0.1 ms each
    pieces: int = 1  # of each partition, to be searched one by one
    statements: int = 10
    statement_ms: int = 600
    total_ms: int = 1_500


@dataclass(frozen=True, slots=True)
class Search:
    """The events of an organisation with ``low <= id < high`` that meet the criteria."""

    using: str
    organization_id: int
    criteria: tuple[Condition, ...]
    limits: Limits
    low: UUID = LOWEST
    high: UUID = HIGHEST
    oldest_first: bool = False
    deadline: float = math.inf  # by time.monotonic()

    def starting_now(self) -> "Search":
        return replace(self, deadline=time.monotonic() + self.limits.total_ms / 1000)

    def within(self, low: UUID = LOWEST, high: UUID = HIGHEST) -> "Search":
        return replace(self, low=max(self.low, low), high=min(self.high, high))

    def cut(self, pieces: int) -> list["Search"]:
        """The range in equally long pieces, the oldest first."""
        low, length = self.low.int, self.high.int - self.low.int
        ends = [UUID(int=low + length * n // pieces) for n in range(pieces + 1)]
        return [self.within(*piece) for piece in pairwise(ends)]

    def beyond(self, edge: UUID) -> "Search":
        """What is left once the search came to ``edge``, inclusive."""
        if self.oldest_first:
            return self.within(low=UUID(int=edge.int + 1))
        return self.within(high=edge)

    def reversed(self) -> "Search":
        return replace(self, oldest_first=not self.oldest_first)

    @property
    def order(self) -> str:
        return "ASC" if self.oldest_first else "DESC"

    @property
    def near_edge(self) -> UUID:
        """The id up to which, inclusive, there is nothing left to search before this."""
        return UUID(int=max(self.low.int - 1, 0)) if self.oldest_first else self.high

    @property
    def far_edge(self) -> UUID:
        """The id a search of all of this comes to, inclusive."""
        return UUID(int=self.high.int - 1) if self.oldest_first else self.low

    @property
    def ms_left(self) -> int:
        """For the next statement; from 0 down there is no time for one."""
        left = (self.deadline - time.monotonic()) * 1000
        return int(min(left, self.limits.statement_ms))

    @property
    def is_empty(self) -> bool:
        return self.low >= self.high

    @property
    def has_terms(self) -> bool:
        return any(criterion.clauses for criterion in self.criteria)

    def range(self) -> SQL:
        sql = "organization_id = %s AND id >= %s AND id < %s"
        return sql, [self.organization_id, self.low, self.high]


@dataclass(slots=True)
class Found:
    """Matches in the order of the search.

    ``cut_at`` is None if these are all or as many as were wanted; else the id the search came
    to, inclusive. ``took_too_long`` says that some of it was given up for want of time.
    """

    events: list[Event] = field(default_factory=list)
    cut_at: UUID | None = None
    took_too_long: bool = False


def find(search: Search, wanted: int) -> Found:
    """The first ``wanted`` events of the search, or as many as its limits allow."""
    found, rest = Found(), search.starting_now()
    try:
        for step in (_walk_first, _walk_on, _search_arms, _walk_deeper):
            if len(found.events) < wanted and not rest.is_empty:
                rest = step(rest, wanted, found)
    except TookTooLong:
        found.took_too_long = True
    if len(found.events) < wanted and not rest.is_empty:
        found.cut_at = rest.near_edge
    return found


def _walk_first(search: Search, wanted: int, found: Found) -> Search:
    return _walk(search, wanted, search.limits.walk if search.criteria else wanted, found)


def _walk_on(search: Search, wanted: int, found: Found) -> Search:
    """Where a good part was found, the others are nearer than all matches of a partition.

    Of filters that 1 in 100 events meets, this takes a third off the time of a page.
    """
    if len(found.events) * _WALK_ON < wanted:
        return search
    return _walk(search, wanted, search.limits.walk * _WALK_ON, found)


def _walk_deeper(search: Search, wanted: int, found: Found) -> Search:
    return _walk(search, wanted, search.limits.deep_walk, found)


def _walk(search: Search, wanted: int, rows: int, found: Found) -> Search:
    """Add matches among the first ``rows`` events, checked one by one; returns the rest."""
    missing = wanted - len(found.events)
    matches = _matches_among(search, missing, rows)
    found.events += matches
    if len(matches) == missing:
        return search.beyond(matches[-1].id)
    edge = edge_of(search, rows) if search.criteria else None
    return search.beyond(search.far_edge if edge is None else edge)


def _matches_among(search: Search, wanted: int, rows: int) -> list[Event]:
    in_range, range_params = search.range()
    matches, params = exactly(search.criteria) if search.criteria else ("true", [])
    sql = f"""
        SELECT {COLUMNS} FROM (
          SELECT * FROM audit_event WHERE {in_range} ORDER BY id {search.order} LIMIT %s
        ) AS walked WHERE {matches} ORDER BY id {search.order} LIMIT %s"""  # noqa: S608
    return events_from(search, sql, [*range_params, rows, *params, wanted])


def edge_of(search: Search, rows: int) -> UUID | None:
    """The last id a walk over ``rows`` events reads; None if it reaches the end."""
    in_range, params = search.range()
    sql = f"""
        SELECT id FROM audit_event WHERE {in_range} ORDER BY id {search.order}
        OFFSET %s LIMIT 1"""  # noqa: S608 -- the values are bound
    edge = bounded(search, sql, [*params, rows - 1])
    return edge[0][0] if edge else None


def _search_arms(search: Search, wanted: int, found: Found) -> Search:
    """Add matches found by the index; returns what there was no time to search."""
    if not search.has_terms:
        return search
    search = rarest_first(search)
    limits, ids, rest = search.limits, list[UUID](), search
    missing = wanted - len(found.events)
    arms, width = arms_of(search), limits.arms
    for _ in range(limits.statements):
        if not arms or len(ids) == missing:
            break
        try:
            ids += _ids(search, arms[:width], missing - len(ids))
        except TookTooLong:
            found.took_too_long = True
            if width == 1:
                break
            width = 1
        else:
            rest = search.beyond(arms[:width][-1].far_edge)
            arms = arms[width:]
    found.events += _events_of(search, ids)
    return rest


def rarest_first(search: Search) -> Search:
    """With those criteria first that the fewest of the first few events meet.

    The index reads the third one's matches only where the first two have met. Two are compared
    with each other in either order, so there is nothing to gain.
    """
    if len([criterion for criterion in search.criteria if criterion.clauses]) < 3:
        return search
    in_range, range_params = search.range()
    tried = [criterion.exactly() for criterion in search.criteria]
    counts = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition, _ in tried)
    sql = f"""
        SELECT {counts} FROM (
          SELECT * FROM audit_event WHERE {in_range} ORDER BY id {search.order} LIMIT %s
        ) AS tried"""  # noqa: S608 -- the values are bound
    params = [value for _, values in tried for value in values]
    (met,) = bounded(search, sql, [*params, *range_params, _TRIED])
    ranked = sorted(zip(met, search.criteria, strict=True), key=lambda pair: pair[0])
    return replace(search, criteria=tuple(criterion for _, criterion in ranked))


def arms_of(search: Search) -> list[Search]:
    """The range of the search cut at the partitions, in the order of the search.

    Nothing is left out between the cuts, so a partition made a moment ago is searched as well.
    """
    with connections[search.using].cursor() as cursor:
        cursor.execute("SELECT starts_at FROM audit_partition WHERE parent = 'audit_event'")
        cuts = sorted(lowest_id(starts_at) for (starts_at,) in cursor.fetchall())
    bounds = [search.low, *(cut for cut in cuts if search.low < cut < search.high), search.high]
    pieces = search.limits.pieces
    arms = [piece for ends in pairwise(bounds) for piece in search.within(*ends).cut(pieces)]
    return arms if search.oldest_first else arms[::-1]


class TookTooLong(Exception):
    """PostgreSQL stopped a statement at its timeout, or there was no time left to begin it."""


def _ids(search: Search, arms: Sequence[Search], missing: int) -> list[UUID]:
    """The first matches of these arms, in order.

    Arms are run one after the other as their places in the UNION say, and the LIMIT spares those
    that are not needed. That holds without parallel workers only.
    """
    sql, params = newest_ids(arms, missing)
    return [id for (id,) in bounded(search, sql, params)]


def newest_ids(arms: Sequence[Search], wanted: int) -> tuple[str, list[Any]]:
    """SQL for the ids of the first ``wanted`` matches of these arms, in order."""
    parts, params = [], list[Any]()
    for arm in arms:
        condition, bound = conjunction(
            [arm.range(), by_terms(arm.criteria, arm.organization_id), exactly(arm.criteria)]
        )
        parts.append(
            f"(WITH m AS MATERIALIZED (SELECT id FROM audit_event WHERE {condition})"  # noqa: S608
            f" SELECT id FROM m ORDER BY id {arm.order} LIMIT %s)"
        )
        params += [*bound, wanted]
    sql = f"SELECT id FROM ({' UNION ALL '.join(parts)}) AS arms LIMIT %s"  # noqa: S608
    return sql, [*params, wanted]


def bounded(search: Search, sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    """Rows of a statement that may take long. Raises TookTooLong."""
    with _in_time(search), connections[search.using].cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _events_of(search: Search, ids: list[UUID]) -> list[Event]:
    if not ids:
        return []
    sql = f"""
        SELECT {COLUMNS} FROM audit_event
        WHERE organization_id = %s AND id = ANY (%s::uuid[]) ORDER BY id {search.order}"""  # noqa: S608
    return events_from(search, sql, [search.organization_id, ids])


def events_from(search: Search, sql: str, params: list[Any]) -> list[Event]:
    """Events of a statement that may take long. Raises TookTooLong."""
    with _in_time(search):
        return list(Event.objects.using(search.using).raw(sql, params))


@contextmanager
def _in_time(search: Search) -> Iterator[None]:
    """Stops a statement inside that takes longer than there is time. Raises TookTooLong."""
    milliseconds = search.ms_left
    if milliseconds <= 0:
        raise TookTooLong
    connection = connections[search.using]
    before, after = _settings(milliseconds, in_transaction=connection.in_atomic_block)

    def limited(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        result = execute("; ".join([*before, sql, *after]), *args)
        for _ in before:  # they have answers, too
            args[-1]["cursor"].nextset()
        return result

    try:
        with connection.execute_wrapper(limited):
            yield
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        if connection.in_atomic_block:
            with connection.cursor() as cursor:
                cursor.execute("; ".join(after))
        raise TookTooLong from None


def _settings(milliseconds: int, *, in_transaction: bool) -> tuple[list[str], list[str]]:
    """What is sent before and after a statement, in one string, so in one round trip.

    Such a string is a transaction, with which the settings end. Inside another's it is none, and
    a savepoint keeps them, and a failure, from what follows. Something must come after the
    statement: a timeout that is due just as it ends would else stop the next one on this
    connection, whoever sends that.
    """
    before = [
        f"SET LOCAL statement_timeout = {milliseconds}",
        "SET LOCAL max_parallel_workers_per_gather = 0",
        "SET LOCAL jit = off",
    ]
    if not in_transaction:
        return before, ["SET LOCAL statement_timeout = 0"]
    return (
        ["SAVEPOINT audit_search", *before],
        ["ROLLBACK TO SAVEPOINT audit_search", "RELEASE SAVEPOINT audit_search"],
    )
