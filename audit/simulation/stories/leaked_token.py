"""A token with too much power is printed in a public build log; somebody finds it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from audit.simulation import access, calendar
from audit.simulation.actors import Actor, Origin, Person
from audit.simulation.administration import change_grant
from audit.simulation.company import Company
from audit.simulation.engineering import record_launch
from audit.simulation.executions import new_id, report_failure
from audit.simulation.flow_defects import Defect
from audit.simulation.incidents import Incident, Step, Story, on, workday_before
from audit.simulation.infrastructure import branch_document
from audit.simulation.oversight import record_search
from audit.simulation.responses import run
from audit.simulation.sessions import record_sign_in, sign_out, user_resource
from audit.simulation.world import Context, Process, Resource, World

_TOKEN = Resource("agent_token", "agt_7c1e93d0", "growth-ci")
_SECOND_TOKEN = Resource("agent_token", "agt_e60b2f55", "agent-eu-2")
_STRANGE_ADDRESS = "203.0.113.199"
_STRANGE_CLIENT = "python-requests/2.32.5"
_CI_ADDRESS = "198.51.100.133"
_SMOKE_TEST, _EXPORT = "ci_smoke_test", "export_customers"
_BRANCH, _BRANCH_NAME = "branch-1106", "tomas/debug-build"
_DENIED = ("SAML_SIGNING_KEY", "GIT_APP_KEY")
_READ = ("HUBSPOT_TOKEN", "SENDGRID_API_KEY", "ADS_REFRESH_TOKEN", "WAREHOUSE_PASSWORD")
_GRAFANA = Resource("service_user", "grafana-reader", "grafana-reader")
_NIGHTS_BEFORE = 8
_TOKEN_AGE = 6  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakedToken(Story):
    """Begins when the token is created, ends when security signs out."""

    slug: ClassVar[str] = "leaked-token"
    cast: ClassVar[tuple[str, ...]] = ("tomas.herrera", "ahmed.elsayed")
    event_names: ClassVar[tuple[str, ...]] = (
        "developer-signs-in",
        "token-created",
        "token-granted-admin",
        "developer-signs-out",
        "branch-opened",
        "token-printed",
        "branch-closed",
        *(f"denied-{name}" for name in _DENIED),
        *(f"read-{name}" for name in _READ),
        "first-export",
        "user-made-admin",
        "service-user-made-admin",
        "second-token-created",
        "second-token-reads",
        "second-export",
        "security-signs-in",
        "search-for-reads",
        "search-for-address",
        "token-revoked",
        "second-token-revoked",
        "user-made-viewer",
        "service-user-restored",
        "hold-placed",
        *(f"replaced-{name}" for name in _READ),
        "security-signs-out",
    )
    #: The day whose small hours the misuse falls into.
    night_before: datetime

    @classmethod
    def plan(cls, company: Company, ends_at: datetime) -> "LeakedToken":
        developer, security = (company.person(mailbox) for mailbox in cls.cast)
        morning = workday_before(ends_at, _NIGHTS_BEFORE, (security,))
        midnight = calendar.at(morning, 0, "UTC")
        created_on = workday_before(midnight, _TOKEN_AGE, (developer,))
        return cls(
            company=company,
            begins_at=on(created_on, "10:36:12.480", developer.zone),
            night_before=midnight,
            ends_at=midnight + timedelta(hours=7, minutes=31, seconds=44),
        )

    def prepare(self, world: World) -> None:
        """The secrets are older than the log, and nobody deletes them before the story."""
        world.reserved |= {("secret", name) for name in _READ + _DENIED}
        world.reserved |= {_GRAFANA.key, user_resource(self._accomplice).key}

    def play(self, world: World) -> Process:
        yield self.begins_at
        yield from self._create_token(world)
        world.start(self._use_properly(world))
        yield from self._print_it(world)
        yield self.night_before
        yield from self._misuse(world)
        yield from self._stay(world)
        yield from self._revoke(world)
        world.reserved -= {("secret", name) for name in _READ + _DENIED}
        world.reserved -= {_GRAFANA.key, user_resource(self._accomplice).key}

    def _create_token(self, world: World) -> Process:
        developer = self._developer
        origin = Origin(
            developer.actor, "s_a47d10c9e2", developer.addresses[0], developer.user_agents[0]
        )
        record_sign_in(world, developer, origin, self.key("developer-signs-in"))
        yield world.after(minutes=6.4)
        document = access.token_document(
            _TOKEN.id, _TOKEN.name, developer.email, ["AGENT"], "never", world.rng
        )
        context = self._context("token-created", "Created for growth-ci", token_id=_TOKEN.id)
        world.create(origin, "agent_token.created", _TOKEN, document, context)
        yield world.after(minutes=3.1)
        context = replace(
            self._context("token-granted-admin", "Granted ADMIN in prod", token_id=_TOKEN.id),
            details={"token_id": _TOKEN.id, "grant": "ADMIN", "deployment": "prod"},
            deployment="prod",
        )
        granted = document | {"scopes": ["AGENT", "ADMIN"]}
        world.update(origin, "agent_token_permissions.updated", _TOKEN, granted, context)
        yield world.after(minutes=11)
        sign_out(world, origin, self.key("developer-signs-out"))

    def _use_properly(self, world: World) -> Process:
        """Until it is revoked, the build uses the token from its one address, by day."""
        client = self.company.machines.ci.user_agent
        origin = Origin(_ACTOR, "", _CI_ADDRESS, client)
        flow = world.flows[_SMOKE_TEST]
        while world.document(*_TOKEN.key) is not None:
            if world.now.weekday() < 5 and 14 <= world.now.hour < 23:
                record_launch(world, flow, origin, new_id(world), "staging")
            yield world.after(hours=world.rng.uniform(2, 7))

    def _print_it(self, world: World) -> Process:
        """The build of a branch fails, and prints its environment for all to read."""
        yield self.begins_at + timedelta(hours=3.3)
        ci = self.company.machines.ci.origin
        deployment = Resource("deployment", _BRANCH)
        author = self._developer.email
        document = branch_document(_BRANCH, _BRANCH_NAME, author, "c20b7e9", 1106)
        context = Context(
            key=self.key("branch-opened"),
            deployment=_BRANCH,
            branch_deployment=_BRANCH,
            details={"branch": _BRANCH_NAME, "commit": "c20b7e9", "is_branch_deployment": "true"},
            summary=f"Opened for {_BRANCH_NAME}",
        )
        world.create(ci, "deployment.created", deployment, document, context)
        yield world.after(minutes=7.6)
        self._fail_build(world)
        yield world.after(hours=1.2)
        context = replace(
            context, key=self.key("branch-closed"), summary=f"Closed with {_BRANCH_NAME}"
        )
        world.delete(ci, "deployment.deleted", deployment, context)

    def _fail_build(self, world: World) -> None:
        flow, id = world.flows[_SMOKE_TEST], new_id(world)
        error = (
            "exit status 1; the build printed its environment to its public log: "
            "ACME_AGENT_TOKEN=agt_7c1e… (line 214 of build 88213)"
        )
        started = Context(
            deployment=_BRANCH,
            branch_deployment=_BRANCH,
            details={
                "namespace": flow.spec.namespace,
                "flow_id": flow.spec.id,
                "execution_id": id,
                "token_id": _TOKEN.id,
                "build": "88213",
            },
        )
        execution = Resource("execution", id, flow.spec.id)
        task = (world.document("flow", flow.spec.id) or {})["tasks"][0]["id"]
        report_failure(world, execution, started, Defect(task, error), self.key("token-printed"))

    def _misuse(self, world: World) -> Process:
        """Two in the morning: what may this token read?"""
        yield self.night_before + timedelta(hours=1, minutes=47, seconds=9.3)
        for name in _DENIED:
            self._read(world, _ACTOR, name, f"denied-{name}", "denied")
            yield world.after(seconds=world.rng.uniform(3, 11))
        for name in _READ:
            self._read(world, _ACTOR, name, f"read-{name}", "success")
            yield world.after(seconds=world.rng.uniform(3, 11))
        yield world.after(minutes=8)
        self._export(world, _ACTOR, "first-export")

    def _stay(self, world: World) -> Process:
        """Then it makes sure to come back."""
        origin = _strange(_ACTOR)
        yield world.after(minutes=11.7)
        accomplice = user_resource(self._accomplice)
        change_grant(world, origin, accomplice, "prod", "ADMIN", self.key("user-made-admin"))
        yield world.after(minutes=2.3)
        self._grant_grafana(world, origin, "ADMIN", "service-user-made-admin")
        yield world.after(minutes=4.6)
        document = access.token_document(
            _SECOND_TOKEN.id, _SECOND_TOKEN.name, _TOKEN.id, ["AGENT", "ADMIN"], "never", world.rng
        )
        context = self._context(
            "second-token-created", "Created for agent-eu-2", token=_SECOND_TOKEN.id
        )
        world.create(origin, "agent_token.created", _SECOND_TOKEN, document, context)
        yield world.after(minutes=9.2)
        self._read(world, _SECOND_ACTOR, "WAREHOUSE_PASSWORD", "second-token-reads", "success")
        yield world.after(minutes=1.4)
        self._export(world, _SECOND_ACTOR, "second-export")

    def _revoke(self, world: World) -> Process:
        security = self._security
        origin = Origin(
            security.actor, "s_e2095b7fd4", security.addresses[0], security.user_agents[0]
        )
        yield self.night_before + timedelta(hours=6, minutes=22, seconds=5.1)
        record_sign_in(world, security, origin, self.key("security-signs-in"))
        yield world.after(minutes=9.5)
        query = "actor_kind:agent_token event:secret.read since:now-24h"
        record_search(world, origin, query, 7, self.key("search-for-reads"))
        yield world.after(minutes=3.2)
        query = f"ip:{_STRANGE_ADDRESS}"
        record_search(world, origin, query, 12, self.key("search-for-address"))
        for token, name in ((_TOKEN, "token-revoked"), (_SECOND_TOKEN, "second-token-revoked")):
            yield world.after(minutes=2.7)
            context = self._context(name, "Revoked: leaked", token_id=token.id, reason="leaked")
            world.delete(origin, "agent_token.revoked", token, context)
        yield from self._undo(world, origin)
        yield self.ends_at
        sign_out(world, origin, self.key("security-signs-out"))

    def _undo(self, world: World, origin: Origin) -> Process:
        yield world.after(minutes=4.1)
        accomplice = user_resource(self._accomplice)
        change_grant(world, origin, accomplice, "prod", "VIEWER", self.key("user-made-viewer"))
        yield world.after(minutes=1.2)
        self._grant_grafana(world, origin, "LAUNCHER", "service-user-restored")
        yield world.after(minutes=3.5)
        hold = Resource("hold", "case-leaked-token", "Leaked token")
        context = self._context("hold-placed", "Kept for the case", reason="leaked token")
        document = {"case": hold.name, "query": f"ip:{_STRANGE_ADDRESS}"}
        world.create(origin, "hold.placed", hold, document, context)
        for name in _READ:
            yield world.after(minutes=2.9)
            self._replace(world, origin, name)

    def _replace(self, world: World, origin: Origin, name: str) -> None:
        secret = Resource("secret", name)
        document = world.document(*secret.key) or {}
        details = {"secret_name": name, "namespace": document["namespace"]}
        context = Context(
            key=self.key(f"replaced-{name}"),
            deployment="prod",
            details=details | {"value_changed": "true", "reason": "leaked"},
            summary="Replaced the value after a leak",
        )
        changed = access.new_value(document, world.rng)
        world.update(origin, "secret.updated", secret, changed, context)

    def _read(self, world: World, actor: Actor, name: str, event: str, outcome: str) -> None:
        document = world.document("secret", name) or {}
        context = Context(
            key=self.key(event),
            deployment="prod",
            details={"secret_name": name, "namespace": document["namespace"]},
            outcome=outcome,
        )
        world.log(_strange(actor), "secret.read", Resource("secret", name), context)

    def _export(self, world: World, actor: Actor, event: str) -> None:
        flow, id = world.flows[_EXPORT], new_id(world)
        record_launch(world, flow, _strange(actor), id, key=self.key(event))
        scheduler = self.company.machines.scheduler.origin
        world.start(run(world, flow, "api", scheduler, id=id), world.after(seconds=1.2))

    def _grant_grafana(self, world: World, origin: Origin, grant: str, event: str) -> None:
        changed, summary = access.with_grant(world.document(*_GRAFANA.key) or {}, "prod", grant)
        context = Context(
            key=self.key(event),
            deployment="prod",
            details={"grantee": _GRAFANA.id, "grant": grant, "deployment": "prod"},
            summary=summary,
        )
        world.update(origin, "service_user_permissions.changed", _GRAFANA, changed, context)

    def _context(self, name: str, summary: str, **details: str) -> Context:
        return Context(key=self.key(name), details=details, summary=summary)

    def tell(self, events: Mapping[str, str]) -> Incident:
        since = self.night_before.strftime("%Y-%m-%dT%H:%MZ")
        return Incident(
            slug=self.slug,
            title="A leaked token was used at night from a new address",
            question="What did the leaked token do, and from where?",
            answer=(
                f"{self._developer.name} gave growth-ci ADMIN in prod; a build printed the token. "
                f"From {_STRANGE_ADDRESS} somebody read four secrets with it, exported the "
                "customers twice, made two accounts administrators and created a second token. "
                f"{self._security.name} revoked both in the morning and undid the rest."
            ),
            steps=(
                Step(
                    "Secrets are hardly ever read by agents: look at those reads.",
                    (("event_type", "secret.read"), ("actor_kind", "agent_token")),
                ),
                Step(
                    "Click the actor growth-ci: by day it launches runs in staging from "
                    f"{_CI_ADDRESS}, but that night it comes from {_STRANGE_ADDRESS}.",
                    (("actor", _TOKEN.id), ("since", since)),
                ),
                Step("See everything else from that address.", (("ip", _STRANGE_ADDRESS),)),
                Step(
                    "Where did the token come from? Follow the tag.",
                    (("tag", f"token_id:{_TOKEN.id}"),),
                ),
            ),
            begins_at=self.begins_at,
            ends_at=self.ends_at,
            facts={
                "token": _TOKEN.id,
                "second_token": _SECOND_TOKEN.id,
                "address": _STRANGE_ADDRESS,
                "usual_address": _CI_ADDRESS,
                "user_agent": _STRANGE_CLIENT,
                "developer": self._developer.email,
                "security": self._security.email,
            },
            events=events,
        )

    @property
    def _developer(self) -> Person:
        return self.company.person("tomas.herrera")

    @property
    def _security(self) -> Person:
        return self.company.person("ahmed.elsayed")

    @property
    def _accomplice(self) -> Person:
        """Somebody whose account nobody watches."""
        return self.company.readers[71]


_ACTOR = Actor("agent_token", _TOKEN.id, _TOKEN.name)
_SECOND_ACTOR = Actor("agent_token", _SECOND_TOKEN.id, _SECOND_TOKEN.name)


def _strange(actor: Actor) -> Origin:
    return Origin(actor, "", _STRANGE_ADDRESS, _STRANGE_CLIENT)
