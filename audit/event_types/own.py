"""Our own event types: what the declared systems have no name for."""

from audit.event_types.registry import EventType

EVENT_TYPES: tuple[EventType, ...] = ()
