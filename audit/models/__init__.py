"""How events are stored."""

from audit.event_id import event_id, keyed_tail, lowest_id, time_of
from audit.models.actor_group import ActorGroup
from audit.models.api_call import IdempotentCall, RateLimit
from audit.models.api_key import KEY_PATTERN, ApiKey, Scope
from audit.models.browser_origin import BrowserOrigin
from audit.models.dictionary import DictionaryEntry, Word
from audit.models.download import Download
from audit.models.event import ActorKind, Change, Event, EventQuerySet, Outcome, Snapshot
from audit.models.event_rule import EventRule, Level, RuleScope, SuppressedCount
from audit.models.fields import as_tags
from audit.models.organization import Membership, Organization, Role
from audit.models.outbox import OutboxEvent
from audit.models.redaction_rule import Masking, RedactionRule
from audit.models.saved_view import SavedView, SavedViewMark

__all__ = [
    "KEY_PATTERN",
    "ActorGroup",
    "ActorKind",
    "ApiKey",
    "BrowserOrigin",
    "Change",
    "DictionaryEntry",
    "Download",
    "Event",
    "EventQuerySet",
    "EventRule",
    "IdempotentCall",
    "Level",
    "Masking",
    "Membership",
    "Organization",
    "OutboxEvent",
    "Outcome",
    "RateLimit",
    "RedactionRule",
    "Role",
    "RuleScope",
    "SavedView",
    "SavedViewMark",
    "Scope",
    "Snapshot",
    "SuppressedCount",
    "Word",
    "as_tags",
    "event_id",
    "keyed_tail",
    "lowest_id",
    "time_of",
]
