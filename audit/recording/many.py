"""Recording many events at once, streaming, each wrong one named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import batched
from uuid import UUID

from django.db import transaction

from audit.models import Organization
from audit.recording.dictionary import learn_later
from audit.recording.reading import FieldError, InvalidEvent
from audit.recording.storing import store
from audit.recording.validation import NewEvent, validate
from audit.recording.words import learn_words_later

# Events in memory at once: enough to fill a COPY, few enough to stay under 100 MB with
# ordinary snapshots.
BATCH_SIZE = 2_000


@dataclass(frozen=True, slots=True)
class Rejection:
    """An event that was not recorded: its place among those given, from 0, and why."""

    index: int
    errors: tuple[FieldError, ...]


@dataclass(slots=True)
class Recorded:
    """What became of the events given to ``record_many``.

    ``ids``, where they were asked for, has one for each event given; None for a rejected one.
    """

    recorded: int = 0
    duplicates: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    ids: list[UUID | None] | None = None


def record_many(
    organization: Organization, events: Iterable[Mapping[str, object]], *, keep_ids: bool = False
) -> Recorded:
    """Record events given as JSON objects, streaming, with memory that does not grow.

    An event that is wrong is rejected with its reasons and does not hold up the others. Each
    batch is committed by itself, unless a transaction surrounds the call. Nothing is added from
    the context: these events happened somewhere else. With ``keep_ids`` the memory does grow, by
    the ids.
    """
    result = Recorded(ids=[] if keep_ids else None)
    for batch in batched(enumerate(events), BATCH_SIZE):
        _record_batch(organization, batch, result)
    return result


def record_all(organization: Organization, events: Iterable[Mapping[str, object]]) -> int:
    """Record all of these events, or none; how many. Raises InvalidEvent for a wrong one, which
    is the end of the surrounding transaction or savepoint."""
    with transaction.atomic(savepoint=False):
        result = record_many(organization, events)
        if result.rejected:
            raise InvalidEvent(result.rejected[0].errors)
    return result.recorded


def _record_batch(
    organization: Organization,
    batch: Iterable[tuple[int, Mapping[str, object]]],
    result: Recorded,
) -> None:
    valid: list[NewEvent] = []
    ids: list[UUID | None] = []
    for index, raw in batch:
        try:
            valid.append(validate(raw, organization))
            ids.append(valid[-1].id)
        except InvalidEvent as error:
            result.rejected.append(Rejection(index, error.errors))
            ids.append(None)
    if result.ids is not None:
        result.ids += ids
    with transaction.atomic(savepoint=False):  # store has one of its own
        stored = store(organization.pk, valid)
        learn_from(organization, valid)
    result.recorded += len(stored)
    result.duplicates += len(valid) - len(stored)


def learn_from(organization: Organization, events: list[NewEvent]) -> None:
    """Let filters and completion offer what these events hold, once they are committed."""
    learn_later(organization.pk, events)
    learn_words_later(organization.pk, events)
