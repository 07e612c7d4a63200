"""Recording what an importer finds: in batches, once, with every rejection named.

Stopping at any moment loses nothing: whole batches are committed, and a second run passes over
what is there. Changes of git are not even read again then, since their ids are known beforehand.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from audit.event_id import EPOCH
from audit.models import Event, Organization, event_id, keyed_tail
from audit.recording.importers.changes import FAULTS
from audit.recording.importers.item import EventJSON, Item, Position, Refused
from audit.recording.many import record_many

# Bytes of snapshots in memory at once, about; parsed they take some five times as much.
_MAX_WEIGHT = 16 << 20
# Fewer new events than this do not change the statistics that plans are made from.
_ANALYZE_FROM = 1_000


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something that gave no event: where it stands, why, and what was read, if it is kept."""

    position: Position
    reason: str
    original: bytes | None


@dataclass(slots=True)
class Tally:
    """What became of a source so far. ``done`` is in the importer's unit.

    ``incomplete`` are the changes whose file could not be read or kept as a document; they are
    recorded all the same. ``earliest`` and ``latest`` are the times of what was recorded.
    """

    read: int = 0
    recorded: int = 0
    already_there: int = 0
    rejected: int = 0
    incomplete: int = 0
    done: int = 0
    earliest: datetime | None = None
    latest: datetime | None = None


type Reject = Callable[[Rejected], None]
type _Chunk = list[tuple[Item, EventJSON]]


def import_items(
    organization: Organization,
    items: Iterable[Item],
    tally: Tally,
    *,
    reject: Reject,
    batch_size: int,
) -> Iterator[Tally]:
    """Record the items, keeping ``tally`` true whenever this pauses or stops.

    Pauses after each batch. ``reject`` is told of each item that is not recorded.
    """
    for batch in _batches(items, batch_size):
        fresh = _not_there_yet(organization, batch)
        tally.read += len(batch) - len(fresh)
        tally.already_there += len(batch) - len(fresh)
        for chunk in _built(fresh, tally, reject):
            _record(organization, chunk, tally, reject)
            yield tally
        tally.done = batch[-1].done
        yield tally
    _refresh_statistics(tally)


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    batch: list[Item] = []
    weight = 0
    for item in items:
        batch.append(item)
        weight += item.weight
        if len(batch) == size or weight > _MAX_WEIGHT:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _not_there_yet(organization: Organization, batch: Sequence[Item]) -> list[Item]:
    """Those whose identity is not in the log; what has none is told apart when it is recorded."""
    salt = bytes(organization.id_salt)
    ids = [_known_id(item, salt) for item in batch]
    wanted = {id for id in ids if id}
    if not wanted:
        return list(batch)
    known = Event.objects.filter(organization=organization, id__in=wanted)
    there = set(known.values_list("id", flat=True))
    return [item for item, id in zip(batch, ids, strict=True) if id not in there]


def _known_id(item: Item, salt: bytes) -> UUID | None:
    """The id the event will have. What is older than ids can be is refused later, by name."""
    if item.identity is None or item.identity[0] < EPOCH:
        return None
    occurred_at, key = item.identity
    return event_id(occurred_at, keyed_tail(salt, key))


def _built(items: Iterable[Item], tally: Tally, reject: Reject) -> Iterator[_Chunk]:
    """The events of the items, as many at a time as memory allows."""
    chunk: _Chunk = []
    weight = 0
    for item in items:
        try:
            built = item.build()
        except Refused as error:
            tally.read += 1
            _rejected(item, str(error), tally, reject)
            continue
        chunk.append((item, built.event))
        weight += built.weight
        if weight > _MAX_WEIGHT:
            yield chunk
            chunk, weight = [], 0
    if chunk:
        yield chunk


def _record(organization: Organization, chunk: _Chunk, tally: Tally, reject: Reject) -> None:
    outcome = record_many(organization, (event for _, event in chunk), is_history=True)
    tally.read += len(chunk)
    tally.recorded += outcome.recorded
    tally.already_there += outcome.duplicates
    wrong = {rejection.index for rejection in outcome.rejected}
    for rejection in outcome.rejected:
        reasons = "; ".join(str(error) for error in rejection.errors)
        _rejected(chunk[rejection.index][0], reasons, tally, reject)
    for index, (_, event) in enumerate(chunk):
        if index not in wrong:
            _note(event, tally)


def _rejected(item: Item, reason: str, tally: Tally, reject: Reject) -> None:
    tally.rejected += 1
    reject(Rejected(item.position, reason, item.original))


def _note(event: EventJSON, tally: Tally) -> None:
    details = event.get("details")
    if isinstance(details, Mapping) and not FAULTS.isdisjoint(details):
        tally.incomplete += 1
    occurred_at = event.get("occurred_at")
    if isinstance(occurred_at, str):
        occurred_at = datetime.fromisoformat(occurred_at)
    if isinstance(occurred_at, datetime):
        tally.earliest = min(tally.earliest or occurred_at, occurred_at)
        tally.latest = max(tally.latest or occurred_at, occurred_at)


def _refresh_statistics(tally: Tally) -> None:
    if tally.recorded < _ANALYZE_FROM or not tally.earliest:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_analyze(%s, %s)", [tally.earliest, tally.latest])
