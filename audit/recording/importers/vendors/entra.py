"""Microsoft Entra ID: directory audits and sign-ins, from Microsoft Graph, diagnostic settings
and Sentinel.

Reference: the resource types directoryAudit and signIn of Microsoft Graph; the table AuditLogs of
Azure Monitor.
"""

from collections.abc import Mapping

from audit.recording.importers.item import Refused
from audit.recording.importers.vendors.changes import Sides, decoded
from audit.recording.importers.vendors.draft import Actor, Draft
from audit.recording.importers.vendors.facts import Facts, text_of
from audit.recording.importers.vendors.times import take_time
from audit.recording.importers.vendors.vendor import Record, Vendor
from audit.recording.importers.vendors.verbs import Change, change_of, slug_of

_OPERATIONS: Mapping[str, Change] = {
    "add": "created",
    "create": "created",
    "update": "updated",
    "assign": "updated",
    "unassign": "updated",
    "delete": "deleted",
}
# A list of the others' names, no property of the resource.
_LIST_OF_NAMES = "Included Updated Properties"
_CELLS = ("initiatedBy", "targetResources", "additionalDetails", "locationDetails", "status")


def _unpack(record: Record) -> list[Record]:
    """One level for what diagnostic settings put in two; where both say a thing, both are kept."""
    properties = record.get("properties")
    if not isinstance(properties, dict):
        return [record]
    around = {name: value for name, value in record.items() if name != "properties"}
    differing = {
        name: value for name, value in around.items() if properties.get(name, value) != value
    }
    return [around | properties | ({"diagnostics": differing} if differing else {})]


def _draft(facts: Facts) -> Draft:
    facts.unfold(*_CELLS)
    activity = facts.take_text("activityDisplayName") or facts.text("operationName")
    if _is_sign_in(facts):
        return _sign_in(facts)
    if not activity:
        raise Refused("is no Entra audit event: it has no activityDisplayName or OperationName")
    operation = facts.text("operationType", "AADOperationType")
    draft = Draft(
        occurred_at=take_time(facts, "activityDateTime", "TimeGenerated", "time"),
        event_type=f"entra.{slug_of(activity)}",
        actor=_initiator(facts),
        change=_OPERATIONS.get(operation.lower()) or change_of(activity),
        outcome="failure" if facts.text("result").lower() == "failure" else "success",
        deployment=_tenant(facts),
        summary=facts.text("resultReason", "resultDescription"),
        ip=facts.take_address("initiatedBy.user.ipAddress", "callerIpAddress"),
        user_agent=facts.take_text("userAgent"),
        request_id=facts.text("correlationId"),
        source_id=facts.take_text("id"),
    )
    _read_targets(draft, facts)
    for pair in facts.parts("additionalDetails"):
        draft.details |= _named(pair.text("key"), pair.text("value"))
    facts.take("additionalDetails")
    return draft


def _named(key: str, value: str) -> dict[str, str]:
    return {key: value} if key and value else {}


def _tenant(facts: Facts) -> str:
    return facts.text("AADTenantId", "tenantId", "resourceTenantId", "homeTenantId")


def _initiator(facts: Facts) -> Actor:
    user, app = facts.part("initiatedBy.user"), facts.part("initiatedBy.app")
    if user.text("userPrincipalName", "id"):
        return Actor(
            id=user.take_text("userPrincipalName", "id"), name=user.take_text("displayName")
        )
    id = app.text("servicePrincipalId", "appId", "displayName")
    kind = "service_account" if id else "system"
    return Actor(kind=kind, id=id or facts.text("loggedByService"), name=app.text("displayName"))


def _read_targets(draft: Draft, facts: Facts) -> None:
    """The first target is the resource; all of them tell what changed."""
    targets = facts.parts("targetResources")
    if targets:
        draft.resource_type = targets[0].text("type") or "resource"
        draft.resource_id = targets[0].text("id", "userPrincipalName", "displayName")
        draft.resource_name = targets[0].text("displayName", "userPrincipalName")
    sides = Sides()
    changed = [target for target in targets if target.parts("modifiedProperties")]
    for target in changed:
        prefix = "" if len(changed) == 1 else f"{target.text('displayName', 'id')}: "
        for item in target.parts("modifiedProperties"):
            _add_property(item, prefix, sides, draft)
        target.take("modifiedProperties")
    sides.put_into(draft)


def _add_property(item: Facts, prefix: str, sides: Sides, draft: Draft) -> None:
    name, old, new = item.text("displayName"), item.get("oldValue"), item.get("newValue")
    if name == _LIST_OF_NAMES and text_of(decoded(new)):
        draft.details[_LIST_OF_NAMES] = text_of(decoded(new))
    else:
        sides.add(f"{prefix}{name or 'value'}", decoded(old), decoded(new))


def _is_sign_in(facts: Facts) -> bool:
    return (
        facts.text("category").endswith("SignInLogs")
        or (
            bool(facts.text("createdDateTime")) and facts.get("appDisplayName", "appId") is not None
        )
        or facts.text("diagnostics.category").endswith("SignInLogs")
    )


def _sign_in(facts: Facts) -> Draft:
    user = facts.text("userPrincipalName", "userId")
    service = facts.text("servicePrincipalName", "servicePrincipalId")
    name = facts.text("userDisplayName") if user else ""
    return Draft(
        occurred_at=take_time(facts, "createdDateTime", "TimeGenerated", "time"),
        event_type="entra.sign_in",
        actor=Actor(
            kind="user" if user or not service else "service_account", id=user or service, name=name
        ),
        outcome=_sign_in_outcome(facts),
        resource_type="application",
        resource_id=facts.text("resourceId", "appId"),
        resource_name=facts.text("resourceDisplayName", "appDisplayName"),
        deployment=_tenant(facts),
        summary=facts.text("status.failureReason", "resultDescription"),
        ip=facts.take_address("ipAddress", "callerIpAddress"),
        user_agent=facts.take_text("userAgent"),
        request_id=facts.text("correlationId"),
        session=facts.take_text("sessionId"),
        source_id=facts.take_text("id"),
    )


def _sign_in_outcome(facts: Facts) -> str:
    if facts.text("conditionalAccessStatus").lower() == "failure":
        return "denied"
    code = facts.text("status.errorCode", "resultType")
    return "success" if code in ("", "0") else "failure"


def _recognises(facts: Facts) -> bool:
    record = Facts(_unpack(facts.record)[0])
    if facts.text("category") == "AuditLogs" or facts.text("category").endswith("SignInLogs"):
        return True
    audits = record.get("initiatedBy") and record.get("targetResources")
    signs_in = record.get("conditionalAccessStatus") and record.get("createdDateTime")
    return bool(audits or signs_in)


ENTRA = Vendor(
    name="entra",
    description="Microsoft Entra ID audits and sign-ins: Graph, diagnostic settings, Sentinel",
    draft=_draft,
    arrays=(("value",), ("records",)),
    unpack=_unpack,
    recognises=_recognises,
)
