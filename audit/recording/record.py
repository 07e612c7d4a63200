"""The two ways in: one event, or many."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from itertools import batched

from django.db import transaction

from audit.diff import ABSENT
from audit.models import Event, Organization
from audit.recording.context import completed
from audit.recording.dictionary import learn_later
from audit.recording.organizations import the_organization
from audit.recording.reading import FieldError, InvalidEvent
from audit.recording.storing import store
from audit.recording.validation import NewEvent, validate
from audit.recording.words import learn_words_later

# Events in memory at once: enough to fill a COPY, few enough to stay under 100 MB with
# ordinary snapshots.
BATCH_SIZE = 2_000

_EVENT_FIELDS = frozenset(f.name for f in fields(NewEvent)) - {"before", "after", "repeatable"}


@dataclass(frozen=True, slots=True)
class Rejection:
    """An event that was not recorded: its place among those given, from 0, and why."""

    index: int
    errors: tuple[FieldError, ...]


@dataclass(slots=True)
class Recorded:
    """What became of the events given to ``record_many``."""

    recorded: int = 0
    duplicates: int = 0
    rejected: list[Rejection] = field(default_factory=list)


def record(
    organization: Organization | None = None,
    *,
    event_type: str,
    actor: Mapping[str, object] | None = None,
    occurred_at: datetime | None = None,
    resource: Mapping[str, object] | None = None,
    details: Mapping[str, object] | None = None,
    before: object = ABSENT,
    after: object = ABSENT,
    **more: object,
) -> Event:
    """Record one event, in the surrounding transaction if there is one.

    What is left out and the context knows (``audit.recording.context``) is taken from there: the
    organisation, the actor, session, ip, user_agent, request_id and deployment. ``more`` are the
    other fields of an event as JSON has them: change, outcome, branch_deployment, summary,
    idempotency_key, id and those of the context.
    ``before`` and ``after`` left out mean "no snapshot"; None is the document ``null``.

    Returns the event, also where an earlier call with the same id or idempotency key has
    recorded it already. Raises InvalidEvent naming every wrong field, and NoOrganization.
    """
    organization = organization or the_organization()
    raw: dict[str, object] = {
        "event_type": event_type,
        "actor": actor,
        "occurred_at": occurred_at,
        "resource": resource,
        "details": details,
        **more,
    }
    raw |= {
        name: value for name, value in (("before", before), ("after", after)) if value is not ABSENT
    }
    new = validate(completed(raw), organization)
    recorded_at = store(organization.pk, [new]).get(new.id)
    if recorded_at is None:
        return Event.objects.get(organization=organization, id=new.id)
    _learn_later(organization, [new])
    columns = {name: getattr(new, name) for name in _EVENT_FIELDS}
    return Event(organization=organization, recorded_at=recorded_at, **columns)


def record_many(organization: Organization, events: Iterable[Mapping[str, object]]) -> Recorded:
    """Record events given as JSON objects, streaming, with memory that does not grow.

    An event that is wrong is rejected with its reasons and does not hold up the others. Each
    batch is committed by itself, unless a transaction surrounds the call. Nothing is added from
    the context: these events happened somewhere else.
    """
    result = Recorded()
    for batch in batched(enumerate(events), BATCH_SIZE):
        _record_batch(organization, batch, result)
    return result


def _record_batch(
    organization: Organization,
    batch: Iterable[tuple[int, Mapping[str, object]]],
    result: Recorded,
) -> None:
    valid: list[NewEvent] = []
    for index, raw in batch:
        try:
            valid.append(validate(raw, organization))
        except InvalidEvent as error:
            result.rejected.append(Rejection(index, error.errors))
    with transaction.atomic():
        stored = store(organization.pk, valid)
        _learn_later(organization, valid)
    result.recorded += len(stored)
    result.duplicates += len(valid) - len(stored)


def _learn_later(organization: Organization, events: list[NewEvent]) -> None:
    learn_later(organization.pk, events)
    learn_words_later(organization.pk, events)
