"""The filters beside the list: what is asked for, what else could be, and the time range."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import Final

from django.utils import timezone

from audit.browsing import FIELDS, PRESETS, EventFilterSet, FacetCounts
from audit.event_types import registry
from audit.models import ActorKind, Change, Outcome
from audit.web.refinement import Choice, Refinement
from audit.web.suggestions import MOST, Suggested

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
    """The values of one filter. ``placeholder`` is empty where they are all listed.

    ``counts`` are those of the values; None until they are known.
    """

    name: str
    param: str
    label: str
    values: list[Choice]
    placeholder: str = ""
    is_open: bool = False
    key: str = ""
    counts: FacetCounts | None = None

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
    more_details: list[Facet]
    more: list[Facet]
    hidden: list[tuple[str, str]]

    @property
    def lists(self) -> list[Facet]:
        """The filters that are there whatever the events are."""
        return [*self.facets, *self.more]

    @property
    def has_room_for_keys(self) -> bool:
        """Whether counting is likely to find more keys, for which to keep a line free."""
        return len(self.details) >= MOST and all(facet.counts is None for facet in self.details)


def rail(suggestions: Suggested, filters: EventFilterSet, refinement: Refinement) -> Rail:
    maker = _Facets(suggestions, filters, refinement)
    asked, others = maker.details()
    return Rail(
        facets=[maker.facet(param, placeholder) for param, placeholder in _FACETS],
        time=_time(filters, refinement),
        details=[*asked, *others[:MOST]],
        more_details=others[MOST:],
        more=[maker.facet(param, placeholder) for param, placeholder in _MORE_FACETS],
        hidden=refinement.hidden(),
    )


class _Facets:
    def __init__(
        self, suggestions: Suggested, filters: EventFilterSet, refinement: Refinement
    ) -> None:
        self._suggestions, self._filters, self._refinement = suggestions, filters, refinement

    def facet(self, param: str, placeholder: str) -> Facet:
        suggested = _CLOSED.get(param) or self._suggestions.values(param)
        counts = self._suggestions.counts(param)
        values = list(self._values(param, suggested, self._asked(param), counts))
        is_open = param in _OPEN_AT_FIRST or any(value.state for value in values)
        label = FIELDS[param].label
        return Facet(param, param, label, values, placeholder, is_open, counts=counts)

    def details(self) -> tuple[list[Facet], list[Facet]]:
        """One facet for each key that is asked for, and one for each that is suggested."""
        asked: dict[str, list[str]] = {}
        for tag in self._asked("tag"):
            asked.setdefault(tag.partition(":")[0], []).append(tag)
        others = [key for key in self._suggestions.keys() if key not in asked]  # noqa: SIM118
        return (
            [self._of_key(key, tags) for key, tags in asked.items()],
            [self._of_key(key) for key in others],
        )

    def _of_key(self, key: str, asked: Iterable[str] = ()) -> Facet:
        suggested = self._suggestions.values(f"details.{key}")
        counts = self._suggestions.counts(f"details.{key}")
        tags = {f"{key}:{value}": label for value, label in suggested.items()}
        values = list(self._values("tag", tags, asked, counts))
        is_open = bool(asked)
        return Facet(f"tag.{key}", "tag", key, values, is_open=is_open, key=key, counts=counts)

    def _asked(self, param: str) -> list[str]:
        return [value.text for value in self._filters.values(param)]

    def _values(
        self,
        param: str,
        suggested: Mapping[str, str],
        asked: Iterable[str],
        counts: FacetCounts | None,
    ) -> Iterator[Choice]:
        """What is suggested, in its order, after what is asked for beyond that."""
        counted = {each.value: each.count for each in counts.values} if counts else {}
        others = {v: _in_words(param, v) for v in dict.fromkeys(asked) if v not in suggested}
        for value, label in {**others, **suggested}.items():
            own = value.partition(":")[2] if param == "tag" else value
            choice = self._refinement.choice(param, value, label)
            yield replace(choice, count=counted[own]) if own in counted else choice


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
