"""What a filter suggests: the values of the events in view, then others that are in use."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from audit.browsing import Choice
from audit.event_types import registry
from audit.models import Event

_MOST: Final = 8  # of a filter's values, and of the keys of details
_COLUMNS: Final = ("event_type", "deployment", "resource_type")


class Suggestions:
    """Of the dictionary alone, the first in the alphabet would hide what one looks at."""

    def __init__(self, events: Iterable[Event], offered: Mapping[str, list[Choice]]) -> None:
        self._offered = offered
        self._counts: dict[str, Counter[str]] = {}
        self._labels: dict[tuple[str, str], str] = {}
        for event in events:
            self._learn(event)

    def values(self, field: str) -> dict[str, str]:
        """Value to label. ``field`` is one of the dictionary's: ``actor``, ``details.team``."""
        seen = [value for value, _ in self._counts.get(field, Counter()).most_common(_MOST)]
        found = {value: self._labels.get((field, value), value) for value in seen}
        for choice in self._offered.get(field, ()):
            found.setdefault(choice.value, choice.label)
        return dict(list(found.items())[:_MOST])

    def keys(self) -> list[str]:
        """Keys of details; first those whose values repeat, and so divide the events well."""
        seen = {
            field.removeprefix("details."): counts.total() - len(counts)
            for field, counts in self._counts.items()
            if field.startswith("details.")
        }
        ranked = sorted(seen, key=seen.__getitem__, reverse=True)
        known = [choice.value for choice in self._offered.get("details", ())]
        return list(dict.fromkeys([*ranked, *known]))[:_MOST]

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
