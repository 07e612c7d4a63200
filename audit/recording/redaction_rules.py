"""Making and removing redaction rules, each with its event by whoever the context knows to act."""

from django.db import transaction

from audit.models import Organization, RedactionRule
from audit.recording.policy import forget_policy
from audit.recording.record import record


def add_rule(rule: RedactionRule) -> None:
    """Raises ValidationError for a rule that is wrong or there already."""
    rule.full_clean()
    with transaction.atomic():
        rule.save(force_insert=True)
        _record("created", rule, after=rule.as_document())


def remove_rule(rule: RedactionRule) -> None:
    """A rule that is gone already is left so."""
    with transaction.atomic():
        removed, _ = RedactionRule.objects.filter(pk=rule.pk).delete()
        if removed:
            _record("deleted", rule, before=rule.as_document())


def note_look_up(organization: Organization, fingerprint: str) -> None:
    """Record that somebody asked which events held a secret."""
    record(organization, event_type="redaction.searched", details={"fingerprint": fingerprint})


def _record(verb: str, rule: RedactionRule, **documents: object) -> None:
    transaction.on_commit(lambda: forget_policy(rule.organization))
    record(
        rule.organization,
        event_type=f"redaction_rule.{verb}",
        resource={"id": str(rule.pk), "name": rule.pattern},
        details={
            "masks": rule.masking,
            **({"event_type": rule.event_type} if rule.event_type else {}),
        },
        **documents,  # type: ignore[arg-type]  # before or after
    )
