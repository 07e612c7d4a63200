"""What the search box offers while a query is being typed.

First the names that may stand before a colon, then the values of that one, with how often the
events have them that the rest of the query finds.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from django.db.models.functions import Length

from audit.browsing.choices import Choice, holding, in_use
from audit.browsing.filters import EventFilterSet
from audit.browsing.grammar import (
    DETAILS,
    FIELDS,
    OFFERED,
    TIMES,
    Completion,
    apply_completion,
    completion_at,
)
from audit.browsing.moments import PRESETS
from audit.browsing.pagination import newest_first
from audit.browsing.search import Limits
from audit.event_types import registry
from audit.models import ActorKind, Change, Event, Organization, Outcome, Word
from audit.models.words import words_of

#: Events that are counted; more would make one wait while typing.
COUNTED: Final = 1_000
# A common filter is met often enough in the walk, a rare one is quick to find by the index.
_LIMITS: Final = Limits(walk=5_000, deep_walk=5_000, statement_ms=200, total_ms=200)

_MOST_VALUES: Final = 12
_MOST_KEYS: Final = 8
_MOST_WORDS: Final = 5
# Before that many letters, words are as good as any.
_FIRST_LETTERS: Final = 2

MEANINGS: Final[Mapping[str, str]] = {
    "actor": "who, by e-mail address or account name",
    "event": "the event type",
    "deployment": "where",
    "branch": "the branch deployment",
    "resource": "a type, or type/id",
    "change": "created, updated, deleted or other",
    "kind": "the actor’s: a user, a service account, …",
    "outcome": "success, failure or denied",
    "impersonator": "who acted in the actor’s name",
    "session": "the session",
    "ip": "the address, or the beginning of one",
    "request": "the request",
    "since": "from a day or moment on",
    "until": "up to a day or moment",
    "time": "a day, or a range as in 2026-11-22T14:00..16:00",
}
_CLOSED: Final = {
    "change": Change.choices,
    "kind": ActorKind.choices,
    "outcome": Outcome.choices,
}
# Of the others, no dictionary is kept.
_IN_DICTIONARY: Final = frozenset(
    {"actor", "event", "deployment", "branch", "resource", "resource_type"}
)
_COLUMNS: Final[Mapping[str, Callable[[Event], str | None]]] = {
    "deployment": lambda event: event.deployment,
    "branch": lambda event: event.branch_deployment,
    "resource_type": lambda event: event.resource_type,
    "change": lambda event: event.change,
    "kind": lambda event: event.actor_kind,
    "outcome": lambda event: event.outcome,
    "impersonator": lambda event: event.impersonator,
    "session": lambda event: event.session,
    "ip": lambda event: event.ip,
    "request": lambda event: event.request_id,
}


@dataclass(frozen=True, slots=True)
class Option:
    """``text`` is the query with it, and ``cursor`` where one goes on typing, in characters.

    ``count`` is None where nothing was counted.
    """

    name: str
    note: str
    text: str
    cursor: int
    count: int | None = None

    @property
    def figure(self) -> str:
        return "" if self.count is None else f"{self.count:,}"


@dataclass(frozen=True, slots=True)
class Offer:
    """Options under their headings. ``counted`` says, in a sentence, what the counts are of."""

    groups: tuple[tuple[str, tuple[Option, ...]], ...] = ()
    counted: str = ""


def offer(
    organization: Organization, text: str, cursor: int, rest: EventFilterSet, now: datetime
) -> Offer:
    """What may stand at the cursor. ``rest`` are the filters without what is being typed there.

    ``now`` is the present in the viewer's zone.
    """
    typed = completion_at(text, cursor)
    if typed.kind != "value":
        return Offer(tuple(_names_and_words(organization, text, typed)))
    if typed.field in TIMES:
        return _offer_of(text, typed, _times(typed, now))
    return _values(organization, text, typed, rest)


# --- Names and words ----------------------------------------------------------------------------


def _names_and_words(
    organization: Organization, text: str, typed: Completion
) -> Iterator[tuple[str, tuple[Option, ...]]]:
    if typed.kind == "field":
        if names := tuple(_fields(text, typed)):
            yield "Fields", names
        keys = holding(in_use(organization, "details"), typed.typed)[:_MOST_KEYS]
        if keys:
            yield "Details", tuple(_option(text, typed, key, is_key=True) for key in keys)
    if words := _words(organization, typed.typed):
        as_word = replace(typed, kind="word")
        yield "Words", tuple(_option(text, as_word, Choice(word, word)) for word in words)


def _fields(text: str, typed: Completion) -> Iterator[Option]:
    wanted = typed.typed.casefold()
    for name in OFFERED:
        tried = FIELDS[name].tried if name in FIELDS else TIMES[name]
        if any(each.startswith(wanted) for each in (name, *tried)):
            written, cursor = apply_completion(text, typed, name)
            yield Option(f"{name}:", MEANINGS[name], written, cursor)


def _words(organization: Organization, typed: str) -> list[str]:
    """Words known to begin as what is typed, if that is one, or after a star to hold it."""
    words = words_of(typed)
    if len(words) != 1 or len(words[0]) < _FIRST_LETTERS:
        return []
    known = Word.objects.filter(organization=organization)
    if typed.startswith("*"):
        known = known.filter(word__contains=words[0]).order_by(Length("word"), "word")
    else:
        known = known.filter(word__startswith=words[0]).order_by("word")
    return list(known.values_list("word", flat=True)[:_MOST_WORDS])


# --- Values -------------------------------------------------------------------------------------


def _values(
    organization: Organization, text: str, typed: Completion, rest: EventFilterSet
) -> Offer:
    counts, labels, counted, is_all = Counter[str](), dict[str, str](), "", False
    if not rest.errors:
        page = newest_first(rest.qs, size=COUNTED, limits=_LIMITS)
        for choice in _held(page.events, typed):
            counts[choice.value] += 1
            labels.setdefault(choice.value, choice.label)
        is_all = page.older is None and page.continue_at is None
        counted = _counted(len(page.events), is_all=is_all)
    for choice in _known(organization, typed):
        labels[choice.value] = choice.label
    found = holding((Choice(*item) for item in labels.items()), typed.typed, counts)
    # Where more events are than were counted, a value that none of them has is not one of none.
    figures = {value: counts[value] for value in labels} if is_all else counts
    return _offer_of(text, typed, found[:_MOST_VALUES], figures, counted)


def _offer_of(
    text: str,
    typed: Completion,
    found: Iterable[Choice],
    counts: Mapping[str, int] = MappingProxyType({}),
    counted: str = "",
) -> Offer:
    options = tuple(
        _option(text, typed, choice, count=counts.get(choice.value)) for choice in found
    )
    heading = f"{typed.key or typed.field}:"
    return Offer(((heading, options),), counted) if options else Offer()


def _counted(events: int, *, is_all: bool) -> str:
    if is_all:
        return f"Counted in all {events:,} events that the rest finds."
    return f"Counted in the newest {events:,} events that the rest finds."


def _known(organization: Organization, typed: Completion) -> Iterable[Choice]:
    """The values of a field that are known without reading the log."""
    if typed.field in _CLOSED:
        return [Choice(value, str(label)) for value, label in _CLOSED[typed.field]]
    if typed.field == DETAILS:
        return in_use(organization, f"details.{typed.key}")
    if typed.field in _IN_DICTIONARY:
        is_id = typed.field == "resource" and "/" in typed.typed
        field = "resource_type" if typed.field == "resource" else FIELDS[typed.field].parameter
        return () if is_id else in_use(organization, field)
    return ()


def _held(events: Iterable[Event], typed: Completion) -> Iterator[Choice]:
    """What these events have of the field, each time that one has it."""
    for event in events:
        if typed.field == "resource":
            yield from _resource(event)
        elif choice := _value(event, typed):
            yield choice


def _resource(event: Event) -> Iterator[Choice]:
    if event.resource_type and "/" not in event.resource_type:
        yield Choice(event.resource_type, event.resource_type)
    if event.resource_id:
        value = f"{event.resource_type}/{event.resource_id}"
        yield Choice(value, event.resource_name or value)


def _value(event: Event, typed: Completion) -> Choice | None:
    if typed.field == DETAILS:
        value = event.details.get(typed.key)
    elif typed.field == "actor":
        return Choice(event.actor_id, event.actor_name or event.actor_id)
    elif typed.field == "event":
        return Choice(event.event_type, registry.label(event.event_type))
    elif typed.field in _COLUMNS:
        value = _COLUMNS[typed.field](event)
    else:
        value = None
    return Choice(value, value) if value else None


# --- Times --------------------------------------------------------------------------------------


def _times(typed: Completion, now: datetime) -> list[Choice]:
    ago = [(moment, label) for label, moment in PRESETS if moment]
    if typed.field == "until":
        times = [Choice(moment, f"{label} ago") for moment, label in ago]
    elif typed.field == "since":
        times = [Choice(moment, f"the last {label}") for moment, label in ago]
    else:
        times = [Choice(f"{moment}..", f"the last {label}") for moment, label in ago]
    wanted = typed.typed.casefold()
    days = list(_days(now.date()))[: 2 if not wanted else None]
    return [
        each for each in (*days, *times) if wanted in each.value or wanted in each.label.lower()
    ]


def _days(today: date) -> Iterator[Choice]:
    """A week of them and the day that is called as today is, the last first."""
    for ago in range(8):
        day = today - timedelta(days=ago)
        called = {0: "today, ", 1: "yesterday, "}.get(ago, "")
        yield Choice(day.isoformat(), f"{called}{day:%A}{', a week ago' if ago == 7 else ''}")


def _option(
    text: str, typed: Completion, choice: Choice, *, is_key: bool = False, count: int | None = None
) -> Option:
    written, cursor = apply_completion(text, typed, choice.value, is_key=is_key)
    note = choice.label if choice.label != choice.value else ""
    name = f"{choice.value}:" if is_key else choice.value
    return Option(name, note, written, cursor, count)
