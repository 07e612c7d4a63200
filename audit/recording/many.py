"""Recording many events at once, streaming, each wrong one named."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import batched
from uuid import UUID

from django.db import transaction

from audit.models import Organization
from audit.recording.dictionary import learn_later
from audit.recording.policy import Policy, policy_of
from audit.recording.reading import FieldError, InvalidEvent
from audit.recording.storing import COPY_FROM, store, store_while_made
from audit.recording.suppression import Suppressed, count_later, rule_against
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

    ``suppressed`` were right, but the organisation does not record such events. ``ids``, where
    they were asked for, has one for each event given; None for a rejected or suppressed one.
    """

    recorded: int = 0
    duplicates: int = 0
    suppressed: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    ids: list[UUID | None] | None = None

    def keep(self, id: UUID | None) -> None:
        if self.ids is not None:
            self.ids.append(id)


def record_many(
    organization: Organization,
    events: Iterable[Mapping[str, object]],
    *,
    keep_ids: bool = False,
    is_history: bool = False,
) -> Recorded:
    """Record events given as JSON objects, streaming, with memory that does not grow.

    An event that is wrong is rejected with its reasons and does not hold up the others. Each
    batch is committed by itself, unless a transaction surrounds the call. Nothing is added from
    the context: these events happened somewhere else. With ``keep_ids`` the memory does grow, by
    the ids. ``is_history`` says that the events come from another log, which is taken over whole:
    event rules are about what happens from now on.
    """
    result = Recorded(ids=[] if keep_ids else None)
    for batch in batched(enumerate(events), BATCH_SIZE):
        _record_batch(organization, batch, result, is_history=is_history)
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
    batch: Sequence[tuple[int, Mapping[str, object]]],
    result: Recorded,
    *,
    is_history: bool,
) -> None:
    policy = policy_of(organization)
    if is_history:
        policy = replace(policy, suppression=())
    valid: list[NewEvent] = []
    suppressed = Suppressed()
    made = _to_store(batch, policy, valid, suppressed, result)
    with transaction.atomic(savepoint=False):  # store has one of its own
        if len(batch) < COPY_FROM:
            stored = len(store(organization.pk, list(made)))
        else:
            stored = len(store_while_made(organization.pk, made))
        learn_from(organization, valid)
        count_later(suppressed)
    result.suppressed += suppressed.total()
    result.recorded += stored
    result.duplicates += len(valid) - stored


def _to_store(
    batch: Iterable[tuple[int, Mapping[str, object]]],
    policy: Policy,
    valid: list[NewEvent],
    suppressed: Suppressed,
    result: Recorded,
) -> Iterator[NewEvent]:
    """The events that are right and wanted, which are noted in ``valid`` too; wrong ones are noted
    in the result, and those a rule keeps out in ``suppressed``."""
    for index, raw in batch:
        try:
            event = validate(raw, policy)
        except InvalidEvent as error:
            result.rejected.append(Rejection(index, error.errors))
            result.keep(None)
            continue
        if rule := rule_against(event, policy):
            suppressed[rule.pk, event.event_type] += 1
            result.keep(None)
            continue
        result.keep(event.id)
        valid.append(event)
        yield event


def learn_from(organization: Organization, events: list[NewEvent]) -> None:
    """Let filters and completion offer what these events hold, once they are committed."""
    learn_later(organization.pk, events)
    learn_words_later(organization.pk, events)
