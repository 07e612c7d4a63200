"""What an organisation masks in its events, or doesn't, beyond what is masked everywhere."""

import re
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from audit.diff import tokens
from audit.models.organization import Organization

#: Of one organisation. Each is looked at for every type of events.
MAX_REDACTION_RULES: Final = 200
_HAS_WORD = re.compile(r"[^\W_]")


class Masking(models.TextChoices):
    """How a rule says what it is about."""

    NAME = "name", "Mask values by name"
    POINTER = "pointer", "Mask a place in documents"
    KEEP = "keep", "Never mask this name"


class RedactionRule(models.Model):
    """One rule, for all types of events or those that ``event_type`` names.

    That is a type, or the beginning of some with ``*`` behind it.
    ``pattern`` is a name, or a JSON Pointer (RFC 6901) into both snapshots in which ``*`` stands
    for any one segment.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    masking = models.CharField(max_length=16, choices=Masking)
    pattern = models.CharField(max_length=512)
    event_type = models.CharField(max_length=129, blank=True, default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "audit_redaction_rule"
        ordering = ("masking", "pattern", "event_type")
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "masking", "pattern", "event_type"),
                name="redaction_rule_once",
                violation_error_message="There is this rule already.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_masking_display()}: {self.pattern}"

    def clean(self) -> None:
        if self.masking == Masking.POINTER:
            if not self.pattern.startswith("/"):
                raise ValidationError(
                    {"pattern": "A place begins with a slash, as in /spec/env/*/value."}
                )
        elif not _HAS_WORD.search(self.pattern):
            raise ValidationError({"pattern": "A name holds a letter or a digit."})
        if "*" in self.event_type.removesuffix("*"):
            raise ValidationError({"event_type": "A star stands last, as in secret.*"})

    def as_document(self) -> dict[str, str]:
        """What an event says of it."""
        return {
            "masking": self.masking,
            "pattern": self.pattern,
            "event_type": self.event_type or "*",
        }

    def holds_for(self, event_type: str) -> bool:
        if self.event_type.endswith("*"):
            return event_type.startswith(self.event_type[:-1])
        return self.event_type in ("", event_type)

    @property
    def segments(self) -> tuple[str, ...]:
        """Of the place a rule names."""
        return tuple(tokens(self.pattern))
