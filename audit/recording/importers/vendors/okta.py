"""Okta System Log: ``/api/v1/logs``, event hooks and log streams.

Reference: "System Log" in Okta's API documentation (LogEvent).
"""

from audit.recording.importers.item import Refused
from audit.recording.importers.vendors.changes import Sides
from audit.recording.importers.vendors.draft import Actor, Draft
from audit.recording.importers.vendors.facts import Facts
from audit.recording.importers.vendors.times import take_time
from audit.recording.importers.vendors.vendor import Record, Vendor
from audit.recording.importers.vendors.verbs import change_of

_OUTCOMES = {"FAILURE": "failure", "DENY": "denied"}


def _unpack(record: Record) -> list[Record]:
    """The event inside a message of EventBridge."""
    detail = record.get("detail")
    return [detail] if isinstance(detail, dict) and Facts(detail).get("eventType") else [record]


def _draft(facts: Facts) -> Draft:
    event_type = facts.take_text("eventType")
    if not event_type:
        raise Refused("is no event of Okta's System Log: it has no eventType")
    result = facts.text("outcome.result").upper()
    message = facts.text("displayMessage")
    reason = facts.text("outcome.reason")
    failed = result in _OUTCOMES and reason
    draft = Draft(
        occurred_at=take_time(facts, "published"),
        event_type=f"okta.{event_type}",
        actor=_actor(facts),
        change=change_of(event_type),
        outcome=_OUTCOMES.get(result, "success"),
        summary=f"{message}: {reason}" if failed and message else message,
        session=facts.take_text("authenticationContext.externalSessionId"),
        ip=facts.take_address("client.ipAddress"),
        user_agent=facts.take_text("client.userAgent.rawUserAgent"),
        request_id=facts.text("transaction.id", "debugContext.debugData.requestId"),
        source_id=facts.take_text("uuid"),
    )
    targets = facts.parts("target")
    if targets:
        draft.resource_type = targets[0].text("type")
        draft.resource_id = targets[0].text("id", "alternateId")
        draft.resource_name = targets[0].text("displayName", "alternateId")
    _read_changes(draft, facts, targets)
    return draft


def _actor(facts: Facts) -> Actor:
    actor = facts.part("actor")
    type = actor.text("type")
    kind = "service_account"
    if type in ("User", ""):
        kind = "user"
    elif type == "SystemPrincipal":
        kind = "system"
    name = actor.take_text("displayName")
    return Actor(kind=kind, id=actor.take_text("alternateId") or actor.text("id"), name=name)


def _read_changes(draft: Draft, facts: Facts, targets: list[Facts]) -> None:
    """``changeDetails`` of the targets: the members that changed, from and to."""
    sides = Sides()
    for holder in [*targets, facts.part("debugContext")]:
        details = holder.part("changeDetails")
        old, new = details.part("from").record, details.part("to").record
        for name in old | new:
            sides.add(name, old.get(name), new.get(name))
        if old or new:
            holder.take("changeDetails")
    sides.put_into(draft)


def _recognises(facts: Facts) -> bool:
    event = Facts(_unpack(facts.record)[0])
    return bool(
        event.text("eventType")
        and event.get("legacyEventType", "displayMessage", "debugContext", "authenticationContext")
        and event.text("actor.alternateId", "actor.id")
    )


OKTA = Vendor(
    name="okta",
    description="Okta System Log: answers of the API, event hooks, EventBridge",
    draft=_draft,
    arrays=(("data", "events"),),
    unpack=_unpack,
    recognises=_recognises,
)
