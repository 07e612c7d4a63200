"""What a filter suggests: the values of the events in view, then others that are in use.

Once they are counted, the most frequent ones take the place of those in view.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from audit.browsing import Choice, FacetCounts, Overview
from audit.event_types import registry
from audit.models import Event

MOST: Final = 8  # of a filter's values, and of the keys of details
_COLUMNS: Final = ("event_type", "deployment", "resource_type")


class Suggested(Protocol):
    """``field`` is one of the dictionary's: ``actor``, ``details.team``."""

    def values(self, field: str) -> dict[str, str]:
        """Value to label."""

    def keys(self) -> list[str]:
        """Keys of details; first those whose values repeat, and so divide the events well."""

    def counts(self, field: str) -> FacetCounts | None:
        """How many events have each; None where that is not known."""


class Suggestions:
    """Of the dictionary alone, the first in the alphabet would hide what one looks at."""

    def __init__(self, events: Iterable[Event], offered: Mapping[str, list[Choice]]) -> None:
        self._offered = offered
        self._counts: dict[str, Counter[str]] = {}
        self._labels: dict[tuple[str, str], str] = {}
        for event in events:
            self._learn(event)

    def values(self, field: str) -> dict[str, str]:
        seen = [value for value, _ in self._counts.get(field, Counter()).most_common(MOST)]
        found = {value: self._labels.get((field, value), value) for value in seen}
        return _filled_up(found, self._offered.get(field, ()))

    def keys(self) -> list[str]:
        seen = {
            field.removeprefix("details."): counts.total() - len(counts)
            for field, counts in self._counts.items()
            if field.startswith("details.")
        }
        ranked = sorted(seen, key=seen.__getitem__, reverse=True)
        known = [choice.value for choice in self._offered.get("details", ())]
        return list(dict.fromkeys([*ranked, *known]))[:MOST]

    def counts(self, field: str) -> None:
        return None

    def _learn(self, event: Event) -> None:
        self._count("actor", event.actor_id, event.actor_name)
        for column in _COLUMNS:
            value = getattr(event, column)
            self._count(column, value, registry.label(value) if column == "event_type" else "")
        for key, value in event.details.items():
            self._count(f"details.{key}", value)

    def _count(self, field: str, value: str, label: str = "") -> None:
        if value:
            self._counts.setdefault(field, Counter())[value] += 1
            self._labels.setdefault((field, value), label or value)


class CountedSuggestions:
    """The most frequent values of the events that were counted; all keys of their details."""

    def __init__(self, overview: Overview, offered: Mapping[str, list[Choice]]) -> None:
        self._facets, self._offered = overview.facets, offered

    def values(self, field: str) -> dict[str, str]:
        counts = self.counts(field)
        found = {each.value: each.label or _called(field, each.value) for each in counts.values}
        return _filled_up(found, self._offered.get(field, ()))

    def keys(self) -> list[str]:
        details = "details."
        return [f.removeprefix(details) for f in self._facets if f.startswith(details)]

    def counts(self, field: str) -> FacetCounts:
        return self._facets.get(field, FacetCounts())


def _called(field: str, value: str) -> str:
    return registry.label(value) if field == "event_type" else value


def _filled_up(found: dict[str, str], offered: Iterable[Choice]) -> dict[str, str]:
    for choice in offered:
        found.setdefault(choice.value, choice.label)
    return dict(list(found.items())[:MOST])
