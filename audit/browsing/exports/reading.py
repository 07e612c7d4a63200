"""Every match of a search, batch by batch, with memory that does not grow.

No transaction surrounds it and no cursor stays open on the server: each batch begins below the
last id of the one before. So an export may take hours, down a slow line, and holds nothing up.
It still is the log of one moment, because what was recorded after the first look is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from django.db import connections

from audit.browsing.criteria import LOWEST
from audit.browsing.pagination import search_of
from audit.browsing.search import Limits, Search, TookTooLong, find
from audit.models import Event, EventQuerySet, Snapshot

_BATCH: Final = 1_000  # events; 150 MB, should each have 64 details as long as can be

# Here nobody waits for a page, so a batch may cost what a page must not. Walking far before the
# index is asked is what makes common filters fast: the index has to sort all matches of a
# partition for each batch.
_LIMITS: Final = Limits(
    walk=10_000, deep_walk=100_000, statements=20, statement_ms=30_000, total_ms=60_000
)

# As PostgreSQL stores them: compressed to a third mostly, to a 90th at best. So the documents of
# a group take a few megabytes, and 100 MB at worst.
_GROUP_BYTES: Final = 1 << 20

_NEWEST = """
SELECT clock_timestamp(),
  (SELECT id FROM audit_event WHERE organization_id = %s ORDER BY id DESC LIMIT 1)
"""
_SIZES = """
SELECT id, coalesce(pg_column_size(before), 0) + coalesce(pg_column_size(after), 0)
FROM audit_snapshot WHERE organization_id = %s AND id = ANY (%s::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """An event with its documents as they are stored; None is "no snapshot"."""

    event: Event
    before: str | None = None
    after: str | None = None


@dataclass(slots=True)
class Reading:
    """The events that match, with what has been seen of them so far.

    ``as_of`` is the moment of the first look by the clock of the database, and ``newest`` the
    newest id of the organisation then. What a transaction recorded before that moment and
    committed after it may be missing, as it would be from any answer given then.
    """

    events: EventQuerySet
    oldest_first: bool = False
    as_of: datetime | None = None
    newest: UUID | None = None
    count: int = 0
    first_id: UUID | None = None
    last_id: UUID | None = None

    def groups(self) -> Iterator[list[Exported]]:
        """All of them in order; a group is never empty, and fits into memory.

        Raises TookTooLong where a minute of searching comes no further in the log.
        """
        if self.events.query.is_empty():
            self.as_of = datetime.now(UTC)
            return
        search = self._bounded(search_of(self.events, _LIMITS))
        for batch in _batches(search):
            known = [event for event in batch if self._is_of_then(event)]
            for group in _with_documents(search, known):
                self.count += len(group)
                self.first_id = self.first_id or group[0].event.id
                self.last_id = group[-1].event.id
                yield group

    def _bounded(self, search: Search) -> Search:
        with connections[search.using].cursor() as cursor:
            cursor.execute(_NEWEST, [search.organization_id])
            self.as_of, self.newest = cursor.fetchone()
        search = search.within(high=UUID(int=(self.newest or LOWEST).int + 1))
        return search.reversed() if self.oldest_first else search

    def _is_of_then(self, event: Event) -> bool:
        return self.as_of is not None and event.recorded_at <= self.as_of


def _batches(search: Search) -> Iterator[list[Event]]:
    while not search.is_empty:
        found = find(search, _BATCH)
        if found.events:
            yield found.events
        is_full = len(found.events) == _BATCH
        edge = found.events[-1].id if is_full else found.cut_at
        if edge is None:
            return
        if edge == search.near_edge:
            raise TookTooLong
        search = search.beyond(edge)


def _with_documents(search: Search, events: Sequence[Event]) -> Iterator[list[Exported]]:
    """The events with their documents, in groups whose documents are bounded in bytes."""
    sizes = _sizes(search, events)
    filled = 0

    def group_of(event: Event) -> int:
        nonlocal filled
        filled += sizes.get(event.id, 0)
        return filled // _GROUP_BYTES

    for _, members in groupby(events, group_of):
        group = list(members)
        documents = _documents(search, [event.id for event in group if event.id in sizes])
        yield [Exported(event, *documents.get(event.id, (None, None))) for event in group]


def _sizes(search: Search, events: Sequence[Event]) -> dict[UUID, int]:
    """Bytes on disk, which PostgreSQL knows without reading the documents."""
    if not events:
        return {}
    with connections[search.using].cursor() as cursor:
        cursor.execute(_SIZES, [search.organization_id, [event.id for event in events]])
        return dict(cursor.fetchall())


def _documents(search: Search, ids: list[UUID]) -> dict[UUID, tuple[str | None, str | None]]:
    if not ids:
        return {}
    snapshots = Snapshot.objects.using(search.using).filter(
        organization_id=search.organization_id, id__in=ids
    )
    return {
        id: (before, after) for id, before, after in snapshots.values_list("id", "before", "after")
    }
