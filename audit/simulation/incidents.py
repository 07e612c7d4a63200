"""The incidents hidden in the demo: what they are called, and how they are found."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from audit.simulation import calendar
from audit.simulation.actors import Person
from audit.simulation.company import Company
from audit.simulation.world import Context, Process, World, idempotency_key


@dataclass(frozen=True, slots=True)
class Step:
    """One step of finding an incident: what to do, and the events page's filters for it.

    ``filters`` are query parameters of the events page, in order; a name may repeat.
    """

    say: str
    filters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A story in the log. ``events`` gives the idempotency key of each of its events by name."""

    slug: str
    title: str
    question: str
    answer: str
    steps: tuple[Step, ...]
    begins_at: datetime
    ends_at: datetime
    facts: Mapping[str, str]
    events: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story(ABC):
    """A scripted story: planned before the world begins, then played in it.

    ``cast`` are the mailboxes of those who take part, ``event_names`` what its events are
    recorded under, in their order.
    """

    slug: ClassVar[str]
    cast: ClassVar[tuple[str, ...]]
    event_names: ClassVar[tuple[str, ...]]
    company: Company
    begins_at: datetime
    ends_at: datetime

    @classmethod
    @abstractmethod
    def plan(cls, company: Company, ends_at: datetime) -> "Story":
        """When it takes place, given the end of the log."""

    @abstractmethod
    def prepare(self, world: World) -> None:
        """Put things in place before anything happens."""

    @abstractmethod
    def play(self, world: World) -> Process:
        """Let it happen."""

    @abstractmethod
    def tell(self, events: Mapping[str, str]) -> Incident:
        """What there is to find, and how."""

    def key(self, name: str) -> str:
        return f"{self.slug}/{name}"

    def context(self, name: str, **members: object) -> Context:
        """The context of the event of this name."""
        return Context(key=self.key(name), **members)  # type: ignore[arg-type]


def keys_of(story: Story, identity: str) -> dict[str, str]:
    """The idempotency keys of a story's events, by name."""
    return {name: idempotency_key(identity, story.key(name)) for name in story.event_names}


def workday_before(moment: datetime, days: int, people: tuple[Person, ...]) -> date:
    """The last day, at least ``days`` before ``moment``, on which all these people work."""
    day = moment.date() - timedelta(days=days)
    while not all(person.works_on(day) for person in people):
        day -= timedelta(days=1)
    return day


def on(day: date, clock: str, zone: str) -> datetime:
    """A clock time ("14:32:07.418") of a local day, as UTC."""
    hours, minutes, seconds = (float(part) for part in clock.split(":"))
    return calendar.at(day, 0, zone) + timedelta(hours=hours, minutes=minutes, seconds=seconds)
