"""GitHub audit log: the JSON export, the REST API and streaming.

Reference: "Audit log events for your organization" in GitHub's documentation.
"""

from collections.abc import Mapping

from audit.recording.importers.item import Refused
from audit.recording.importers.vendors.changes import Sides, take_old_and_new
from audit.recording.importers.vendors.draft import Actor, Draft
from audit.recording.importers.vendors.facts import Facts
from audit.recording.importers.vendors.times import take_time
from audit.recording.importers.vendors.vendor import Vendor
from audit.recording.importers.vendors.verbs import Change, change_of

_OPERATIONS: Mapping[str, Change] = {
    "create": "created",
    "modify": "updated",
    "transfer": "updated",
    "restore": "updated",
    "remove": "deleted",
    "access": "other",
    "authentication": "other",
}
# What an action is about, by its category; the first of these that the record names.
_SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "org": ("user", "team", "org"),
    "business": ("user", "org", "business"),
    "team": ("team", "org"),
    "user": ("user",),
    "personal_access_token": ("user_programmatic_access_name", "user"),
}
_OTHERWISE = ("repo", "repository", "team", "user", "org", "business")


def _draft(facts: Facts) -> Draft:
    action = facts.take_text("action")
    category, dot, _ = action.partition(".")
    if not dot:
        raise Refused(
            f"is no entry of the audit log: its action is “{action[:60]}”, not category.operation,"
            " as in a webhook's delivery"
        )
    draft = Draft(
        occurred_at=take_time(facts, "@timestamp", "created_at"),
        event_type=f"github.{action}",
        actor=_actor(facts),
        change=_OPERATIONS.get(facts.text("operation_type")) or change_of(action),
        deployment=facts.text("org", "business"),
        ip=facts.take_address("actor_ip"),
        user_agent=facts.take_text("user_agent"),
        request_id=facts.take_text("request_id"),
        source_id=facts.take_text("_document_id"),
    )
    for subject in _SUBJECTS.get(category, _OTHERWISE):
        if name := facts.text(subject):
            draft.resource_type = "repo" if subject == "repository" else subject
            draft.resource_id = name
            break
    sides = Sides()
    take_old_and_new(facts, sides)
    sides.put_into(draft)
    return draft


def _actor(facts: Facts) -> Actor:
    id = facts.take_text("actor") or facts.text("external_identity_nameid", "actor_id")
    is_bot = facts.text("actor_is_bot") == "true" or id.endswith("[bot]")
    return Actor(kind="service_account" if is_bot else "user" if id else "system", id=id)


def _recognises(facts: Facts) -> bool:
    return "." in facts.text("action") and bool(
        facts.text("@timestamp", "_document_id") or (facts.text("actor") and facts.text("org"))
    )


GITHUB = Vendor(
    name="github",
    description="GitHub audit log: export, REST API, streaming",
    draft=_draft,
    recognises=_recognises,
)
