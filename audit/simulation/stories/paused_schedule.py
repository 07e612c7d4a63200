"""A schedule is paused and forgotten; the report of the next morning fails."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from audit.simulation.actors import Origin, Person
from audit.simulation.administration import grant_namespace
from audit.simulation.company import Company
from audit.simulation.document import Document
from audit.simulation.engineering import record_launch
from audit.simulation.executions import report_failure, report_start, report_success, send_alert
from audit.simulation.flow_defects import Defect
from audit.simulation.incidents import Incident, Step, Story, on, workday_before
from audit.simulation.infrastructure import branch_document
from audit.simulation.oversight import LOG, record_search
from audit.simulation.redaction import redacted
from audit.simulation.responses import record_restart
from audit.simulation.scheduling import change_schedule
from audit.simulation.sessions import new_origin, record_sign_in, sign_out, user_resource
from audit.simulation.world import Context, Process, Resource, World

_ZONE = "Europe/Warsaw"
_NAMESPACE = "company.finance"
_FLOW, _REPORT = "nightly_revenue", "revenue_report"
_SCHEDULE = Resource("schedule", _FLOW, "Nightly revenue")
_SECRET = Resource("secret", "STRIPE_KEY")
_MARA_SESSION = "s_8f2c41d07e"
_BRANCH, _BRANCH_NAME = "branch-1183", "mara/stripe-api-key"
_FAILED_RUN, _FAILED_REPORT, _RERUN, _SECOND_REPORT = "2aTf9XkQ", "7hQm2LpV", "Xw81sBdR", "c4Ne0ZyT"
_SETTLED = timedelta(hours=1)  # how long it should be over when the log ends


@dataclass(frozen=True, slots=True, kw_only=True)
class PausedSchedule(Story):
    """Begins when Mara signs in after lunch, ends when the helper signs out next morning."""

    slug: ClassVar[str] = "paused-schedule"
    cast: ClassVar[tuple[str, ...]] = (
        "mara.ito",
        "lena.k",
        "jon.reyes",
        "lukasz.zak",
        "zoe.angstrom",
        "priya.raghunathan",
        "samuel.osei",
    )
    event_names: ClassVar[tuple[str, ...]] = (
        "mara-signs-in",
        "run-launched",
        "run-started",
        "run-failed",
        "secret-deleted",
        "jon-signs-in",
        "lena-granted",
        "branch-opened",
        "paused",
        "mara-signs-out",
        "report-started",
        "report-failed",
        "alert-sent",
        "helper-signs-in",
        "log-opened",
        "log-searched",
        "rolled-back",
        "rerun-launched",
        "rerun-started",
        "rerun-succeeded",
        "report-restarted",
        "second-report-started",
        "second-report-succeeded",
        "helper-signs-out",
    )

    @classmethod
    def plan(cls, company: Company, ends_at: datetime) -> "PausedSchedule":
        people = tuple(company.person(mailbox) for mailbox in cls.cast[:3])
        days = 0
        while True:
            day = workday_before(ends_at, days, people)
            over_at = on(day + timedelta(days=1), "6:52:10", _ZONE)
            if over_at + _SETTLED <= ends_at:
                begins_at = on(day, "13:41:20", _ZONE)
                return cls(company=company, begins_at=begins_at, ends_at=over_at)
            days += 1

    def prepare(self, world: World) -> None:
        """Nobody else touches the schedule; it is at revision 41 when the story begins."""
        schedule = deepcopy(world.document(*_SCHEDULE.key) or {})
        schedule["retries"] = [schedule["retries"][0], {"type": "exponential", "max": 2}]
        world.place(_SCHEDULE, schedule, revision=39)
        lena = user_resource(self.company.person("lena.k"))
        account = deepcopy(world.document(*lena.key) or {})
        account["grants"][0]["namespaces"][0]["grant"] = "LAUNCHER"
        world.place(lena, account)
        world.reserved |= {_SCHEDULE.key, ("schedule", _REPORT), _SECRET.key, lena.key}
        self._edit_earlier(world, 46, "chidinma.eze", _describe)
        self._edit_earlier(world, 18, "giulia.ferrari", _allow_three_attempts)

    def play(self, world: World) -> Process:
        undisturbed = {("flow", _FLOW), ("flow", _REPORT), ("alert_policy", "finance-failures")}
        yield self.begins_at - timedelta(hours=12)
        world.reserved |= undisturbed
        yield self.begins_at
        mara = self.company.person("mara.ito")
        origin = Origin(mara.actor, _MARA_SESSION, mara.addresses[0], mara.user_agents[0])
        record_sign_in(world, mara, origin, self.key("mara-signs-in"))
        yield from self._refused_key(world, origin)
        yield from self._colleagues(world)
        yield from self._pause(world, origin)
        world.staged.add(_REPORT)
        yield from self._failed_report(world)
        yield from self._help(world)
        world.staged.discard(_REPORT)
        world.reserved -= undisturbed

    def _refused_key(self, world: World, origin: Origin) -> Process:
        """What made her do it: a run by hand fails on the old key, so she removes the key."""
        flow = world.flows[_FLOW]
        yield self._that_day("13:55:02.640")
        record_launch(world, flow, origin, _FAILED_RUN, key=self.key("run-launched"))
        yield self._that_day("13:55:03.911")
        started = report_start(world, flow, _FAILED_RUN, "manual", self.key("run-started"))
        yield self._that_day("13:58:33.004")
        error = "HTTP 401 from stripe: the key in STRIPE_KEY was rolled and is no longer valid"
        defect = Defect("wait_for_source", error)
        execution = Resource("execution", _FAILED_RUN, _FLOW)
        report_failure(world, execution, started, defect, self.key("run-failed"))
        yield self._that_day("14:12:09.220")
        context = Context(
            key=self.key("secret-deleted"),
            deployment="prod",
            details={"secret_name": _SECRET.id, "namespace": _NAMESPACE},
            summary="Deleted, replaced by STRIPE_API_KEY",
        )
        world.delete(origin, "secret.deleted", _SECRET, context)

    def _colleagues(self, world: World) -> Process:
        jon = self.company.person("jon.reyes")
        origin = Origin(jon.actor, "s_51c7a90b3f", jon.addresses[0], jon.user_agents[0])
        yield self._that_day("14:27:19.305")
        record_sign_in(world, jon, origin, self.key("jon-signs-in"))
        yield self._that_day("14:30:41.877")
        lena = user_resource(self.company.person("lena.k"))
        grant_namespace(world, origin, lena, _NAMESPACE, "EDITOR", self.key("lena-granted"))
        world.reserved.discard(lena.key)
        yield self._that_day("14:31:55.102")
        author = f"mara.ito@{self.company.domain}"
        document = branch_document(_BRANCH, _BRANCH_NAME, author, "9f31c02", 1183)
        context = Context(
            key=self.key("branch-opened"),
            deployment=_BRANCH,
            branch_deployment=_BRANCH,
            details={
                "branch": _BRANCH_NAME,
                "commit": "9f31c02",
                "namespace": _NAMESPACE,
                "is_branch_deployment": "true",
            },
            summary=f"Opened for {_BRANCH_NAME}",
        )
        ci = self.company.machines.ci.origin
        world.create(ci, "deployment.created", Resource("deployment", _BRANCH), document, context)

    def _pause(self, world: World, origin: Origin) -> Process:
        yield self._that_day("14:32:07.418")
        after = _paused_and_moved(world.document(*_SCHEDULE.key) or {}, world)
        key = self.key("paused")
        change_schedule(world, _SCHEDULE, origin, after, "Paused and moved to 04:30", key=key)
        yield self._that_day("14:46:30.550")
        sign_out(world, origin, self.key("mara-signs-out"))

    def _failed_report(self, world: World) -> Process:
        flow, execution = world.flows[_REPORT], Resource("execution", _FAILED_REPORT, _REPORT)
        yield self._next_morning("6:00:02.315")
        key = self.key("report-started")
        started = report_start(world, flow, _FAILED_REPORT, "schedule", key)
        yield self._next_morning("6:02:41.870")
        day = self.begins_at.date()
        error = (
            f"StalePartition: finance.revenue_daily has no partition {day.isoformat()}; "
            f"the newest is {(day - timedelta(days=1)).isoformat()}"
        )
        defect = Defect("wait_for_source", error)
        report_failure(world, execution, started, defect, self.key("report-failed"))
        yield self._next_morning("6:02:55.030")
        send_alert(world, flow, execution, self.key("alert-sent"))

    def _help(self, world: World) -> Process:
        """Whoever is on call finds out, undoes it and repeats what was missed."""
        helper = self._helper
        origin = Origin(helper.actor, "s_3b90e6a512", helper.addresses[-1], helper.user_agents[0])
        yield self._next_morning("6:11:37.204")
        record_sign_in(world, helper, origin, self.key("helper-signs-in"))
        yield self._next_morning("6:14:05.660")
        world.log(origin, "log.opened", LOG, Context(key=self.key("log-opened")))
        yield self._next_morning("6:14:48.912")
        query = f"event:schedule.updated namespace:{_NAMESPACE} since:now-24h"
        record_search(world, origin, query, 1, self.key("log-searched"))
        yield self._next_morning("6:21:16.450")
        change_schedule(
            world,
            _SCHEDULE,
            origin,
            world.previous(_SCHEDULE) or {},
            "Rolled back to revision 41",
            key=self.key("rolled-back"),
            rolled_back_to="41",
        )
        yield from self._repeat(world, origin)
        yield self.ends_at
        sign_out(world, origin, self.key("helper-signs-out"))

    def _repeat(self, world: World, origin: Origin) -> Process:
        flow, report = world.flows[_FLOW], world.flows[_REPORT]
        yield self._next_morning("6:23:40.008")
        record_launch(world, flow, origin, _RERUN, key=self.key("rerun-launched"))
        yield self._next_morning("6:23:41.230")
        started = report_start(world, flow, _RERUN, "manual", self.key("rerun-started"))
        yield self._next_morning("6:37:52.761")
        rerun = Resource("execution", _RERUN, _FLOW)
        report_success(world, rerun, started, 14.19, self.key("rerun-succeeded"))
        yield self._next_morning("6:39:10.545")
        failed = Resource("execution", _FAILED_REPORT, _REPORT)
        key = self.key("report-restarted")
        record_restart(world, report, failed, origin, _SECOND_REPORT, key)
        yield self._next_morning("6:39:11.720")
        key = self.key("second-report-started")
        started = report_start(world, report, _SECOND_REPORT, "restart", key)
        yield self._next_morning("6:42:20.093")
        second = Resource("execution", _SECOND_REPORT, _REPORT)
        report_success(world, second, started, 3.14, self.key("second-report-succeeded"))

    def tell(self, events: Mapping[str, str]) -> Incident:
        helper = self._helper
        return Incident(
            slug=self.slug,
            title="A schedule was switched off before a run failed",
            question="Who switched off the schedule before the failed run?",
            answer=(
                "Mara Ito paused nightly_revenue at 14:32 and moved it to 04:30 Europe/Warsaw. "
                "Nothing ran that night, so revenue_report found no data at 06:00. "
                f"{helper.name}, who was on call, rolled the schedule back at 06:21."
            ),
            steps=(
                Step(
                    "See what failed in finance.",
                    (("tag", f"namespace:{_NAMESPACE}"), ("event_type", "execution.failed")),
                ),
                Step(
                    "The report waited for a partition that nightly_revenue writes: "
                    "click the tag and ask for changes of the schedule.",
                    (("tag", f"flow_id:{_FLOW}"), ("event_type", "schedule.updated")),
                ),
                Step(
                    "Show the event “Paused and moved to 04:30”: the diff has paused false → true."
                ),
                Step("What else did she do? Follow the session.", (("session", _MARA_SESSION),)),
            ),
            begins_at=self.begins_at,
            ends_at=self.ends_at,
            facts={
                "actor": f"mara.ito@{self.company.domain}",
                "helper": helper.email,
                "resource_type": _SCHEDULE.type,
                "resource_id": _SCHEDULE.id,
                "namespace": _NAMESPACE,
                "failed_execution": _FAILED_REPORT,
                "session": _MARA_SESSION,
            },
            events=events,
        )

    @property
    def _helper(self) -> Person:
        return self.company.on_call(self.ends_at)

    def _that_day(self, clock: str) -> datetime:
        return on(self.begins_at.date(), clock, _ZONE)

    def _next_morning(self, clock: str) -> datetime:
        return on(self.begins_at.date() + timedelta(days=1), clock, _ZONE)

    def _edit_earlier(self, world: World, days: int, mailbox: str, edit: "_Edit") -> None:
        """An ordinary edit in the schedule's history, or one that is older than the log."""
        person = self.company.person(mailbox)
        day = workday_before(self.begins_at, days, (person,))
        begins_at = on(day, "10:17:31.090", person.zone)
        if begins_at > world.starts_at:
            world.start(_edit_in_session(world, person, edit), begins_at)
            return
        document = deepcopy(world.document(*_SCHEDULE.key) or {})
        edit(document)
        world.place(_SCHEDULE, document, world.revision(_SCHEDULE) + 1)


type _Edit = Callable[[Document], str]


def _edit_in_session(world: World, person: Person, edit: _Edit) -> Process:
    origin = new_origin(world, person)
    record_sign_in(world, person, origin)
    yield world.after(minutes=4.2)
    document = deepcopy(world.document(*_SCHEDULE.key) or {})
    change_schedule(world, _SCHEDULE, origin, document, edit(document))


def _describe(document: Document) -> str:
    document["description"] = "Books yesterday's revenue. revenue_report waits for it at 06:00."
    return "Said in the description who waits for it"


def _allow_three_attempts(document: Document) -> str:
    document["retries"][-1]["max"] = 3
    return "Set retries to 3"


def _paused_and_moved(document: Document, world: World) -> Document:
    timing = {"cron": "30 4 * * *", "timezone": _ZONE, "paused": True}
    retries = [{"type": "exponential", "max": 5}]
    return document | {"schedule": timing, "retries": retries, "secret": redacted(world.rng)}
