"""The documents of several events, read together and only if somebody asks."""

from collections.abc import Sequence
from functools import cached_property
from typing import Final
from uuid import UUID

from django.db import connection

from audit.models import Event

# As PostgreSQL stores them: compressed to a third mostly. Of a thousand events that have ordinary
# documents this is all.
MOST_BYTES: Final = 4 << 20

_READ = """
SELECT id, CASE WHEN fits THEN before::text END, CASE WHEN fits THEN after::text END, fits
FROM (
  SELECT id, before, after, sum(
    coalesce(pg_column_size(before), 0) + coalesce(pg_column_size(after), 0)
  ) OVER (ORDER BY id DESC) <= %s AS fits
  FROM audit_snapshot WHERE organization_id = %s AND id = ANY (%s::uuid[])
) AS snapshot
"""

type Texts = tuple[str | None, str | None]


class TooManyDocuments(ValueError):
    """The documents of these events are more than may be read at once."""


class Documents:
    """``of(event)`` is what an event shows before and after, as text; None is "no snapshot".

    The first to ask has those of all the events read, newest first, in one query.
    """

    def __init__(self, events: Sequence[Event], most_bytes: int = MOST_BYTES) -> None:
        self._events, self._most_bytes = events, most_bytes

    def of(self, event: Event) -> Texts:
        """Raises TooManyDocuments where those of newer events leave no room."""
        texts = self._read.get(event.id, (None, None))
        if texts is None:
            raise TooManyDocuments
        return texts

    def fit(self, event: Event) -> bool:
        """Whether ``of`` has an answer."""
        return self._read.get(event.id, (None, None)) is not None

    @cached_property
    def _read(self) -> dict[UUID, Texts | None]:
        """None for those that do not fit; one event alone always does."""
        if not self._events:
            return {}
        ids = [event.id for event in self._events]
        most_bytes = self._most_bytes if len(ids) > 1 else _UNBOUNDED
        with connection.cursor() as cursor:
            cursor.execute(_READ, [most_bytes, self._events[0].organization_id, ids])
            return {id: (before, after) if fits else None for id, before, after, fits in cursor}


_UNBOUNDED: Final = 1 << 40  # two documents of a megabyte are all that one event can have
