"""Who acts, and from where: people, service accounts, agent tokens, the system."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from audit.simulation import calendar

ActorKind = Literal["user", "service_account", "agent_token", "system"]

WEEKEND = (5, 6)


@dataclass(frozen=True, slots=True)
class Actor:
    """The actor of an event; ``impersonator`` is the e-mail of whoever acts in their place."""

    kind: ActorKind
    id: str
    name: str
    impersonator: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """An actor at one place: their session, address and client. Empty text is "not known"."""

    actor: Actor
    session: str = ""
    ip: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone who works here, with habits.

    ``starts`` and ``ends`` are hours of their local day; ``weekend`` are weekdays off (0 is
    Monday), a part-timer's day off included. ``addresses`` are office, home, … in order of use.
    """

    name: str
    email: str
    team: str
    zone: str
    country: str
    starts: float
    ends: float
    addresses: tuple[str, ...]
    user_agents: tuple[str, ...]
    weekend: tuple[int, ...] = WEEKEND
    is_admin: bool = False
    is_on_call: bool = False
    method: str = "oidc"

    @property
    def actor(self) -> Actor:
        return Actor("user", self.email, self.name)

    def works_on(self, day: date) -> bool:
        return calendar.is_workday(day, self.country, self.weekend)

    def is_working_at(self, moment: datetime) -> bool:
        here = calendar.local(moment, self.zone)
        return (
            self.works_on(here.date()) and self.starts <= here.hour + here.minute / 60 < self.ends
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A service account or agent token: one name, one place, one client, no sessions."""

    name: str
    kind: ActorKind
    id: str
    ip: str
    user_agent: str

    @property
    def origin(self) -> Origin:
        return Origin(Actor(self.kind, self.id, self.name), "", self.ip, self.user_agent)


def service_account(name: str, ip: str, user_agent: str) -> Machine:
    return Machine(name=name, kind="service_account", id=name, ip=ip, user_agent=user_agent)


def agent_token(name: str, id: str, ip: str, user_agent: str) -> Machine:
    return Machine(name=name, kind="agent_token", id=id, ip=ip, user_agent=user_agent)


SYSTEM = Origin(Actor("system", "system", "System"))
