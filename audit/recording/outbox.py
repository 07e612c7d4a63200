"""The outbox: events written with the change as they came, moved into the log afterwards.

Putting an event there needs neither a valid event nor a partition, and takes one plain INSERT.
Each gets its id when it is put, and is inserted and removed in one transaction: it is in the
outbox or in the log, never in both and never in neither.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, cast
from uuid import UUID

from django.db import DataError, IntegrityError, InternalError, transaction

from audit.diff import InvalidJSON, dumps, loads
from audit.models import Organization, OutboxEvent, event_id
from audit.recording.many import Recorded, record_many
from audit.recording.policy import policy_of
from audit.recording.reading import FieldError, FieldReader, InvalidEvent

# In one transaction: enough to fill a COPY, few enough to hold their locks for a moment only.
BATCH_SIZE = 500

# What the database objects to in an event, other than to be asked at all.
_OBJECTIONS = (DataError, IntegrityError, InternalError)


@dataclass(frozen=True, slots=True)
class Flushed:
    """What became of a batch of the outbox."""

    recorded: int = 0
    refused: int = 0
    suppressed: int = 0

    def __add__(self, other: "Flushed") -> "Flushed":
        return Flushed(
            self.recorded + other.recorded,
            self.refused + other.refused,
            self.suppressed + other.suppressed,
        )

    def __bool__(self) -> bool:
        return bool(self.recorded or self.refused or self.suppressed)


def put(organization: Organization, events: Iterable[Mapping[str, object]]) -> None:
    """Write events without their secrets to the outbox, in the surrounding transaction.

    Raises InvalidEvent only for one that is not JSON.
    """
    now, policy = datetime.now(UTC), policy_of(organization)
    redacted = (policy.redacted(event).event for event in events)
    OutboxEvent.objects.bulk_create(
        OutboxEvent(organization=organization, event=_document(identified(event, now)))
        for event in redacted
    )


def flush() -> Flushed:
    """Move one batch of the outbox into the log; what became of it, false if there was none.

    Any number of processes may do so at once. An event that the log refuses stays, with the
    reason, and holds up no other. Raises OperationalError and ProgrammingError, which say
    nothing about an event.
    """
    with transaction.atomic():
        waiting = OutboxEvent.objects.filter(refused="").order_by("pk")
        locked = waiting.select_for_update(skip_locked=True, of=("self",))
        batch = list(locked.select_related("organization")[:BATCH_SIZE])
        batch.sort(key=attrgetter("organization_id", "pk"))
        groups = groupby(batch, key=attrgetter("organization"))
        return sum((_move(whose, list(group)) for whose, group in groups), Flushed())


def _move(organization: Organization, group: Sequence[OutboxEvent]) -> Flushed:
    try:
        with transaction.atomic():
            events = (cast(dict[str, Any], loads(cast(str, e.event))) for e in group)
            result = record_many(organization, events)
    except _OBJECTIONS as error:
        if len(group) > 1:  # one of them spoils it for all
            return sum((_move(organization, [entry]) for entry in group), Flushed())
        reasons = {group[0].pk: str(error).partition("\n")[0]}
        result = Recorded()
    else:
        reasons = {group[one.index].pk: "; ".join(map(str, one.errors)) for one in result.rejected}
    for entry in group:
        entry.refused = reasons.get(entry.pk, "")
    OutboxEvent.objects.bulk_update([entry for entry in group if entry.refused], ["refused"])
    OutboxEvent.objects.filter(pk__in=[entry.pk for entry in group if not entry.refused]).delete()
    kept_out = result.suppressed
    return Flushed(len(group) - len(reasons) - kept_out, len(reasons), kept_out)


def identified(event: Mapping[str, object], now: datetime) -> dict[str, object]:
    """``event`` with the time and the id it would get now, so that it is one event for ever.

    One that has an id or an idempotency key already, or a time that is none, stays as it is.
    """
    reader = FieldReader({"occurred_at": event.get("occurred_at") or now})
    occurred_at = reader.moment("occurred_at")
    if event.get("id") or event.get("idempotency_key") or occurred_at is None:
        return dict(event)
    return {**event, "id": event_id(occurred_at), "occurred_at": occurred_at}


def _document(event: Mapping[str, object]) -> str:
    try:
        return dumps({name: _plain(value) for name, value in event.items()})
    except InvalidJSON as error:
        field = error.pointer.strip("/").replace("/", ".")
        raise InvalidEvent([FieldError(field, error.reason)]) from None


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return dict(value) if isinstance(value, Mapping) else value
