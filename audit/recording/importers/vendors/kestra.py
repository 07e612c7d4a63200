"""Kestra Enterprise: answers of ``/auditlogs/search``, and its export to CSV.

Reference: ``AuditLogControllerAuditLogWithUser`` in Kestra's API descriptions 1.3 and 2.0. The
columns of the CSV are not documented: they are read by the names that the API has.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from audit.diff import JSON
from audit.event_types import registry
from audit.recording.importers.item import Refused
from audit.recording.importers.vendors.changes import Sides
from audit.recording.importers.vendors.draft import Actor, Draft
from audit.recording.importers.vendors.facts import Facts, value_in
from audit.recording.importers.vendors.times import take_time
from audit.recording.importers.vendors.vendor import Record, Vendor
from audit.recording.importers.vendors.verbs import change_of, slug_of

_COLUMNS = (
    "id", "tenantId", "type", "date", "userId", "ipAddress", "impersonatedBy", "detail",
    "appliedPatch", "revertPatch", "resource", "namespace", "flowId", "executionId", "username",
)  # fmt: skip
# By the name without capitals and signs: User ID, user_id.
_API_NAMES = {name.lower(): name for name in _COLUMNS} | {"details": "detail"}
_OF_DETAIL = ("resource", "namespace", "flowId", "executionId")


def _unpack(record: Record) -> list[Record]:
    """The entry with the user who stands beside it."""
    entry, user = record.get("auditLog"), record.get("user")
    if not isinstance(entry, dict):
        return [record]
    return [entry | ({"user": user} if user is not None else {})]


def _draft(facts: Facts) -> Draft:
    action = facts.take_text("type")
    detail = facts.part("detail")
    resource = detail.text("resource", "permission", "resourceType")
    if not action or not resource:
        raise Refused("is no entry of Kestra's audit log: it has no type and detail.resource")
    type = registry.by_alias("kestra", f"{resource.upper()}:{action.upper()}")
    id = detail.text("id", "flowId", "executionId", "namespace")
    draft = Draft(
        occurred_at=take_time(facts, "date"),
        event_type=type.slug if type else f"kestra.{slug_of(resource)}.{slug_of(action)}",
        actor=_actor(facts),
        change=type.change if type else change_of(action),
        outcome="failure" if action.upper() == "LOGIN_FAILURE" else "success",
        resource_type=(type.resource_type if type else "") or resource.lower(),
        resource_id=id,
        deployment=facts.text("tenantId"),
        ip=facts.take_address("ipAddress"),
        source_id=facts.take_text("id"),
    )
    sides = Sides()
    _read_patch(facts.parts("revertPatch"), sides.before)
    _read_patch(facts.parts("appliedPatch"), sides.after)
    for name in ("revertPatch", "appliedPatch"):
        facts.take(name)
    sides.put_into(draft)
    detail.take("type")  # of the detail: the name of its class
    for name in list(detail.record):
        if name not in facts.record:
            facts.record[name] = detail.record.pop(name)
    return draft


def _read_patch(operations: Iterable[Facts], side: dict[str, JSON]) -> None:
    """What a patch (RFC 6902) writes, by JSON Pointer: the part of the document it tells of."""
    for operation in operations:
        name, path = operation.text("op"), operation.text("path")
        if name in ("add", "replace"):
            side[path] = operation.record.get("value")
        elif name in ("move", "copy"):
            side[path] = {name: operation.text("from")}


def _actor(facts: Facts) -> Actor:
    user = facts.part("user")
    id = user.text("email", "username") or facts.text("username", "userId")
    is_service = "SERVICE" in user.text("type").upper()
    name = user.text("name", "displayName", "username")
    return Actor(
        kind="service_account" if is_service else "user" if id else "system",
        id=id,
        name=name if name != id else "",
        impersonator=facts.take_text("impersonatedBy"),
    )


def _recognises(facts: Facts) -> bool:
    entry = Facts(_unpack(facts.record)[0])
    resource = entry.text("detail.resource", "detail.permission", "detail.resourceType")
    return bool(entry.text("type", "date") and entry.text("userId") and resource)


KESTRA = Vendor(
    name="kestra",
    description="Kestra Enterprise: answers of the search for audit logs",
    draft=_draft,
    arrays=(("results",),),
    unpack=_unpack,
    recognises=_recognises,
)


def _from_row(row: Record) -> list[Record]:
    """A row of the CSV as the API would have it: names as there, JSON in cells read."""
    entry = {_API_NAMES.get(_plain(name), name): cell for name, cell in row.items()}
    for name in ("detail", "appliedPatch", "revertPatch"):
        if isinstance(text := entry.get(name), str):
            entry[name] = value_in(text)
    detail = entry.pop("detail", None)
    if isinstance(detail, str):
        detail = _pairs(detail)
    moved = {name: entry.pop(name) for name in _OF_DETAIL if name in entry}
    return [entry | {"detail": moved | (detail if isinstance(detail, dict) else {})}]


def _plain(name: str) -> str:
    return re.sub("[^a-z]", "", name.lower())


def _pairs(text: str) -> Record:
    """``namespace:company.team, flowId:hello``, as Kestra shows details."""
    pairs = (pair.strip().partition(":") for pair in text.split(","))
    return {key.strip(): value.strip() for key, colon, value in pairs if colon}


KESTRA_CSV = replace(
    KESTRA,
    name="kestra-csv",
    description="Kestra Enterprise: its export of audit logs to CSV",
    unpack=_from_row,
    endings=(".csv",),
)
