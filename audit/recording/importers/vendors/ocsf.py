"""OCSF, the Open Cybersecurity Schema Framework: Amazon Security Lake and others who write it.

Reference: the schema of version 1.x, classes of the category Identity & Access Management (3) and
Application Activity (6); any other class is read by the attributes that all have.
"""

from collections.abc import Mapping

from audit.recording.importers.item import Refused
from audit.recording.importers.vendors.draft import Actor, Draft, exchange
from audit.recording.importers.vendors.facts import Facts
from audit.recording.importers.vendors.times import take_time
from audit.recording.importers.vendors.vendor import Vendor
from audit.recording.importers.vendors.verbs import Change, change_of, slug_of

_ENTITY_MANAGEMENT = "3004"
_CLASSES: Mapping[str, str] = {
    "3001": "account_change",
    "3002": "authentication",
    "3003": "authorize_session",
    "3004": "entity_management",
    "3005": "user_access",
    "3006": "group_management",
    "6003": "api_activity",
}
_CRUD = {"1": "create", "2": "read", "3": "update", "4": "delete"}
_ACTIVITIES: Mapping[str, Mapping[str, str]] = {
    "3002": {"1": "logon", "2": "logoff"},
    "3004": _CRUD,
    "6003": _CRUD,
}
_VERBS: Mapping[str, Change] = {"create": "created", "update": "updated", "delete": "deleted"}
# user.type_id: System, Service.
_KINDS = {"3": "system", "4": "service_account"}


def _draft(facts: Facts) -> Draft:
    number = facts.text("class_uid")
    if not number:
        raise Refused("is no OCSF event: it has no class_uid")
    name = slug_of(facts.text("class_name")) or _CLASSES.get(number, f"class_{number}")
    activity = _activity(facts, number)
    draft = Draft(
        occurred_at=take_time(facts, "time_dt", "time"),
        event_type=f"ocsf.{name}.{activity}",
        actor=_actor(facts),
        change=_VERBS.get(activity) or change_of(activity),
        outcome=_outcome(facts),
        deployment="/".join(filter(None, map(facts.text, ("cloud.account.uid", "cloud.region")))),
        summary=facts.take_text("message") or facts.text("status_detail"),
        session=facts.take_text("actor.session.uid", "session.uid"),
        ip=facts.take_address("src_endpoint.ip", "device.ip"),
        user_agent=facts.take_text("http_request.user_agent"),
        request_id=facts.text("api.request.uid", "metadata.correlation_uid"),
        source_id=facts.take_text("metadata.uid"),
    )
    _name_resource(draft, facts)
    if number == _ENTITY_MANAGEMENT:
        _read_entity(draft, facts, activity)
    if not draft.reads_changes:
        draft.after = exchange(
            request=facts.take("api.request.data"),
            response=facts.take("api.response.data"),
            entity=facts.take("entity.data"),
        )
    return draft


def _activity(facts: Facts, number: str) -> str:
    id = facts.text("activity_id")
    known = _ACTIVITIES.get(number, {}).get(id)
    return known or slug_of(facts.text("activity_name")) or f"activity_{id or 'unknown'}"


def _actor(facts: Facts) -> Actor:
    """Who acted; in a sign-in without an actor that is the user who signs in."""
    user = facts.part("actor.user")
    if not user:
        user = facts.part("user")
    id = user.text("email_addr", "uid", "name")
    app = facts.text("actor.app_name", "actor.app_uid", "actor.invoked_by")
    if not id:
        return Actor(kind="service_account" if app else "system", id=app)
    name = user.text("name", "full_name")
    return Actor(kind=_KINDS.get(user.text("type_id"), "user"), id=id, name=name)


def _outcome(facts: Facts) -> str:
    if facts.text("action_id") == "2" or facts.text("action").lower() == "denied":
        return "denied"
    failed = facts.text("status_id") == "2" or facts.text("status").lower() == "failure"
    return "failure" if failed else "success"


def _name_resource(draft: Draft, facts: Facts) -> None:
    resources = [facts.part("entity"), *facts.parts("resources")]
    resources += [facts.part("resource"), facts.part("group"), facts.part("user")]
    for resource in resources:
        if id := resource.text("uid", "name"):
            draft.resource_type = resource.text("type") or "resource"
            draft.resource_id, draft.resource_name = id, resource.text("name")
            return


def _read_entity(draft: Draft, facts: Facts, activity: str) -> None:
    """``entity`` is what was acted upon, ``entity_result`` what it was made into."""
    now = facts.get("entity_result.data", "entity_result")
    if activity in ("update", "create") and now is not None:
        draft.after = facts.take("entity_result.data", "entity_result")
        draft.reads_changes = True
        if activity == "update" and (was := facts.take("entity.data", "entity")) is not None:
            draft.before = was
    elif activity in ("create", "delete") and facts.get("entity.data") is not None:
        entity = facts.take("entity.data")
        draft.reads_changes = True
        if activity == "create":
            draft.after = entity
        else:
            draft.before = entity


def _recognises(facts: Facts) -> bool:
    return facts.text("class_uid").isdecimal() and bool(
        facts.get("metadata.version", "metadata.product", "category_uid", "type_uid")
    )


OCSF = Vendor(
    name="ocsf",
    description="OCSF 1.x events, as Amazon Security Lake and others write them",
    draft=_draft,
    recognises=_recognises,
)
