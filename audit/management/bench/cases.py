"""What is searched for: the kinds of search that docs/storage.md found to differ."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from django.http import QueryDict

from audit.browsing import FIELDS, EventFilterSet, newest_first
from audit.management.bench import vocabulary
from audit.models import Event, EventQuerySet, Organization, lowest_id

_COMMON, _OTHER_COMMON, _RETIRED = vocabulary.SPECIAL_TAGS.values()
_REGION: Final = "region:eu-west"
_SOURCE: Final = "source:ui"

type Parameters = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Draw:
    """One page to measure: of whom, filtered how, below which cursor."""

    organization: Organization
    filters: QueryDict
    cursor: UUID | None = None

    @property
    def everything(self) -> EventQuerySet:
        return Event.objects.in_organization(self.organization.pk)

    @property
    def events(self) -> EventQuerySet:
        events: EventQuerySet = EventFilterSet(self.filters, queryset=self.everything).qs
        return events


@dataclass(frozen=True, slots=True)
class Log:
    """The generated events, to draw searches from."""

    organizations: Sequence[Organization]
    since: datetime
    until: datetime
    random: Random

    def draw(self, case: "Case") -> Draw:
        organization = self._organization()
        filters = QueryDict(mutable=True)
        for name, values in case.parameters(self, organization).items():
            filters.setlist(name, values)
        draw = Draw(organization, filters)
        return replace(draw, cursor=self._somewhere(draw)) if case.is_deep else draw

    def some[T](self, organization: Organization, of: Callable[[Event], T | None]) -> T | None:
        """What an event somewhere in the log has; None where none of 200 has it."""
        events = Event.objects.in_organization(organization.pk).order_by("-id")
        below = events.filter(id__lt=lowest_id(self.moment()))[:200]
        return next((value for event in below if (value := of(event))), None)

    def moment(self) -> datetime:
        return self.since + (self.until - self.since) * self.random.random()

    def rank(self, count: int) -> int:
        """From 1 to ``count``, the first more often than the last, as in the events."""
        return int((count + 1) ** self.random.random())

    def actor(self) -> str:
        return vocabulary.actor_id(self.rank(vocabulary.USERS))

    def event_type(self) -> str:
        types = vocabulary.event_types()
        return types[self.rank(len(types)) - 1].slug

    def deployment(self) -> str:
        return vocabulary.DEPLOYMENTS[self.rank(len(vocabulary.DEPLOYMENTS)) - 1]

    def _somewhere(self, draw: Draw) -> UUID | None:
        """The cursor of some page far down."""
        return newest_first(draw.events, cursor=lowest_id(self.moment())).older

    def _organization(self) -> Organization:
        # Two thirds on the largest, the rest on any other.
        first, *others = self.organizations
        return self.random.choice(others) if others and self.random.random() > 2 / 3 else first


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of search, and how much longer than a bare page it may take in the median."""

    name: str
    target: int
    parameters: Callable[[Log, Organization], Parameters]
    is_deep: bool = False


def _tags(*tags: str) -> Callable[[Log, Organization], Parameters]:
    return lambda log, organization: {"tag": list(tags)}


def _nothing(log: Log, organization: Organization) -> Parameters:
    return {}


def _rare(log: Log, organization: Organization) -> Parameters:
    return {"tag": [f"incident:INC-{log.random.randrange(vocabulary.RARE_VALUES)}"]}


def _some_ticket(log: Log, organization: Organization) -> str:
    """What a single event has, wherever in the log it is."""
    return log.some(organization, lambda event: event.details.get("ticket")) or "none"


def _unique(log: Log, organization: Organization) -> Parameters:
    return {"tag": [f"ticket:{_some_ticket(log, organization)}"]}


def _value_of(field: str) -> Callable[[Log, Organization], Parameters]:
    """What some event has there, the frequent more often; or what none has."""

    def parameters(log: Log, organization: Organization) -> Parameters:
        return {field: [log.some(organization, lambda event: _written(event, field)) or "none/x"]}

    return parameters


def _written(event: Event, field: str) -> str | None:
    if field == "tag":
        return "namespace:" + event.details["namespace"]
    if field == "resource":
        return f"{event.resource_type}/{event.resource_id}"
    value: str | None = getattr(event, "actor_id" if field == "actor" else field)
    return value


