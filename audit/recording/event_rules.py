"""Changes of event rules and actor groups, each with its event by whoever the context knows to
act. Event rules never reach these events (``ALWAYS_RECORDED``)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, RestrictedError, Sum

from audit.diff import ABSENT
from audit.models import ActorGroup, EventRule, SuppressedCount
from audit.recording.policy import forget_policy
from audit.recording.record import record


def add_rule(rule: EventRule) -> None:
    """Raises ValidationError for a rule that is wrong or there already."""
    rule.full_clean()
    with _changing():
        rule.save(force_insert=True)
        _record_rule("created", rule, after=rule.as_document())


def change_rule(rule: EventRule) -> None:
    """Keep its new reason and expiry; what it is about stays. Raises ValidationError."""
    rule.full_clean()
    with _changing():
        stored = _locked(EventRule.objects.filter(pk=rule.pk))
        if stored and stored.as_document() != rule.as_document():
            rule.save(update_fields=["reason", "expires_at"])
            _record_rule("updated", rule, before=stored.as_document(), after=rule.as_document())


def remove_rule(rule: EventRule) -> None:
    """With its counts, whose sum the event keeps. A rule that is gone already is left so."""
    with _changing():
        stored = _locked(EventRule.objects.filter(pk=rule.pk))
        if stored:
            counts = SuppressedCount.objects.filter(rule=stored)
            suppressed = counts.aggregate(sum=Sum("count"))["sum"] or 0
            EventRule.objects.filter(pk=stored.pk).delete()
            _record_rule("deleted", stored, {"suppressed": suppressed}, stored.as_document())


def add_group(group: ActorGroup) -> None:
    """Raises ValidationError for a group that is wrong or there already."""
    group.full_clean()
    with _changing():
        group.save(force_insert=True)
        _record_group("created", group, after=group.as_document())


def change_group(group: ActorGroup) -> None:
    """Raises ValidationError for a group that is wrong, or a name that is taken."""
    group.full_clean()
    with _changing():
        stored = _locked(ActorGroup.objects.filter(pk=group.pk))
        if stored and stored.as_document() != group.as_document():
            group.save(update_fields=["name", "actors", "kinds"])
            _record_group("updated", group, before=stored.as_document(), after=group.as_document())


def remove_group(group: ActorGroup) -> None:
    """A group that is gone already is left so. Raises RestrictedError if rules name it,
    and ValidationError if one does since just now."""
    with _changing():
        stored = _locked(ActorGroup.objects.filter(pk=group.pk))
        if stored:
            ActorGroup.objects.filter(pk=stored.pk).delete()
            _record_group("deleted", stored, before=stored.as_document())


@contextmanager
def _changing() -> Iterator[None]:
    """A transaction; what two admins do at once is told to the second one."""
    try:
        with transaction.atomic():
            yield
    except RestrictedError:
        raise
    except IntegrityError:
        raise ValidationError("Somebody else has just changed this. Look again.") from None


def _locked[M: (EventRule, ActorGroup)](rows: QuerySet[M]) -> M | None:
    """As it is stored, and stays until the transaction ends; None if it is gone."""
    return rows.select_for_update(of=("self",)).select_related("organization").first()


def _record_rule(
    verb: str,
    rule: EventRule,
    more: dict[str, object] | None = None,
    before: object = ABSENT,
    after: object = ABSENT,
) -> None:
    transaction.on_commit(lambda: forget_policy(rule.organization))
    record(
        rule.organization,
        event_type=f"event_rule.{verb}",
        resource={"id": str(rule.pk), "name": rule.pattern or rule.what},
        details={
            "scope": rule.scope,
            **({"group": rule.group.name} if rule.group else {}),
            **(more or {}),
        },
        before=before,
        after=after,
    )


def _record_group(
    verb: str, group: ActorGroup, before: object = ABSENT, after: object = ABSENT
) -> None:
    transaction.on_commit(lambda: forget_policy(group.organization))
    record(
        group.organization,
        event_type=f"actor_group.{verb}",
        resource={"id": str(group.pk), "name": group.name},
        before=before,
        after=after,
    )
