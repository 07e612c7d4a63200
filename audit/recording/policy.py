"""What an organisation decided about recording: read once, then applied to many events."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from audit.diff import JSON
from audit.models import EventRule, Organization, RedactionRule
from audit.recording.redaction import Redacted, Rules, fingerprint_of, redact, rules_for

#: How long a process may go by a decision that another one has changed, in seconds.
MAX_AGE: Final = 5.0

_known: dict[int, "Policy"] = {}


@dataclass(frozen=True, slots=True)
class Policy:
    """The decisions of one organisation as they were at ``read_at``, by the monotonic clock."""

    organization: Organization
    redaction: tuple[RedactionRule, ...] = ()
    suppression: tuple[EventRule, ...] = ()
    read_at: float = 0.0
    _fingerprint: Callable[[JSON], str] = field(init=False, repr=False)
    _rules: dict[str, Rules] = field(default_factory=dict, init=False, repr=False)
    _against: dict[str, tuple[EventRule, ...]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_fingerprint", fingerprint_of(self.organization))

    def redacted(self, event: Mapping[str, object]) -> Redacted:
        """The event, given as JSON has it, without its secrets."""
        return redact(event, self._fingerprint, self._rules_of(event.get("event_type")))

    def rules_against(self, event_type: str) -> tuple[EventRule, ...]:
        """The event rules that may hold for events of a type, oldest first."""
        if not self.suppression:
            return ()
        if event_type not in self._against:
            concerned = (rule for rule in self.suppression if rule.concerns(event_type))
            self._against[event_type] = tuple(concerned)
        return self._against[event_type]

    def _rules_of(self, event_type: object) -> Rules:
        if not self.redaction or not isinstance(event_type, str):
            return rules_for("", self.redaction)
        if event_type not in self._rules:
            self._rules[event_type] = rules_for(event_type, self.redaction)
        return self._rules[event_type]


def policy_of(organization: Organization) -> Policy:
    """The organisation's decisions, at most MAX_AGE seconds old."""
    now = time.monotonic()
    known = _known.get(organization.pk)
    if known is None or now - known.read_at > MAX_AGE:
        known = _known[organization.pk] = _read(organization, now)
    return known


def _read(organization: Organization, now: float) -> Policy:
    """Two queries, and one for groups where a rule names any."""
    redaction = RedactionRule.objects.filter(organization=organization).order_by("pk")
    suppression = EventRule.objects.in_organization(organization).active().order_by("pk")
    return Policy(organization, tuple(redaction), tuple(suppression.prefetch_related("group")), now)


def forget_policy(organization: Organization) -> None:
    """Read the decisions anew next time: one of them was changed here."""
    _known.pop(organization.pk, None)
