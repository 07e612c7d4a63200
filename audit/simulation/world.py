"""The world of a simulation: a clock, an agenda of processes, every resource's document.

What happens is written as generators ("processes"): they act, yield the moment at which they
want to go on, and are resumed then. The world is the only place that makes events, so it can
keep the one promise that matters: an event's before is what the resource was, its after is
what the resource is from then on.
"""

import hashlib
import heapq
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from audit.simulation import calendar
from audit.simulation.actors import Origin, Person
from audit.simulation.catalogue import FlowSpec
from audit.simulation.company import Company
from audit.simulation.document import Document
from audit.simulation.flow_defects import Defect

type Event = dict[str, Any]
type Process = Generator[datetime, None, None]

#: An action that completes an earlier one, at the next opportunity of the same person.
type Todo = Callable[[Origin], None]

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Resource:
    """What an event is about."""

    type: str
    id: str
    name: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.type, self.id


@dataclass(slots=True)
class Flow:
    """What the simulation knows of a flow besides its document.

    ``history`` are the earlier revisions with their numbers, oldest first. A flow with a
    ``defect`` fails until somebody returns to ``good``, the last revision that worked.
    """

    spec: FlowSpec
    history: list[tuple[int, Document]] = field(default_factory=list)
    defect: Defect | None = None
    good: tuple[int, Document] | None = None
    is_attended: bool = False


