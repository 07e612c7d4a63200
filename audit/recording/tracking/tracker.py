"""What is tracked of one model, and the events that its changes become."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Field, ManyToManyField, Model

from audit.diff import JSON
from audit.models import Change, Organization
from audit.recording.context import completed
from audit.recording.limits import MAX_TEXT
from audit.recording.modes import mode_of
from audit.recording.organizations import Named, named, organizations_of
from audit.recording.tracking.operation import one_operation

type Document = Mapping[str, JSON]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedChange:
    """What happened to a row. ``before`` and ``after`` are None where there is no row.

    ``instance`` is the row as the database has it, or had it if it is deleted. ``saved`` is the
    instance whose ``save()`` did it, if one did.
    """

    change: Change
    instance: Model
    before: Document | None
    after: Document | None
    saved: Model | None = None

    def changed_fields(self) -> set[str]:
        before, after = self.before or {}, self.after or {}
        return {name for name in {*before, *after} if before.get(name) != after.get(name)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tracker:
    """How changes of a model are recorded; made by ``track``.

    ``event_type`` answers with "" for a change that is not to be recorded.
    """

    model: type[Model]
    fields: tuple["Field[Any, Any]", ...]
    relations: tuple["ManyToManyField[Any, Any]", ...]
    event_type: Callable[[TrackedChange], str]
    resource_type: str
    resource_id: Callable[[Any], str]
    resource_name: Callable[[Any], str]
    organization: Callable[[Any], Named | Iterable[Named] | None] | None
    details: Callable[[Any], Mapping[str, object]] | None

    def watches(self, names: Iterable[str] | None) -> bool:
        """Whether a change of these fields is one that is recorded; None stands for all."""
        if names is None:
            return True
        watched = {name for field in self.fields for name in (field.name, field.attname)}
        return not watched.isdisjoint(names)

    def record(self, changes: Iterable[TrackedChange]) -> None:
        """Record changes as part of the operation that makes them.

        Raises what ``audit.recording.record`` raises.
        """
        with one_operation() as operation:
            for change in changes:
                if event_type := self.event_type(change):
                    event = self._event(event_type, change)
                    whose = self._organizations(change.instance, operation.known)
                    operation.add(event, whose, mode_of(event_type))

    def _organizations(self, instance: Model, known: dict[str, Organization]) -> list[Organization]:
        if self.organization is None:
            return organizations_of(instance, known)
        return named(self.organization(instance), known)

    def _event(self, event_type: str, change: TrackedChange) -> dict[str, object]:
        documents = {"before": change.before, "after": change.after}
        event: dict[str, object] = {
            "event_type": event_type,
            "change": change.change,
            "resource": {
                "type": self.resource_type,
                "id": self.resource_id(change.instance),
                "name": _shortened(self.resource_name(change.instance)),
            },
            "details": self.details(change.instance) if self.details else {},
        }
        event |= {name: document for name, document in documents.items() if document is not None}
        return completed(event)


def _shortened(name: str) -> str:
    """A name made of a row, which must not stand in the way of changing that row."""
    name, limit = name.replace("\0", ""), MAX_TEXT["resource.name"]
    return name if len(name) <= limit else name[: limit - 1] + "…"
