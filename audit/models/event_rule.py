"""Which events an organisation does not record."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Max, Min, Q, Sum
from django.utils import timezone

from audit.event_types import ALWAYS_RECORDED, registry
from audit.models.actor_group import ActorGroup
from audit.models.organization import Organization

#: Of one organisation. Each is looked at for every type of events.
MAX_EVENT_RULES: Final = 200
MAX_REASON: Final = 500


class Level(models.TextChoices):
    """How much an event matters to whoever logs it: its detail ``level``, in any case of letters.

    The levels of Datagrok's logger. An event without that detail has no level.
    """

    DEBUG = "debug", "Debug"
    INFO = "info", "Info"
    WARNING = "warning", "Warning"
    ERROR = "error", "Error"
    AUDIT = "audit", "Audit"
    USAGE = "usage", "Usage"


class RuleScope(models.TextChoices):
    """What the pattern of a rule names."""

    TYPE = "type", "A type"
    CATEGORY = "category", "A category"
    LEVEL = "level", "A level"
    UNKNOWN = "unknown", "All types outside the catalogue"


class EventRuleQuerySet(models.QuerySet["EventRule"]):
    def in_organization(self, organization: Organization) -> Self:
        return self.filter(organization=organization)

    def active(self) -> Self:
        """Those that have not expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))

    def against_types(self, organization: Organization) -> Self:
        """An organisation's active rules that are about types, whatever level their events have."""
        rules = self.in_organization(organization).active().exclude(scope=RuleScope.LEVEL)
        return rules.prefetch_related("group")

    def with_counts(self) -> Self:
        """Each with ``suppressed``, None for nothing, and ``first_at`` and ``last_at`` of it."""
        return self.annotate(
            suppressed=Sum("counts__count"),
            first_at=Min("counts__first_at"),
            last_at=Max("counts__last_at"),
        )


class EventRule(models.Model):
    """Events not to be recorded: of a type, category or level, by everybody or by a group.

    ``pattern`` is a type or the beginning of some with ``*`` behind it, ``origin:category`` of
    the catalogue, a ``Level``, or empty where ``scope`` says it all. What the log records about
    itself is always recorded, whatever the rule says.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    scope = models.CharField(max_length=16, choices=RuleScope)
    pattern = models.CharField(max_length=129, blank=True, default="")
    group = models.ForeignKey(
        ActorGroup, on_delete=models.RESTRICT, null=True, blank=True, related_name="rules"
    )
    reason = models.CharField(max_length=MAX_REASON)
    expires_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = EventRuleQuerySet.as_manager()

    class Meta:
        db_table = "audit_event_rule"
        ordering = ("scope", "pattern", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "scope", "pattern", "group"),
                nulls_distinct=False,
                name="event_rule_once",
                violation_error_message="There is this rule already. Change its time or reason.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_scope_display()}: {self.pattern}" if self.pattern else self.what

    def clean(self) -> None:
        if self.scope == RuleScope.UNKNOWN:
            self.pattern = ""
        elif (problem_of := _PROBLEMS.get(self.scope)) and (problem := problem_of(self.pattern)):
            raise ValidationError({"pattern": problem})

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def what(self) -> str:
        """What it is about, in words of the catalogue."""
        match self.scope:
            case RuleScope.CATEGORY:
                return category_labels().get(self.pattern, self.pattern)
            case RuleScope.LEVEL:
                return f"Level {self.pattern}"
            case RuleScope.UNKNOWN:
                return "Types outside the catalogue"
        return registry.label(self.pattern)

    @property
    def whom(self) -> str:
        return self.group.name if self.group else "everybody"

    def as_document(self) -> dict[str, object]:
        """What an event says of it."""
        return {
            "scope": self.scope,
            "pattern": self.pattern,
            "group": self.group.name if self.group else None,
            "reason": self.reason,
            "expires_at": self.expires_at and self.expires_at.isoformat(),
        }

    def concerns(self, event_type: str) -> bool:
        """Whether it may hold for events of a type, by some actors, of some level, for now."""
        if event_type in ALWAYS_RECORDED:
            return False
        match self.scope:
            case RuleScope.CATEGORY:
                known = registry.get(event_type)
                return known is not None and _key(known.origin, known.category) == self.pattern
            case RuleScope.LEVEL:
                return True
            case RuleScope.UNKNOWN:
                return event_type not in registry
        if self.pattern.endswith("*"):
            return event_type.startswith(self.pattern[:-1])
        return event_type == self.pattern

    def holds_for(self, *, kind: str, id: str, level: str, now: datetime) -> bool:
        """Whether it holds now for an actor, and for a level in small letters."""
        if self.expires_at is not None and self.expires_at <= now:
            return False
        if self.scope == RuleScope.LEVEL and self.pattern != level:
            return False
        return self.group is None or self.group.holds(kind, id)


class SuppressedCount(models.Model):
    """How many events of a type a rule has kept out of the log, as far as was counted.

    ``event_type`` is empty for all types outside the catalogue, which a sender can make up
    without end.
    """

    pk = models.CompositePrimaryKey("rule", "event_type")
    rule = models.ForeignKey(EventRule, on_delete=models.CASCADE, related_name="counts")
    event_type = models.CharField(max_length=128)
    count = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "audit_suppressed_count"

    def __str__(self) -> str:
        return f"{self.event_type}: {self.count}"


def categories() -> Mapping[str, tuple[str, ...]]:
    """The types of each category that can be switched off, by ``origin:category``."""
    return {
        _key(catalogue.origin, category.name): slugs
        for catalogue in registry.categories()
        for category in catalogue.categories
        if (slugs := tuple(t.slug for t in category.types if t.slug not in ALWAYS_RECORDED))
    }


def category_labels() -> Mapping[str, str]:
    """Of those categories: ``datagrok:Data`` is “Datagrok: Data”."""
    can_be = categories()
    return {
        key: f"{catalogue.label}: {category.name}"
        for catalogue in registry.categories()
        for category in catalogue.categories
        if (key := _key(catalogue.origin, category.name)) in can_be
    }


def _key(origin: str, category: str) -> str:
    return f"{origin}:{category}"


def _problem_of_type(pattern: str) -> str:
    if not pattern:
        return "Say which type."
    if pattern in ALWAYS_RECORDED:
        return "What the log records about itself is always recorded."
    if "*" in pattern.removesuffix("*"):
        return "A star stands last, as in viewer-*"
    return ""


def _problem_of_category(pattern: str) -> str:
    return "" if pattern in categories() else "Choose a category of the catalogue."


def _problem_of_level(pattern: str) -> str:
    return "" if pattern in Level else "Choose a level."


_PROBLEMS: Final[Mapping[str, Callable[[str], str]]] = {
    RuleScope.TYPE: _problem_of_type,
    RuleScope.CATEGORY: _problem_of_category,
    RuleScope.LEVEL: _problem_of_level,
}
