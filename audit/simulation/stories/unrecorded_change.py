"""An alert policy changes without an event: only the next event gives it away."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from audit.simulation.actors import Person
from audit.simulation.company import Company
from audit.simulation.document import Document
from audit.simulation.incidents import Incident, Step, Story, on, workday_before
from audit.simulation.sessions import new_origin, record_sign_in, sign_out
from audit.simulation.world import Context, Process, Resource, World

_POLICY = Resource("alert_policy", "finance-failures")
_DAYS_BEFORE = 13
_HIDDEN_FAILURES = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class UnrecordedChange(Story):
    """Begins with the last honest event, ends with the one that does not fit to it."""

    slug: ClassVar[str] = "unrecorded-change"
    cast: ClassVar[tuple[str, ...]] = ("giulia.ferrari", "chidinma.eze")
    event_names: ClassVar[tuple[str, ...]] = ("last-before", "first-after")

    @classmethod
    def plan(cls, company: Company, ends_at: datetime) -> "UnrecordedChange":
        first, second = (company.person(mailbox) for mailbox in cls.cast)
        last_day = workday_before(ends_at, _DAYS_BEFORE, (second,))
        finds_it = on(last_day, "11:08:17.660", second.zone)
        first_day = workday_before(finds_it, 4, (first,))
        begins_at = on(first_day, "15:41:02.118", first.zone)
        return cls(company=company, begins_at=begins_at, ends_at=finds_it)

    def prepare(self, world: World) -> None:
        """Nothing to prepare: every team has its alert policy."""

    def play(self, world: World) -> Process:
        yield self.begins_at - timedelta(minutes=5)
        world.reserved.add(_POLICY.key)
        yield from self._change(world, self._first, self.begins_at, "last-before", _describe)
        # Three in the morning, directly in the database.
        yield self.begins_at + timedelta(days=1, hours=11.6)
        world.change_behind_the_log(_POLICY, _hidden(world.document(*_POLICY.key) or {}))
        yield self.ends_at - timedelta(minutes=5)
        yield from self._change(world, self._second, self.ends_at, "first-after", _lower)
        world.reserved.discard(_POLICY.key)

    def _change(
        self, world: World, person: Person, at: datetime, name: str, edit: "_Edit"
    ) -> Process:
        origin = new_origin(world, person)
        record_sign_in(world, person, origin)
        yield at
        document = deepcopy(world.document(*_POLICY.key) or {})
        summary = edit(document)
        context = Context(
            key=self.key(name),
            deployment="prod",
            details={"namespace": "company.finance"},
            summary=summary,
        )
        world.update(origin, "alert_policy.updated", _POLICY, document, context)
        yield world.after(minutes=3)
        sign_out(world, origin)

    def tell(self, events: Mapping[str, str]) -> Incident:
        return Incident(
            slug=self.slug,
            title="A change that no event recorded",
            question="Was anything changed past the log?",
            answer=(
                f"Between two recorded changes of the alert policy {_POLICY.id} its threshold "
                f"became {_HIDDEN_FAILURES} failures and a notification vanished: the before of "
                "the second event is not the after of the first."
            ),
            steps=(
                Step(
                    "Look at the history of the alert policy.",
                    (("resource", f"{_POLICY.type}/{_POLICY.id}"),),
                ),
                Step(
                    f"{self._second.name} lowered the threshold from {_HIDDEN_FAILURES}, "
                    "but nobody is on record for raising it."
                ),
            ),
            begins_at=self.begins_at,
            ends_at=self.ends_at,
            facts={"resource_type": _POLICY.type, "resource_id": _POLICY.id},
            events=events,
        )

    @property
    def _first(self) -> Person:
        return self.company.person(self.cast[0])

    @property
    def _second(self) -> Person:
        return self.company.person(self.cast[1])


type _Edit = Callable[[Document], str]


def _describe(document: Document) -> str:
    document["description"] = "Tells finance and whoever is on call when its flows fail."
    return "Said in the description who is told"


def _lower(document: Document) -> str:
    document["threshold"]["failures"] = 1
    return f"Changed the threshold from {_HIDDEN_FAILURES} to 1 failures"


def _hidden(document: Document) -> Document:
    changed = deepcopy(document)
    changed["threshold"]["failures"] = _HIDDEN_FAILURES
    changed["notifications"] = changed["notifications"][:1]
    return changed
