"""GitLab audit events: the REST API and streaming.

Reference: "Audit events API" and "Audit event streaming" in GitLab's documentation.
"""

from audit.recording.importers.item import Refused
from audit.recording.importers.vendors.changes import Sides
from audit.recording.importers.vendors.draft import Actor, Draft
from audit.recording.importers.vendors.facts import Facts
from audit.recording.importers.vendors.times import take_time
from audit.recording.importers.vendors.vendor import Vendor
from audit.recording.importers.vendors.verbs import Change, change_of, slug_of

_VERBS: dict[str, Change] = {"add": "created", "remove": "deleted", "change": "updated"}
# An author of -1 is nobody who signed in.
_NOBODY = "-1"


def _draft(facts: Facts) -> Draft:
    if "details" not in facts.record or not facts.text("entity_type"):
        raise Refused("is no GitLab audit event: it has no details and entity_type")
    name, change = _action(facts)
    draft = Draft(
        occurred_at=take_time(facts, "created_at"),
        event_type=f"gitlab.{name}",
        actor=_actor(facts),
        change=change,
        outcome="failure" if "failed" in name or facts.text("details.failed_login") else "success",
        resource_type=facts.text("target_type", "details.target_type", "entity_type"),
        resource_id=facts.text("target_id", "details.target_id", "entity_id"),
        resource_name=facts.text("target_details", "details.target_details", "entity_path"),
        deployment=facts.text("entity_path", "details.entity_path"),
        summary=facts.take_text("details.custom_message"),
        ip=facts.take_address("ip_address", "details.ip_address"),
        request_id=facts.take_text("correlation_id"),
        source_id=facts.take_text("id"),
    )
    sides = Sides()
    what = facts.text("details.change")
    if what or facts.get("details.from", "details.to") is not None:
        sides.add(what or "value", facts.take("details.from"), facts.take("details.to"))
    sides.put_into(draft)
    return draft


def _action(facts: Facts) -> tuple[str, Change]:
    """The event's own name, which older versions lack; else what its details say was done."""
    name = facts.take_text("event_type", "event_name", "details.event_name")
    said = next((verb for verb in _VERBS if facts.text(f"details.{verb}")), "")
    if name:
        return slug_of(name), _VERBS[said] if said else change_of(name)
    if said:
        return f"{said}.{slug_of(facts.text(f'details.{said}'))}", _VERBS[said]
    return "audit_event", "other"


def _actor(facts: Facts) -> Actor:
    details = facts.part("details")
    author = facts.text("author_id")
    kind = "agent_token" if "Token" in details.text("author_class") else "user"
    name = details.take_text("author_name") or facts.text("author_name")
    if author == _NOBODY:
        return Actor(kind="user", id=details.text("author_email") or name, name=name)
    return Actor(kind=kind, id=details.take_text("author_email") or author, name=name)


def _recognises(facts: Facts) -> bool:
    return bool(facts.text("entity_type") and facts.text("author_id") and "details" in facts.record)


GITLAB = Vendor(
    name="gitlab",
    description="GitLab audit events: answers of the API, streaming",
    draft=_draft,
    recognises=_recognises,
)
