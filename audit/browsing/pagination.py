"""The page of events before or after a place in the log."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from audit.browsing.criteria import HIGHEST, LOWEST, Condition, Period
from audit.browsing.search import Limits, Search, find
from audit.models import Event, EventQuerySet, time_of

PAGE_SIZE = 50


class MalformedCursor(ValueError):
    """Not the id of a place in the log."""


class UnknownCondition(TypeError):
    """A queryset with conditions that a page would not see."""


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events, newest first.

    ``older`` and ``newer`` are the cursors of the neighbouring pages, None where there is none.
    Where a search was cut short before the page was full, it reached ``searched_back_to`` and
    goes on from the cursor ``continue_at``; ``took_too_long`` if that was for want of time. It
    may not even have begun: then ``searched_back_to`` is None.
    """

    events: list[Event]
    older: UUID | None = None
    newer: UUID | None = None
    searched_back_to: datetime | None = None
    continue_at: UUID | None = None
    took_too_long: bool = False


def parse_cursor(text: str | None) -> UUID | None:
    """The cursor a URL parameter holds; None if it holds none. Raises MalformedCursor."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise MalformedCursor(f"“{text}” is not a place in the log.") from None


def newest_first(
    events: EventQuerySet,
    *,
    cursor: UUID | None = None,
    newer: UUID | None = None,
    size: int = PAGE_SIZE,
    limits: Limits | None = None,
) -> EventPage:
    """The page of events older than ``cursor``, or of those just newer than ``newer``.

    With neither, and where less than a page is newer, the first page. ``events`` may be made by
    ``visible_to`` and ``matching`` only; anything else raises UnknownCondition.
    """
    if events.query.is_empty():
        return EventPage([])
    search = search_of(events, limits or Limits())
    if newer is not None:
        return _page_after(search, newer, size) or _page_before(search, None, size)
    return _page_before(search, cursor, size)


def next_older(
    events: EventQuerySet,
    *,
    cursor: UUID | None = None,
    size: int = PAGE_SIZE,
    limits: Limits | None = None,
) -> EventPage:
    """Like ``newest_first``, but for programs, which go one way: nothing is looked for that is
    newer."""
    if events.query.is_empty():
        return EventPage([])
    search = search_of(events, limits or Limits()).within(high=cursor or HIGHEST)
    found = find(search, size + 1)
    is_full = len(found.events) > size
    shown = found.events[:size]
    cut_at = None if is_full else found.cut_at
    return EventPage(
        shown,
        older=shown[-1].id if is_full and shown else None,
        searched_back_to=time_of(cut_at) if cut_at and cut_at < HIGHEST else None,
        continue_at=cut_at,
        took_too_long=found.took_too_long and cut_at is not None,
    )


def search_of(events: EventQuerySet, limits: Limits) -> Search:
    if events.organization_id is None:
        raise UnknownCondition("Say whose events first: visible_to() or in_organization().")
    query = events.query
    if query.is_sliced or len(query.where.children) != 1 + len(events.criteria):
        raise UnknownCondition("A page is read from visible_to() and matching() alone.")
    criteria = tuple(asked for asked in events.criteria if isinstance(asked, Condition))
    search = Search(events.db, events.organization_id, criteria, limits)
    for asked in events.criteria:
        if isinstance(asked, Period):
            search = search.within(asked.low, asked.high)
    return search


def _page_before(search: Search, cursor: UUID | None, size: int) -> EventPage:
    if cursor is None:
        found, at_cursor, has_newer = find(search, size + 1), False, False
    else:
        # The event at the cursor is looked for too: where it is a match, there is a newer page.
        found = find(search.within(high=_after(cursor)), size + 2)
        at_cursor = bool(found.events) and found.events[0].id == cursor
        has_newer = at_cursor or _is_there(search.within(low=_after(cursor)).reversed())
    matches = found.events[at_cursor:]
    events = matches[:size]
    is_full = len(matches) > size
    cut_at = None if is_full else found.cut_at
    return EventPage(
        events,
        older=events[-1].id if is_full else None,
        newer=_newer_than(events, cursor) if has_newer else None,
        searched_back_to=time_of(cut_at) if cut_at and cut_at < HIGHEST else None,
        continue_at=cut_at,
        took_too_long=found.took_too_long and cut_at is not None,
    )


def _page_after(search: Search, newer: UUID, size: int) -> EventPage | None:
    """None where less than a page is newer: the first page then shows all of it, and more."""
    found = find(search.within(low=newer).reversed(), size + 2)
    at_newer = bool(found.events) and found.events[0].id == newer
    matches = found.events[at_newer:]
    if len(matches) <= size and not found.cut_at:
        return None
    events = matches[:size][::-1]
    has_older = at_newer or _is_there(search.within(high=newer))
    older = events[-1].id if events else _after(newer)
    return EventPage(
        events,
        older=older if has_older else None,
        newer=events[0].id if len(matches) > size else found.cut_at,
        took_too_long=found.took_too_long and len(matches) <= size,
    )


def _is_there(search: Search) -> bool:
    """Whether anything matches; a search cut short may go on, so it counts."""
    found = find(search, 1)
    return bool(found.events) or found.cut_at is not None


def _newer_than(events: list[Event], cursor: UUID | None) -> UUID | None:
    if events:
        return events[0].id
    return cursor and UUID(int=max(cursor.int - 1, LOWEST.int))


def _after(id: UUID) -> UUID:
    return UUID(int=min(id.int + 1, HIGHEST.int))
