"""Event types: the registry, and the catalogues declared in code."""

from audit.event_types import audit_log, dagster, datagrok, imports, kestra, own
from audit.event_types.registry import (
    Catalogue,
    Category,
    Change,
    DetailKey,
    DuplicateEventType,
    EventType,
    InvalidEventType,
    Origin,
    Registry,
)

__all__ = [
    "ALWAYS_RECORDED",
    "Catalogue",
    "Category",
    "Change",
    "DetailKey",
    "DuplicateEventType",
    "EventType",
    "InvalidEventType",
    "Origin",
    "Registry",
    "registry",
]

registry = Registry()
for _catalogue in (own, audit_log, imports, dagster, datagrok, kestra):
    registry.register(*_catalogue.EVENT_TYPES)

#: What the log records about itself. No decision about what is recorded reaches it: whoever makes
#: such decisions must not be able to hide what they did.
ALWAYS_RECORDED = frozenset(event_type.slug for event_type in audit_log.EVENT_TYPES)
