"""Microsoft 365 unified audit log: the Office 365 Management Activity API, Purview, Sentinel.

Reference: "Office 365 Management Activity API schema".
"""

import re

from audit.recording.importers.item import Refused
from audit.recording.importers.vendors.changes import Sides, decoded
from audit.recording.importers.vendors.draft import Actor, Draft, exchange
from audit.recording.importers.vendors.facts import Facts, text_of, value_in
from audit.recording.importers.vendors.times import take_time
from audit.recording.importers.vendors.vendor import Record, Vendor
from audit.recording.importers.vendors.verbs import change_of

# UserType, as a number and as a word.
_SYSTEM = frozenset({"3", "4", "DcAdmin", "System"})
_SERVICES = frozenset({"5", "6", "7", "Application", "ServicePrincipal", "CustomPolicy"})
_FAILED = frozenset({"failed", "false", "failure"})
_CELLS = ("Parameters", "ExtendedProperties", "ModifiedProperties", "OperationProperties")


def _unpack(record: Record) -> list[Record]:
    """The event inside a row of Search-UnifiedAuditLog or of Purview's export."""
    inside = record.get("AuditData")
    value = value_in(inside) if isinstance(inside, str) else inside
    return [value] if isinstance(value, dict) else [record]


def _draft(facts: Facts) -> Draft:
    operation = facts.take_text("Operation")
    if not operation:
        raise Refused("is no event of Microsoft 365: it has no Operation")
    facts.unfold(*_CELLS)
    workload = facts.text("Workload", "OfficeWorkload") or "audit"
    draft = Draft(
        occurred_at=take_time(facts, "CreationTime", "TimeGenerated", "CreationDate"),
        event_type=f"m365.{_joined(workload).lower()}.{_joined(operation)}",
        actor=_actor(facts),
        change=change_of(operation),
        outcome="failure" if facts.text("ResultStatus").lower() in _FAILED else "success",
        resource_type=facts.text("ItemType") or ("object" if facts.text("ObjectId") else ""),
        resource_id=facts.text("ObjectId"),
        resource_name=facts.text("SourceFileName"),
        deployment=facts.text("OrganizationId", "TenantId"),
        ip=facts.take_address("ClientIP", "ClientIPAddress", "Client_IPAddress", "ActorIpAddress"),
        user_agent=facts.take_text("UserAgent"),
        session=facts.take_text("SessionId", "AppAccessContext.AADSessionId"),
        request_id=facts.text("CorrelationId", "AppAccessContext.CorrelationId", "InterSystemsId"),
        source_id=facts.take_text("Id", "OfficeId"),
    )
    if not draft.resource_id and facts.text("MailboxOwnerUPN"):
        draft.resource_type, draft.resource_id = "mailbox", facts.text("MailboxOwnerUPN")
    _read_properties(draft, facts)
    return draft


def _joined(name: str) -> str:
    return re.sub(r"[^\w-]+", "_", name).strip("_")


def _actor(facts: Facts) -> Actor:
    id, type = facts.text("UserId"), facts.text("UserType")
    if type in _SERVICES or id.startswith("ServicePrincipal_"):
        kind = "service_account"
    else:
        kind = "system" if type in _SYSTEM or not id else "user"
    return Actor(kind=kind, id=id or facts.text("UserKey"))


def _read_properties(draft: Draft, facts: Facts) -> None:
    """Lists of names and values: what changed, what was asked, and what else is to be said."""
    sides = Sides()
    for item in facts.parts("ModifiedProperties"):
        old, new = item.get("OldValue"), item.get("NewValue")
        sides.add(item.text("Name") or "value", decoded(old), decoded(new))
    sides.put_into(draft)
    facts.take("ModifiedProperties")
    parameters = {item.text("Name"): item.get("Value") for item in facts.parts("Parameters")}
    if parameters and not draft.reads_changes:
        draft.after = exchange(request=parameters)
        facts.take("Parameters")
    for list_name in ("ExtendedProperties", "OperationProperties"):
        items = {item.text("Name"): item.get("Value") for item in facts.parts(list_name)}
        if items and all(items) and all(map(text_of, items.values())):
            facts.take(list_name)
            facts.record[list_name] = items


def _recognises(facts: Facts) -> bool:
    event = Facts(_unpack(facts.record)[0])
    return bool(
        event.text("Operation")
        and event.text("UserId", "UserKey")
        and event.text("RecordType", "Workload", "OfficeWorkload")
    )


M365 = Vendor(
    name="m365",
    description="Microsoft 365 unified audit log: Management Activity API, Purview, Sentinel",
    draft=_draft,
    arrays=(("value",),),
    unpack=_unpack,
    recognises=_recognises,
)