def _query(text: str) -> Callable[[Log, Organization], Parameters]:
    return lambda log, organization: {"q": [text]}


def _last_name(log: Log, organization: Organization) -> Parameters:
    return {"q": [log.actor().partition(".")[2].partition("@")[0].partition(".")[0]]}


def _unique_word(log: Log, organization: Organization) -> Parameters:
    return {"q": [_some_ticket(log, organization).removeprefix("T-")]}


def _flow(log: Log, organization: Organization) -> Parameters:
    """The words “flow” and a number, one after the other, as they stand in summaries."""
    return {"q": [f'"flow {log.rank(vocabulary.FLOWS)}"']}


def _actor(log: Log, organization: Organization) -> Parameters:
    return {"actor": [log.actor()]}


def _actor_and_type(log: Log, organization: Organization) -> Parameters:
    return {"actor": [log.actor()], "event_type": [log.event_type()]}


def _one_day(log: Log, organization: Organization) -> Parameters:
    start = log.moment()
    return {
        "event_type": [log.event_type()],
        "deployment": [log.deployment()],
        "since": [start.isoformat()],
        "until": [(start + timedelta(days=1)).isoformat()],
    }


def _lately(days: int, **parameters: list[str]) -> Callable[[Log, Organization], Parameters]:
    def of(log: Log, organization: Organization) -> Parameters:
        return {"since": [(log.until - timedelta(days=days)).isoformat()], **parameters}

    return of


def _some_month(log: Log, organization: Organization) -> Parameters:
    start = log.moment()
    return {
        "actor": [log.actor()],
        "since": [start.isoformat()],
        "until": [(start + timedelta(days=30)).isoformat()],
    }


def _several_of_each(log: Log, organization: Organization) -> Parameters:
    return {
        "actor": [log.actor() for _ in range(20)],
        "event_type": [log.event_type() for _ in range(10)],
    }


def _all_but_common(log: Log, organization: Organization) -> Parameters:
    return {"tag": [f"-{_REGION}", f"-{_SOURCE}"]}


def _all_but_everything(log: Log, organization: Organization) -> Parameters:
    return {"outcome": ["-success", "-failure", "-denied"]}


# The targets are those of docs/storage.md; the last is bounded by its deeper walk.
CASES: Final = (
    Case("no filter", 2, _nothing),
    Case("no filter, deep", 2, _nothing, is_deep=True),
    Case("common tag", 2, _tags(_REGION)),
    Case("common tag, deep", 2, _tags(_REGION), is_deep=True),
    Case("two common tags", 2, _tags(_REGION, _SOURCE)),
    Case("20 actors, 10 types", 2, _several_of_each),
    Case("all but two common tags", 2, _all_but_common),
    *(Case(f"{field}:", 2, _value_of(field)) for field in ("change", "actor_kind", "outcome")),
    *(
        Case(f"{field}:", 12, _value_of(field))
        for field in FIELDS
        if field not in ("change", "actor_kind", "outcome")
    ),
    Case("actor and type", 12, _actor_and_type),
    Case("type, deployment, a day", 12, _one_day),
    Case("rare tag", 12, _rare),
    Case("unique tag", 12, _unique),
    Case("the last day", 2, _lately(1)),
    Case("common tag, the last week", 2, _lately(7, tag=[_REGION])),
    Case("tag retired long ago, the last 90 days", 12, _lately(90, tag=[_RETIRED])),
    Case("actor, some 30 days", 12, _some_month),
    Case("common word", 2, _query("eu")),
    Case("name", 12, _last_name),
    Case("unique word", 12, _unique_word),
    Case("word that no event has", 12, _query("zyzzyva")),
    Case("beginning of a word", 12, _query("fin*")),
    Case("phrase", 12, _flow),
    Case("all but a common word", 2, _query("-eu")),
    Case("words that never meet", 35, _query("gold batch")),
    Case("two common tags that never meet", 35, _tags(_COMMON, _OTHER_COMMON)),
    Case("four tags that never meet", 85, _tags(_COMMON, _OTHER_COMMON, _REGION, _SOURCE)),
    Case("tag retired long ago", 60, _tags(_RETIRED)),
    Case("retired and common tag", 60, _tags(_RETIRED, _REGION)),
    Case("all but everything", 130, _all_but_everything),
)
