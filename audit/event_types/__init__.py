"""Event types: the registry, and the catalogues declared in code."""

from audit.event_types import dagster, own
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
registry.register(*own.EVENT_TYPES, *dagster.EVENT_TYPES)
