"""From an event as it was given to one that can be stored, or to every reason why not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

from audit.diff import ABSENT, JSON, InvalidJSON, changed_paths, dumps
from audit.event_id import EPOCH
from audit.event_types import registry
from audit.models import (
    ActorKind,
    Change,
    Organization,
    Outcome,
    event_id,
    keyed_tail,
    time_of,
)
from audit.models.words import searchable
from audit.recording.limits import MAX_AHEAD_HOURS, MAX_CHANGED_PATHS, MAX_SNAPSHOT_BYTES
from audit.recording.policy import Policy
from audit.recording.reading import FieldReader, InvalidEvent
from audit.recording.redaction import Redacted

FIELDS = frozenset(
    {
        "id", "occurred_at", "actor", "event_type", "change", "outcome", "resource",
        "deployment", "branch_deployment", "details", "summary", "session", "ip",
        "user_agent", "request_id", "idempotency_key", "before", "after",
    }
)  # fmt: skip
# What an export adds to an event. Facts of the log it came from, so an import passes over them.
EXPORT_FIELDS = frozenset({"recorded_at", "organization", "position"})
_KNOWN = FIELDS | EXPORT_FIELDS
_ACTOR = frozenset({"kind", "id", "name", "impersonator"})
_RESOURCE = frozenset({"type", "id", "name"})
# TextChoices makes these lists anew each time it is asked.
_KINDS, _CHANGES, _OUTCOMES = (tuple(c.values) for c in (ActorKind, Change, Outcome))
_MILLISECOND = timedelta(milliseconds=1)
# The 48 bits of an id reach 900 years beyond what datetime can say.
_END_OF_CALENDAR = event_id(datetime.max.replace(tzinfo=UTC), tail=0)
_MAX_AHEAD = timedelta(hours=MAX_AHEAD_HOURS)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event ready to be stored: the columns of ``Event`` and ``Snapshot``.

    ``repeatable`` says that the sender may send it again under the same id. ``fingerprints`` stand
    for the secrets it came with. ``words`` are what free text finds it by
    (``audit.models.words``), fingerprints among them.
    """

    id: UUID
    occurred_at: datetime
    actor_kind: str
    actor_id: str
    actor_name: str
    impersonator: str
    event_type: str
    change: str
    outcome: str
    resource_type: str
    resource_id: str
    resource_name: str
    deployment: str
    branch_deployment: str
    details: dict[str, str]
    summary: str
    session: str
    ip: str | None
    user_agent: str
    request_id: str
    changed_paths: list[str]
    before: str | None
    after: str | None
    repeatable: bool
    fingerprints: tuple[str, ...] = ()
    words: str = field(init=False)

    def __post_init__(self) -> None:
        texts = (
            " ".join(self.fingerprints),
            registry.label(self.event_type),
            self.summary,
            self.resource_name,
            self.resource_id,
            self.resource_type,
            self.actor_name,
            self.actor_id,
            self.impersonator,
            self.deployment,
            *self.details.values(),
        )
        object.__setattr__(self, "words", searchable(texts))


def validate(raw: Mapping[str, object], policy: Policy, *, now: datetime | None = None) -> NewEvent:
    """The event ``raw`` describes, in the form docs/events.md gives, without its secrets.

    Raises InvalidEvent with an error for each field that is wrong.
    """
    organization = policy.organization
    redacted = policy.redacted(raw)
    raw = redacted.event
    reader = FieldReader(raw)
    reader.refuse_others(_KNOWN)
    id, occurred_at = _identity(reader, organization, now or datetime.now(UTC))
    actor, resource = reader.part("actor"), reader.part("resource")
    actor.refuse_others(_ACTOR)
    resource.refuse_others(_RESOURCE)
    event_type = _event_type(reader, organization)
    declared = registry.get(event_type)
    before, after = (_snapshot(reader, side, redacted) for side in ("before", "after"))
    event = NewEvent(
        id=id,
        occurred_at=occurred_at,
        actor_kind=actor.choice("kind", _KINDS),
        actor_id=actor.text("id", required=True),
        actor_name=actor.text("name"),
        impersonator=actor.text("impersonator"),
        event_type=event_type,
        change=reader.choice(
            "change", _CHANGES, declared.change if declared else implied_change(before, after)
        ),
        outcome=reader.choice("outcome", _OUTCOMES, Outcome.SUCCESS),
        resource_type=_resource_type(resource, declared.resource_type if declared else ""),
        resource_id=resource.text("id"),
        resource_name=resource.text("name"),
        deployment=reader.text("deployment"),
        branch_deployment=reader.text("branch_deployment"),
        details=reader.details("details"),
        summary=reader.text("summary"),
        session=reader.text("session"),
        ip=reader.address("ip"),
        user_agent=reader.text("user_agent"),
        request_id=reader.text("request_id"),
        changed_paths=_changed_paths(reader),
        before=before,
        after=after,
        repeatable=bool(raw.get("id") or raw.get("idempotency_key")),
        fingerprints=redacted.fingerprints,
    )
    if reader.errors:
        raise InvalidEvent(reader.errors)
    return event


