"""Dagster+: answers of its GraphQL field ``auditLog.auditLogEntries``.

Reference: ``AuditLogEntry`` in the schema of dagster-io/terraform-provider-dagsterplus. The keys of
``eventMetadata`` are not documented; each becomes a detail as it is called.
"""

from audit.event_types import registry
from audit.recording.importers.item import Refused
from audit.recording.importers.vendors.draft import Actor, Draft
from audit.recording.importers.vendors.facts import Facts
from audit.recording.importers.vendors.times import take_time
from audit.recording.importers.vendors.vendor import Vendor
from audit.recording.importers.vendors.verbs import change_of, slug_of


def _draft(facts: Facts) -> Draft:
    name = facts.take_text("eventType")
    if not name:
        raise Refused(_why_none(facts))
    type = registry.by_alias("dagster", name)
    draft = Draft(
        occurred_at=take_time(facts, "timestamp"),
        event_type=type.slug if type else f"dagster.{slug_of(name)}",
        actor=_actor(facts),
        change=type.change if type else change_of(name),
        deployment=facts.take_text("deploymentName"),
        branch_deployment=facts.take_text("branchDeploymentName"),
        source_id=facts.take_text("id"),
    )
    facts.unfold("eventMetadata")
    metadata = facts.part("eventMetadata").record
    if not metadata.keys() & facts.record.keys():
        facts.take("eventMetadata")
        facts.record |= metadata
    return draft


def _why_none(facts: Facts) -> str:
    errors = [message for error in facts.parts("errors") if (message := error.text("message"))]
    if errors:
        return f"is an error that Dagster+ answered: {'; '.join(errors)[:500]}"
    if "data" in facts.record:
        return "is an answer of Dagster+ without data.auditLog.auditLogEntries"
    return "is no entry of Dagster+'s audit log: it has no eventType"


def _actor(facts: Facts) -> Actor:
    if email := facts.take_text("authorUserEmail"):
        return Actor(id=email)
    token = facts.take_text("authorAgentTokenId")
    return Actor(kind="agent_token" if token else "system", id=token)


def _recognises(facts: Facts) -> bool:
    author = facts.record.keys() & {"authorUserEmail", "authorAgentTokenId"}
    return bool(author and facts.text("eventType"))


DAGSTER = Vendor(
    name="dagster",
    description="Dagster+: answers of GraphQL with auditLogEntries",
    draft=_draft,
    arrays=(("data", "auditLog", "auditLogEntries"),),
    recognises=_recognises,
)
