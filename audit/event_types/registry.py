"""What can happen, as data: event types and the registry that holds them.

An event stores its type as plain text, so a new type needs no migration; everything people read
about it (label, sentence, description, category) comes from here. Pure Python.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

from audit.event_types import sentences
from audit.event_types.imported import readable

Change = Literal["created", "updated", "deleted", "other"]
Origin = Literal["auditsite", "dagster", "datagrok", "kestra"]

#: The systems whose types are declared, in the order of the catalogue page.
ORIGIN_LABELS: Mapping[Origin, str] = MappingProxyType(
    {
        "auditsite": "Auditsite",
        "dagster": "Dagster+",
        "datagrok": "Datagrok",
        "kestra": "Kestra",
    }
)

#: Characters; a slug is stored with every event, in URLs and in filters.
MAX_SLUG_LENGTH = 100

_SLUG = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*")
_NO_ARRAY_KEYS: Mapping[str, str] = MappingProxyType({})


class InvalidEventType(ValueError):
    """A declaration breaks a rule; the message names the type, the field and the reason."""


class DuplicateEventType(ValueError):
    """A slug, or an origin's own name, is declared twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailKey:
    """A key that events of a type usually carry in their details."""

    name: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """One kind of event.

    ``alias`` is the origin's own name (``UPDATE_SCHEDULE``). ``sentence`` is a template over
    ``{actor}``, ``{resource}`` and ``{deployment}``. ``array_keys`` tells the diff which member
    identifies the items of an array in the snapshots: JSON Pointer (RFC 6901) of the array, with
    ``*`` for any one segment, to the member's name. ``unnamed`` is how the sentence speaks of a
    resource without a name ("the audit log"); by default it is made of ``resource_type``.
    """

    slug: str
    label: str
    sentence: str
    description: str
    category: str
    origin: Origin
    alias: str = ""
    resource_type: str = ""
    change: Change = "other"
    details: tuple[DetailKey, ...] = ()
    array_keys: Mapping[str, str] = field(default_factory=dict, hash=False)
    unnamed: str = ""

    def __post_init__(self) -> None:
        # The mapping is copied and sealed: a type is shared by every request.
        object.__setattr__(self, "array_keys", MappingProxyType(dict(self.array_keys)))
        if not self.unnamed:
            noun = self.resource_type.replace("_", " ").replace("-", " ")
            phrase = sentences.with_article(noun) if noun else "something"
            object.__setattr__(self, "unnamed", phrase)

    def describe(
        self, actor: str | None, resource: str | None = None, deployment: str | None = None
    ) -> str:
        """The event in one sentence of plain text; what is not known reads naturally."""
        return sentences.render(
            self.sentence,
            actor=_said(actor),
            resource=_said(resource),
            deployment=_said(deployment),
            unnamed=self.unnamed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """The types of one origin that belong together, in their order of declaration."""

    name: str
    types: tuple[EventType, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything that one origin declares, by category."""

    origin: Origin
    label: str
    categories: tuple[Category, ...]

    def __len__(self) -> int:
        return sum(len(category.types) for category in self.categories)


class Registry:
    """All known event types, by slug and by the name their origin gives them."""

    def __init__(self) -> None:
        self._by_slug: dict[str, EventType] = {}
        self._by_alias: dict[tuple[str, str], EventType] = {}
        self._catalogues: tuple[Catalogue, ...] | None = None

    def register(self, *types: EventType) -> None:
        """Add all of ``types``, or none.

        Raises ``InvalidEventType`` for a malformed one and ``DuplicateEventType`` for a slug or
        an (origin, alias) that is taken, within the call too.
        """
        by_slug, by_alias = dict(self._by_slug), dict(self._by_alias)
        for event_type in types:
            _check(event_type)
            if event_type.slug in by_slug:
                raise DuplicateEventType(f"Event type {event_type.slug} is already registered.")
            by_slug[event_type.slug] = event_type
            if event_type.alias:
                _claim_alias(by_alias, event_type)
        self._by_slug, self._by_alias, self._catalogues = by_slug, by_alias, None

    def get(self, slug: str) -> EventType | None:
        return self._by_slug.get(slug)

    def by_alias(self, origin: str, alias: str) -> EventType | None:
        """The type that ``origin`` calls ``alias``: ``by_alias("dagster", "LOG_IN")``."""
        return self._by_alias.get((origin, alias))

    def label(self, slug: str) -> str:
        """The type as people say it; one that is not declared, as its name lets it be read."""
        event_type = self._by_slug.get(slug)
        return event_type.label if event_type else readable(slug)

    def describe(
        self,
        slug: str,
        actor: str | None,
        resource: str | None = None,
        deployment: str | None = None,
    ) -> str:
        """``EventType.describe`` of a type known or not: "Mara Ito: my_log on nightly"."""
        event_type = self._by_slug.get(slug)
        if event_type:
            return event_type.describe(actor, resource, deployment)
        told = [f"{_said(actor) or 'Someone'}: {readable(slug)}"]
        told += [f"on {_said(resource)}"] if _said(resource) else []
        told += [f"in {_said(deployment)}"] if _said(deployment) else []
        return " ".join(told)

    def array_keys(self, slug: str) -> Mapping[str, str]:
        """How arrays in the snapshots of a type are identified; empty for an unknown type."""
        event_type = self._by_slug.get(slug)
        return event_type.array_keys if event_type else _NO_ARRAY_KEYS

    def categories(self) -> tuple[Catalogue, ...]:
        """Origin → category → types, as the catalogue page lists them; made once, then kept."""
        if self._catalogues is None:
            self._catalogues = tuple(_catalogues(self._by_slug.values()))
        return self._catalogues

    def __iter__(self) -> Iterator[EventType]:
        return iter(self._by_slug.values())

    def __len__(self) -> int:
        return len(self._by_slug)

    def __contains__(self, slug: object) -> bool:
        return slug in self._by_slug


def _said(text: str | None) -> str:
    """A name as a sentence can use it: "" for none and for blanks."""
    return (text or "").strip()


def _check(event_type: EventType) -> None:
    slug = event_type.slug
    if len(slug) > MAX_SLUG_LENGTH or not _SLUG.fullmatch(slug):
        raise InvalidEventType(
            f"Event type {slug!r}: slug must be lower-case words joined by '.', '_' or '-', "
            f"at most {MAX_SLUG_LENGTH} characters."
        )
    for name, reason in _faults(event_type):
        if reason:
            raise InvalidEventType(f"Event type {slug}: {name} {reason}.")


def _faults(event_type: EventType) -> Iterator[tuple[str, str]]:
    for name in ("label", "sentence", "description", "category", "unnamed"):
        yield name, _text_fault(getattr(event_type, name))
    yield "sentence", sentences.fault(event_type.sentence)
    yield "origin", _choice_fault(event_type.origin, get_args(Origin))
    yield "change", _choice_fault(event_type.change, get_args(Change))
    yield "details", _details_fault(event_type.details)
    yield "array_keys", _array_keys_fault(event_type.array_keys)


def _text_fault(text: str) -> str:
    if not text:
        return "is empty"
    # Also catches leading, trailing and doubled spaces, tabs and line breaks.
    return "" if text == " ".join(text.split()) else "has stray white space"


def _choice_fault(value: str, choices: Iterable[str]) -> str:
    allowed = tuple(choices)
    return "" if value in allowed else f"is {value!r}, not one of {', '.join(allowed)}"


def _details_fault(details: tuple[DetailKey, ...]) -> str:
    names = [key.name for key in details]
    if not all(names):
        return "has a key without a name"
    return "" if len(names) == len(set(names)) else "names a key twice"


def _array_keys_fault(array_keys: Mapping[str, str]) -> str:
    for pointer, key in array_keys.items():
        if pointer and not pointer.startswith("/"):
            return f"has {pointer!r}, which is not a JSON Pointer"
        if not key:
            return f"names no member for {pointer!r}"
    return ""


def _claim_alias(by_alias: dict[tuple[str, str], EventType], event_type: EventType) -> None:
    taken = by_alias.setdefault((event_type.origin, event_type.alias), event_type)
    if taken is not event_type:
        raise DuplicateEventType(
            f"Event type {event_type.slug}: {event_type.alias} of {event_type.origin} "
            f"is already {taken.slug}."
        )


def _catalogues(types: Iterable[EventType]) -> Iterator[Catalogue]:
    grouped: dict[Origin, dict[str, list[EventType]]] = {origin: {} for origin in ORIGIN_LABELS}
    for event_type in types:
        grouped[event_type.origin].setdefault(event_type.category, []).append(event_type)
    for origin, categories in grouped.items():
        if categories:
            yield Catalogue(
                origin=origin,
                label=ORIGIN_LABELS[origin],
                categories=tuple(
                    Category(name=name, types=tuple(members))
                    for name, members in categories.items()
                ),
            )