def _resource_type(resource: FieldReader, of_event_type: str) -> str:
    given = resource.text("type") or of_event_type
    if resource.raw.get("id") and not given:
        resource.fail("type", "is required with an id")
    return given


def _identity(
    reader: FieldReader, organization: Organization, now: datetime
) -> tuple[UUID, datetime]:
    """The id and the time, which must agree: the one is made from the other."""
    given = _given_id(reader)
    key = reader.text("idempotency_key")
    occurred_at = reader.moment("occurred_at")
    if reader.errors:
        return event_id(now), now
    if key and not given and occurred_at is None:
        reader.fail("occurred_at", "is required with an idempotency_key, which holds for one time")
    occurred_at = occurred_at or (time_of(given) if given else now)
    _check_time(reader, occurred_at, now)
    if given and time_of(given) != EPOCH + (occurred_at - EPOCH) // _MILLISECOND * _MILLISECOND:
        reader.fail("id", "must begin with the time of occurred_at, to the millisecond")
    if reader.errors:
        return event_id(now), now
    tail = keyed_tail(bytes(organization.id_salt), key) if key else None
    return given or event_id(occurred_at, tail), occurred_at


def _given_id(reader: FieldReader) -> UUID | None:
    id = reader.uuid("id")
    if id is not None and (id.version != 7 or id >= _END_OF_CALENDAR):
        reader.fail("id", "must be a UUID of version 7, which begins with its time")
        return None
    return id


def _check_time(reader: FieldReader, occurred_at: datetime, now: datetime) -> None:
    if occurred_at < EPOCH:
        reader.fail("occurred_at", "is before 1970, where event ids begin")
    elif occurred_at > now + _MAX_AHEAD:
        reader.fail("occurred_at", f"is more than {MAX_AHEAD_HOURS} hours ahead of this server")


def _event_type(reader: FieldReader, organization: Organization) -> str:
    slug = reader.text("event_type", required=True)
    if slug and (slug != slug.strip() or not slug.isprintable()):
        reader.fail("event_type", "must not begin or end with a space or hold control characters")
    elif slug and not organization.accepts_unknown_event_types and slug not in registry:
        reader.fail(
            "event_type", f"“{slug}” is not in the catalogue, and {organization} asks for it"
        )
    return slug


def implied_change(before: str | None, after: str | None) -> str:
    """What the presence of snapshots says about an event whose type is not in the catalogue."""
    if before is None and after is None:
        return Change.OTHER
    if before is None:
        return Change.CREATED
    return Change.DELETED if after is None else Change.UPDATED


def _snapshot(reader: FieldReader, name: str, redacted: Redacted) -> str | None:
    value = reader.raw.get(name, ABSENT)
    if value is ABSENT:
        return None
    try:
        text = dumps(cast(JSON, value), has_text_keys=redacted.has_text_keys)
    except InvalidJSON as error:
        reader.fail(name, str(error))
        return None
    if (size := len(text.encode())) > MAX_SNAPSHOT_BYTES:
        reader.fail(name, f"has {size:,} bytes, at most {MAX_SNAPSHOT_BYTES:,} are allowed")
    return text


def _changed_paths(reader: FieldReader) -> list[str]:
    """Where before and after differ. Empty without both: then everything did."""
    before, after = reader.raw.get("before", ABSENT), reader.raw.get("after", ABSENT)
    if reader.errors or before is ABSENT or after is ABSENT:
        return []
    return list(changed_paths(cast(JSON, before), cast(JSON, after), limit=MAX_CHANGED_PATHS))
