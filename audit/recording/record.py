"""Recording one event."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime

from audit.diff import ABSENT
from audit.models import Event, Organization
from audit.recording.context import completed
from audit.recording.many import learn_from
from audit.recording.modes import Mode, deliver, mode_of
from audit.recording.organizations import the_organization
from audit.recording.policy import policy_of
from audit.recording.storing import store
from audit.recording.suppression import Suppressed, count_later, rule_against
from audit.recording.validation import NewEvent, validate

_COLUMNS = frozenset(f.name for f in fields(NewEvent)) - {
    "before", "after", "repeatable", "fingerprints",
}  # fmt: skip


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
    mode: Mode | str | None = None,
    **more: object,
) -> Event | None:
    """Record one event, in the surrounding transaction if there is one.

    What is left out and the context knows (``audit.recording.context``) is taken from there: the
    organisation, the actor, session, ip, user_agent, request_id and deployment. ``more`` are the
    other fields of an event as JSON has them: change, outcome, branch_deployment, summary,
    idempotency_key, id and those of the context.
    ``before`` and ``after`` left out mean "no snapshot"; None is the document ``null``. ``mode``
    is one of ``audit.recording.modes``; left out, it is what ``AUDIT_MODES`` says of the type.

    Returns the event, also where an earlier call with the same id or idempotency key has
    recorded it already; None where the mode puts recording off, and where the organisation does
    not record such events (``EventRule``). Raises InvalidEvent naming every wrong field, and
    NoOrganization.
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
    raw = completed(raw)
    mode = Mode(mode) if mode else mode_of(event_type)
    if mode != Mode.SAME_TRANSACTION:
        deliver(organization, [raw], mode)
        return None
    return _record_now(organization, raw)


def _record_now(organization: Organization, raw: Mapping[str, object]) -> Event | None:
    policy = policy_of(organization)
    new = validate(raw, policy)
    if rule := rule_against(new, policy):
        count_later(Suppressed({(rule.pk, new.event_type): 1}))
        return None
    recorded_at = store(organization.pk, [new]).get(new.id)
    if recorded_at is None:
        return Event.objects.get(organization=organization, id=new.id)
    learn_from(organization, [new])
    columns = {name: getattr(new, name) for name in _COLUMNS}
    return Event(organization=organization, recorded_at=recorded_at, **columns)
