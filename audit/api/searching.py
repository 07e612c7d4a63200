"""The search of the events page, for programs: the same filters, query language and places."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.http import QueryDict

from audit import browsing
from audit.api import cursors
from audit.api.authentication import Caller
from audit.browsing import EventFilterSet, EventPage
from audit.browsing.criteria import HIGHEST

#: Events on a page, if nothing is said, and at most.
DEFAULT_PAGE: Final = 50
MAX_PAGE: Final = 1_000

#: What may be filtered by, with the query ``q``.
PARAMETERS: Final = tuple(EventFilterSet.get_filters())


class InvalidSearch(ValueError):
    """What is asked can't be. ``errors`` are sentences by parameter."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__(" ".join(text for texts in errors.values() for text in texts))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Search:
    """A caller's events that meet filters, given as the URL of the events page gives them."""

    caller: Caller
    asked: Mapping[str, Sequence[str]]

    def filters(self) -> EventFilterSet:
        """Raises InvalidSearch."""
        data = QueryDict(mutable=True)
        for name, values in self.asked.items():
            data.setlist(name, list(values))
        filters = EventFilterSet(data, queryset=self.caller.events)
        if filters.errors:
            raise InvalidSearch(filters.errors)
        return filters

    def page(self, size: int, cursor: str | None = None) -> EventPage:
        """Events older than the cursor, newest first. Raises InvalidSearch."""
        if not 1 <= size <= MAX_PAGE:
            raise InvalidSearch({"size": [f"A page has 1 to {MAX_PAGE:,} events, not {size:,}."]})
        place = self._place(cursor) if cursor else None
        page = browsing.next_older(self.filters().qs, cursor=place, size=size)
        if page.took_too_long and page.continue_at == (place or HIGHEST):
            raise InvalidSearch(
                {"q": ["Nothing was found in the time that a search may take. Narrow the range."]}
            )
        return page

    def cursor_of(self, place: UUID) -> str:
        return cursors.sign(place, self.caller.organization, self.asked)

    def next_cursor(self, page: EventPage) -> str | None:
        """Where the page after this one begins; None if there is none."""
        place = page.older or page.continue_at
        return self.cursor_of(place) if place else None

    def _place(self, cursor: str) -> UUID:
        try:
            return cursors.read(cursor, self.caller.organization, self.asked)
        except cursors.InvalidCursor as error:
            raise InvalidSearch({"cursor": [str(error)]}) from None
