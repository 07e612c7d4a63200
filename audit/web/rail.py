"""The filters beside the list: what is asked for, what else could be, and the time range."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Final

from django.utils import timezone

from audit.browsing import FIELDS, PRESETS, EventFilterSet
from audit.event_types import registry
from audit.models import ActorKind, Change, Outcome
from audit.web.refinement import Choice, Refinement
from audit.web.suggestions import Suggestions

_CLOSED: Final = {
    "change": dict(Change.choices),
    "actor_kind": dict(ActorKind.choices),
    "outcome": dict(Outcome.choices),
}
# Parameter, and what its field asks for; closed sets have no field.
_FACETS: Final = (
    ("actor", "Find a user"),
    ("event_type", "Find an event type"),
    ("deployment", "Find a deployment"),
)
_MORE_FACETS: Final = (
    ("resource_type", "Find a resource type"),
    ("change", ""),
    ("actor_kind", ""),
    ("outcome", ""),
)
_OPEN_AT_FIRST: Final = frozenset({"actor", "event_type", "deployment"})


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one filter. ``placeholder`` is empty where they are all listed."""

    name: str
    param: str
    label: str
    values: list[Choice]
    placeholder: str = ""
    is_open: bool = False
    key: str = ""

    @property
    def options(self) -> list[Choice]:
        """What a field suggests before anybody types."""
        return [value for value in self.values if not value.state]


@dataclass(frozen=True, slots=True)
class TimeRange:
    presets: list[tuple[str, str, bool]]  # label, link, whether it is in force
    since: str
    until: str
    hidden: list[tuple[str, str]]

    @property
    def narrower(self) -> list[tuple[str, str, bool]]:
        """The presets before the one in force; the last, all time, is narrower than nothing."""
        return list(takewhile(lambda preset: not preset[2], self.presets[:-1]))


@dataclass(frozen=True, slots=True)
class Rail:
    facets: list[Facet]
    time: TimeRange
    details: list[Facet]
    more: list[Facet]
    hidden: list[tuple[str, str]]


def rail(suggestions: Suggestions, filters: EventFilterSet, refinement: Refinement) -> Rail:
    maker = _Facets(suggestions, filters, refinement)
    details = list(maker.details())
    return Rail(
        facets=[maker.facet(param, placeholder) for param, placeholder in _FACETS],
        time=_time(filters, refinement),
        details=details,
        more=[maker.facet(param, placeholder) for param, placeholder in _MORE_FACETS],
        hidden=refinement.hidden(),
    )


class _Facets:
    def __init__(
        self, suggestions: Suggestions, filters: EventFilterSet, refinement: Refinement
    ) -> None:
        self._suggestions, self._filters, self._refinement = suggestions, filters, refinement

    def facet(self, param: str, placeholder: str) -> Facet:
        suggested = _CLOSED.get(param) or self._suggestions.values(param)
        values = list(self._values(param, suggested, self._asked(param)))
        is_open = param in _OPEN_AT_FIRST or any(value.state for value in values)
        return Facet(param, param, FIELDS[param].label, values, placeholder, is_open)

    def details(self) -> Iterator[Facet]:
        """One facet for each key that is asked for or suggested."""
        asked: dict[str, list[str]] = {}
        for tag in self._asked("tag"):
            asked.setdefault(tag.partition(":")[0], []).append(tag)
        for key in dict.fromkeys([*asked, *self._suggestions.keys()]):
            suggested = self._suggestions.values(f"details.{key}")
            tags = {f"{key}:{value}": label for value, label in suggested.items()}
            values = list(self._values("tag", tags, asked.get(key, ())))
            yield Facet(f"tag.{key}", "tag", key, values, is_open=key in asked, key=key)

    def _asked(self, param: str) -> list[str]:
        return [value.text for value in self._filters.values(param)]

    def _values(
        self, param: str, suggested: Mapping[str, str], asked: Iterable[str]
    ) -> Iterator[Choice]:
        """What is suggested, in its order, after what is asked for beyond that."""
        for value in dict.fromkeys(asked):
            if value not in suggested:
                yield self._refinement.choice(param, value, _in_words(param, value))
        for value, label in suggested.items():
            yield self._refinement.choice(param, value, label)


def _in_words(param: str, value: str) -> str:
    if param == "event_type":
        return registry.label(value)
    return value.partition(":")[2] if param == "tag" else value


def _time(filters: EventFilterSet, refinement: Refinement) -> TimeRange:
    since, until = (filters.data.get(end, "") for end in ("since", "until"))
    presets = [
        (label, refinement.setting(since=ago, until=""), since == ago and not until)
        for label, ago in PRESETS
    ]
    return TimeRange(
        presets=presets,
        since=_as_field(since, filters.since),
        until=_as_field(until, filters.until),
        hidden=refinement.hidden("since", "until"),
    )


def _as_field(raw: str, at: datetime | None) -> str:
    """A moment as a datetime-local field has it; empty for one that moves along with now."""
    if at is None or raw.startswith("now"):
        return ""
    local = timezone.localtime(at).replace(tzinfo=None)
    return local.isoformat(
        timespec="minutes" if local == local.replace(second=0, microsecond=0) else "milliseconds"
    )
