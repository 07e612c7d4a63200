"""Events that are answered together: what one of them needs is read for all."""

import time
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from audit import browsing
from audit.api.graphql.errors import invalid
from audit.browsing import Comparison, Documents, TooManyDocuments
from audit.browsing.documents import Texts
from audit.models import Event

# Seconds of comparing. Ordinary documents take a millisecond, the largest about a second.
_COMPARING_S: Final = 5.0


class Group:
    """The events of one page; a query costs the same number of statements whatever it selects."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._documents = Documents(events)
        self._comparisons: dict[UUID, Comparison] = {}
        self._seconds_left = _COMPARING_S

    def texts(self, event: Event) -> Texts:
        """The documents of an event, as they are stored. Raises GraphQLError."""
        try:
            return self._documents.of(event)
        except TooManyDocuments:
            raise invalid(
                "The documents of these events are too much for one answer: ask for fewer events,"
                f" or for this one alone, as event(id: “{event.id}”)."
            ) from None

    def comparison(self, event: Event) -> Comparison:
        """Made once, whatever is asked of it. Raises GraphQLError."""
        if event.id not in self._comparisons:
            texts = self.texts(event)
            if self._seconds_left <= 0:
                raise invalid(
                    "Comparing the documents of these events takes too long for one answer:"
                    " ask for fewer events."
                )
            began = time.monotonic()
            self._comparisons[event.id] = browsing.compare(event.event_type, *texts, most_rows=0)
            self._seconds_left -= time.monotonic() - began
        return self._comparisons[event.id]
