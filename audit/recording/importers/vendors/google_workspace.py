"""Google Workspace: the Reports API (activities.list), BigQuery exports of it.

Reference: "Activities: list" of the Admin SDK's Reports API. One activity holds several events
of one moment; each becomes an event of its own.
"""

from audit.diff import JSON
from audit.recording.importers.item import Refused
from audit.recording.importers.vendors.changes import Sides, decoded, take_old_and_new
from audit.recording.importers.vendors.draft import Actor, Draft
from audit.recording.importers.vendors.facts import Facts
from audit.recording.importers.vendors.times import take_time
from audit.recording.importers.vendors.vendor import Record, Vendor
from audit.recording.importers.vendors.verbs import change_of

_VALUES = (
    "value", "intValue", "boolValue", "multiValue", "multiIntValue", "messageValue",
    "multiMessageValue",
)  # fmt: skip
# What an event is about: the parameters that name it, and those that say how it is called.
_RESOURCES = (
    ("document", "doc_id", "doc_title"),
    ("user", "USER_EMAIL", "USER_EMAIL"),
    ("group", "GROUP_EMAIL", "GROUP_EMAIL"),
    ("application", "APPLICATION_NAME", "APPLICATION_NAME"),
    ("application", "client_id", "app_name"),
    ("organizational_unit", "ORG_UNIT_NAME", "ORG_UNIT_NAME"),
    ("domain", "DOMAIN_NAME", "DOMAIN_NAME"),
    ("role", "ROLE_NAME", "ROLE_NAME"),
    ("setting", "SETTING_NAME", "SETTING_NAME"),
    ("user", "affected_email_address", "affected_email_address"),
)


def _unpack(record: Record) -> list[Record]:
    events = record.get("events")
    if not isinstance(events, list) or not events or not all(isinstance(e, dict) for e in events):
        return [record]
    around = {name: value for name, value in record.items() if name != "events"}
    # Each gets a copy: what one event's mapping takes, the next one's must find.
    return [_copy(around) | event for event in events if isinstance(event, dict)]


def _copy(record: Record) -> Record:
    return {
        name: _copy(value) if isinstance(value, dict) else value for name, value in record.items()
    }


def _draft(facts: Facts) -> Draft:
    name, application = facts.take_text("name"), facts.text("id.applicationName")
    if not name or not application:
        raise Refused("is no activity of Google Workspace: it has no name and id.applicationName")
    _name_parameters(facts)
    parameters = facts.part("parameters")
    draft = Draft(
        occurred_at=take_time(facts, "id.time"),
        event_type=f"google_workspace.{application}.{name}",
        actor=_actor(facts),
        change=change_of(name),
        outcome="failure" if name.endswith(("_failure", "_failed")) else "success",
        deployment=facts.text("ownerDomain", "id.customerId"),
        ip=facts.take_address("ipAddress"),
        user_agent=parameters.take_text("user_agent", "USER_AGENT"),
        source_id=facts.take_text("id.uniqueQualifier"),
    )
    for type, id, called in _RESOURCES:
        if found := parameters.text(id):
            draft.resource_type, draft.resource_id = type, found
            draft.resource_name = parameters.text(called)
            break
    sides = Sides()
    _read_value(parameters, sides)
    take_old_and_new(parameters, sides)
    sides.put_into(draft)
    return draft


def _name_parameters(facts: Facts) -> None:
    """A list of names and values as an object."""
    listed = facts.get("parameters")
    if not isinstance(listed, list):
        return
    named: dict[str, JSON] = {}
    for parameter in facts.parts("parameters"):
        value = next((v for kind in _VALUES if (v := parameter.get(kind)) is not None), None)
        named[parameter.text("name") or "parameter"] = value
    facts.record["parameters"] = named


def _read_value(parameters: Facts, sides: Sides) -> None:
    """The one old and new value that most events have, under the name of what they set."""
    if parameters.get("OLD_VALUE", "NEW_VALUE", "old_value", "new_value") is None:
        return
    name = parameters.text("SETTING_NAME", "setting_name", "FIELD_NAME") or "value"
    sides.add(
        name,
        _sole(parameters.take("OLD_VALUE", "old_value")),
        _sole(parameters.take("NEW_VALUE", "new_value")),
    )


def _sole(value: JSON) -> JSON:
    """A value as it is meant: Drive writes one as a list of one, Admin JSON as text."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return decoded(value) if isinstance(value, str) and value[:1] in ("{", "[") else value


def _actor(facts: Facts) -> Actor:
    actor = facts.part("actor")
    kind = "service_account" if actor.text("callerType") == "KEY" else "user"
    id = actor.take_text("email") or actor.text("profileId", "key")
    return Actor(kind=kind if id else "system", id=id)


def _recognises(facts: Facts) -> bool:
    is_activity = facts.text("kind").endswith("reports#activity") or facts.text("id.customerId")
    return bool(is_activity and facts.text("id.applicationName"))


GOOGLE_WORKSPACE = Vendor(
    name="google-workspace",
    description="Google Workspace: activities of the Reports API",
    draft=_draft,
    arrays=(("items",),),
    unpack=_unpack,
    recognises=_recognises,
)
