"""Changes of event rules and actor groups, each with its event by whoever the context knows to
act. Event rules never reach these events (``ALWAYS_RECORDED``)."""

from django.db import transaction
from django.db.models import Sum

from audit.models import ActorGroup, EventRule, SuppressedCount
from audit.recording.policy import forget_policy
from audit.recording.record import record


def add_rule(rule: EventRule) -> None:
    """Raises ValidationError for a rule that is wrong or there already."""
    rule.full_clean()
    with transaction.atomic():
        rule.save(force_insert=True)
        _record_rule("created", rule, after=rule.as_document())


def change_rule(rule: EventRule) -> None:
    """Keep its new reason and expiry; what it is about stays. Raises ValidationError."""
    rule.full_clean()
    with transaction.atomic():
        stored = EventRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
        before, after = stored.as_document(), rule.as_document()
        if before != after:
            rule.save(update_fields=["reason", "expires_at"])
            _record_rule("updated", rule, before=before, after=after)


def remove_rule(rule: EventRule) -> None:
    """With its counts, whose sum the event keeps. A rule that is gone already is left so."""
    with transaction.atomic():
        counts = SuppressedCount.objects.filter(rule=rule)
        suppressed = counts.aggregate(sum=Sum("count"))["sum"] or 0
        _, removed = EventRule.objects.filter(pk=rule.pk).delete()
        if removed.get("audit.EventRule"):
            _record_rule("deleted", rule, {"suppressed": suppressed}, before=rule.as_document())


def add_group(group: ActorGroup) -> None:
    """Raises ValidationError for a group that is wrong or there already."""
    group.full_clean()
    with transaction.atomic():
        group.save(force_insert=True)
        _record_group("created", group, after=group.as_document())


def change_group(group: ActorGroup) -> None:
    """Raises ValidationError for a group that is wrong, or a name that is taken."""
    group.full_clean()
    with transaction.atomic():
        stored = ActorGroup.objects.select_for_update().get(pk=group.pk)
        before, after = stored.as_document(), group.as_document()
        if before != after:
            group.save(update_fields=["name", "actors", "kinds"])
            _record_group("updated", group, before=before, after=after)


def remove_group(group: ActorGroup) -> None:
    """A group that is gone already is left so. Raises RestrictedError if rules name it."""
    with transaction.atomic():
        removed, _ = ActorGroup.objects.filter(pk=group.pk).delete()
        if removed:
            _record_group("deleted", group, before=group.as_document())


def _record_rule(
    verb: str, rule: EventRule, more: dict[str, object] | None = None, **documents: object
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
        **documents,  # type: ignore[arg-type]  # before or after
    )


def _record_group(verb: str, group: ActorGroup, **documents: object) -> None:
    transaction.on_commit(lambda: forget_policy(group.organization))
    record(
        group.organization,
        event_type=f"actor_group.{verb}",
        resource={"id": str(group.pk), "name": group.name},
        **documents,  # type: ignore[arg-type]
    )
