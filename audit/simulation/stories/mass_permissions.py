"""An administrator's script raises everybody's permissions; a colleague takes them back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from audit.simulation import access
from audit.simulation.actors import Origin, Person
from audit.simulation.administration import change_grant
from audit.simulation.company import Company
from audit.simulation.incidents import Incident, Step, Story, on, workday_before
from audit.simulation.oversight import record_search
from audit.simulation.people import COMMAND_LINE
from audit.simulation.sessions import record_sign_in, sign_out
from audit.simulation.world import Process, Resource, World

_USERS = 147
_DAYS_BEFORE = 22
_ADMIN_SESSION, _SECURITY_SESSION = "s_d90c3f86a1", "s_47e1b8025c"


def _numbered(prefix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}-{number:03}" for number in range(1, _USERS + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class MassPermissions(Story):
    """Begins when the script signs in, ends when the last permission is as before."""

    slug: ClassVar[str] = "mass-permissions"
    cast: ClassVar[tuple[str, ...]] = ("hannah.becker", "ingrid.solberg")
    event_names: ClassVar[tuple[str, ...]] = (
        "admin-signs-in",
        *_numbered("raised"),
        "admin-signs-out",
        "security-signs-in",
        "searched",
        *_numbered("lowered"),
        "security-signs-out",
    )

    @classmethod
    def plan(cls, company: Company, ends_at: datetime) -> "MassPermissions":
        admin, security = (company.person(mailbox) for mailbox in cls.cast)
        day = workday_before(ends_at, _DAYS_BEFORE, (admin, security))
        begins_at = on(day, "11:02:48.310", admin.zone)
        return cls(
            company=company, begins_at=begins_at, ends_at=begins_at + timedelta(hours=2, minutes=24)
        )

    def prepare(self, world: World) -> None:
        """Nothing to prepare: the users are there."""

    def play(self, world: World) -> Process:
        yield self.begins_at
        users = _viewers(world)[:_USERS]
        undisturbed = {user.key for user in users}
        world.reserved |= undisturbed
        yield from self._raise(world, users)
        yield self.begins_at + timedelta(hours=2)
        yield from self._lower(world, users)
        world.reserved -= undisturbed

    def _raise(self, world: World, users: list[Resource]) -> Process:
        admin = self._admin
        origin = Origin(admin.actor, _ADMIN_SESSION, admin.addresses[0], COMMAND_LINE)
        record_sign_in(world, admin, origin, self.key("admin-signs-in"))
        yield world.after(seconds=31)
        for name, user in zip(_numbered("raised"), users, strict=False):
            change_grant(world, origin, user, "prod", "EDITOR", self.key(name))
            yield world.after(seconds=world.rng.uniform(0.35, 1.9))
        yield world.after(seconds=50)
        sign_out(world, origin, self.key("admin-signs-out"))

    def _lower(self, world: World, users: list[Resource]) -> Process:
        security = self._security
        origin = Origin(security.actor, _SECURITY_SESSION, security.addresses[0], COMMAND_LINE)
        record_sign_in(world, security, origin, self.key("security-signs-in"))
        yield world.after(minutes=6.2)
        query = "event:user_permissions.changed grant:EDITOR since:now-3h"
        record_search(world, origin, query, len(users), self.key("searched"))
        yield world.after(minutes=7.5)
        for name, user in zip(_numbered("lowered"), users, strict=False):
            change_grant(world, origin, user, "prod", "VIEWER", self.key(name))
            yield world.after(seconds=world.rng.uniform(0.5, 2.2))
        yield self.ends_at
        sign_out(world, origin, self.key("security-signs-out"))

    def tell(self, events: Mapping[str, str]) -> Incident:
        since, until = (
            moment.strftime("%Y-%m-%dT%H:%MZ")
            for moment in (self.begins_at, self.ends_at + timedelta(minutes=1))
        )
        return Incident(
            slug=self.slug,
            title=f"{_USERS} people became editors within minutes",
            question="Who raised so many permissions at once, and were they taken back?",
            answer=(
                f"A script of {self._admin.name} gave EDITOR in prod to {_USERS} people who only "
                f"read dashboards; two hours later {self._security.name} took it back."
            ),
            steps=(
                Step(
                    "Ask for permission changes: one bar of the histogram stands out.",
                    (("event_type", "user_permissions.changed"), ("deployment", "prod")),
                ),
                Step(
                    "Narrow the time to that bar: one actor, one change.",
                    (("tag", "grant:EDITOR"), ("since", since), ("until", until)),
                ),
                Step("Open the session.", (("session", _ADMIN_SESSION),)),
                Step(
                    "Were they taken back?",
                    (("tag", "grant:VIEWER"), ("since", since), ("until", until)),
                ),
            ),
            begins_at=self.begins_at,
            ends_at=self.ends_at,
            facts={
                "admin": self._admin.email,
                "security": self._security.email,
                "admin_session": _ADMIN_SESSION,
                "security_session": _SECURITY_SESSION,
                "users": str(_USERS),
            },
            events=events,
        )

    @property
    def _admin(self) -> Person:
        return self.company.person("hannah.becker")

    @property
    def _security(self) -> Person:
        return self.company.person("ingrid.solberg")


def _viewers(world: World) -> list[Resource]:
    """Those who may only look, by e-mail; nobody another story needs."""
    users = sorted(world.free("user"), key=lambda user: user.id)
    return [
        user
        for user in users
        if access.grant_of(world.document(*user.key) or {}, "prod") == "VIEWER"
    ]