@dataclass(frozen=True, slots=True)
class Tempo:
    """How much happens on an ordinary weekday, company-wide; weekends are quiet by themselves."""

    sessions: float
    reader_sessions: float
    sensor_runs: float
    requested_runs: float
    pushes: float
    #: Of the flows by schedule, how many runs a day there is room for.
    scheduled_runs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an event says besides who, what and when; empty text is "not given"."""

    deployment: str = ""
    branch_deployment: str = ""
    details: Mapping[str, str] | None = None
    summary: str = ""
    outcome: str = "success"
    key: str = ""


_NO_CONTEXT = Context()


class World:
    """Clock, agenda and resources; ``run`` yields the events in the order of time.

    ``identity`` tells this simulation from every other one, and with that its idempotency keys;
    ``incident_identity`` does the same for scripted events, whose keys are known beforehand.
    """

    def __init__(
        self,
        company: Company,
        tempo: Tempo,
        rng: Random,
        starts_at: datetime,
        ends_at: datetime,
        identity: str,
        incident_identity: str,
    ) -> None:
        self.company = company
        self.tempo = tempo
        self.rng = rng
        self.starts_at = starts_at
        self.ends_at = ends_at
        self.now = starts_at
        self.flows: dict[str, Flow] = {}
        #: The flow somebody works on in their present session, by e-mail.
        self.focus: dict[str, str] = {}
        #: What people have begun and will finish, by e-mail.
        self.todo: dict[str, list[Todo]] = {}
        self.absences: dict[str, set[date]] = {}
        #: Resources that a story needs undisturbed.
        self.reserved: set[tuple[str, str]] = set()
        #: Flows whose executions a story plays itself.
        self.staged: set[str] = set()
        #: Flows that were built and deleted again.
        self.retired: set[str] = set()
        self._identity = identity
        self._incident_identity = incident_identity
        self._agenda: list[tuple[datetime, int, Process]] = []
        self._started = 0
        self._documents: dict[tuple[str, str], Document] = {}
        self._resources: dict[str, dict[str, Resource]] = {}
        self._previous: dict[tuple[str, str], Document] = {}
        self._revisions: dict[tuple[str, str], int] = {}
        self._events: list[Event] = []
        self._count = 0
        self._last = starts_at

    # Time

    def start(self, process: Process, at: datetime | None = None) -> None:
        """Let ``process`` begin now, or ``at`` a later moment."""
        self._started += 1
        heapq.heappush(self._agenda, (max(self.now, at or self.now), self._started, process))

    def after(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0) -> datetime:
        """The moment so much later than now: what a process yields to wait."""
        return self.now + timedelta(seconds=seconds, minutes=minutes, hours=hours)

    def run(self) -> Iterator[Event]:
        """Everything that happens before the end."""
        while self._agenda:
            at, order, process = heapq.heappop(self._agenda)
            if at >= self.ends_at:
                return
            self.now = at
            resumes_at = next(process, None)
            if resumes_at is not None:
                heapq.heappush(self._agenda, (max(resumes_at, at), order, process))
            yield from self._events
            self._events.clear()

    def is_at_work(self, person: Person, moment: datetime) -> bool:
        """Whether somebody works at a moment: not at night, at weekends or on holiday."""
        day = calendar.local(moment, person.zone).date()
        return person.is_working_at(moment) and day not in self.absences.get(person.email, ())

    def leave_for_later(self, origin: Origin, todo: Todo) -> None:
        """Let the same person finish this, with their next action."""
        self.todo.setdefault(origin.actor.id, []).append(todo)

    # Resources

    def place(self, resource: Resource, document: Document, revision: int = 1) -> None:
        """Put a resource there without an event: it is older than the log."""
        self._documents[resource.key] = document
        self._resources.setdefault(resource.type, {})[resource.id] = resource
        self._revisions[resource.key] = revision

    def document(self, type: str, id: str) -> Document | None:
        return self._documents.get((type, id))

    def previous(self, resource: Resource) -> Document | None:
        """What the resource was before its last recorded change."""
        return self._previous.get(resource.key)

    def all(self, type: str) -> list[Resource]:
        """The living resources of a type, oldest first."""
        return list(self._resources.get(type, {}).values())

    def free(self, type: str) -> list[Resource]:
        """Those that no story has reserved."""
        return [resource for resource in self.all(type) if resource.key not in self.reserved]

    def revision(self, resource: Resource) -> int:
        return self._revisions.get(resource.key, 0)

    # Events

    def log(
        self,
        origin: Origin,
        event_type: str,
        resource: Resource | None = None,
        context: Context = _NO_CONTEXT,
    ) -> None:
        """Something happened that changed no document."""
        self._record(origin, event_type, "other", resource, context, {})

    def create(
        self,
        origin: Origin,
        event_type: str,
        resource: Resource,
        document: Document,
        context: Context = _NO_CONTEXT,
    ) -> None:
        self.place(resource, document)
        self._record(origin, event_type, "created", resource, context, {"after": document})

    def update(
        self,
        origin: Origin,
        event_type: str,
        resource: Resource,
        document: Document,
        context: Context = _NO_CONTEXT,
    ) -> None:
        before = self._documents[resource.key]
        self._previous[resource.key] = before
        self._documents[resource.key] = document
        self._revisions[resource.key] += 1
        snapshots = {"before": before, "after": document}
        self._record(origin, event_type, "updated", resource, context, snapshots)

    def delete(
        self, origin: Origin, event_type: str, resource: Resource, context: Context = _NO_CONTEXT
    ) -> None:
        before = self._documents.pop(resource.key)
        del self._resources[resource.type][resource.id]
        self._record(origin, event_type, "deleted", resource, context, {"before": before})

    def change_behind_the_log(self, resource: Resource, document: Document) -> None:
        """Change a resource without an event: the one thing an audit log fears."""
        self._documents[resource.key] = document

    def _record(
        self,
        origin: Origin,
        event_type: str,
        change: str,
        resource: Resource | None,
        context: Context,
        snapshots: dict[str, Document],
    ) -> None:
        # Two events never share a millisecond, so that their order is never in doubt.
        self._last = max(_to_millisecond(self.now), self._last + _MILLISECOND)
        if self._last >= self.ends_at:
            return
        self._count += 1
        event: Event = {
            "occurred_at": rfc3339(self._last),
            "actor": _actor(origin),
            "event_type": event_type,
            "change": change,
            "outcome": context.outcome,
        }
        if resource is not None:
            event["resource"] = {
                "type": resource.type,
                "id": resource.id,
                "name": resource.name or resource.id,
            }
        event |= _given(origin, context)
        event["request_id"] = f"req_{self.rng.getrandbits(64):016x}"
        event["idempotency_key"] = self._key(context.key)
        self._events.append(event | snapshots)

    def _key(self, scripted: str) -> str:
        if scripted:
            return idempotency_key(self._incident_identity, scripted)
        return idempotency_key(self._identity, str(self._count))


def idempotency_key(identity: str, name: str) -> str:
    """The key of one event of one simulation: the same for equal arguments, else another."""
    digest = hashlib.blake2b(f"{identity}/{name}".encode(), digest_size=12)
    return f"sim-{digest.hexdigest()}"


def rfc3339(moment: datetime) -> str:
    """RFC 3339 with milliseconds, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _to_millisecond(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _actor(origin: Origin) -> dict[str, str]:
    actor = origin.actor
    told = {"kind": actor.kind, "id": actor.id, "name": actor.name}
    return told | {"impersonator": actor.impersonator} if actor.impersonator else told


def _given(origin: Origin, context: Context) -> Event:
    """The optional members, in their usual order, without the empty ones."""
    members: Event = {
        "deployment": context.deployment,
        "branch_deployment": context.branch_deployment,
        "details": dict(context.details or {}),
        "summary": context.summary,
        "session": origin.session,
        "ip": origin.ip,
        "user_agent": origin.user_agent,
    }
    return {name: value for name, value in members.items() if value}
