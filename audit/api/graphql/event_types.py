"""The catalogue of event types."""

import strawberry

from audit.event_types import EventType as Declared
from audit.event_types import registry


@strawberry.type(description="A key that events of a type usually have in their details.")
class DetailKey:
    name: str
    description: str


@strawberry.type(description="A kind of event, of the catalogue.")
class EventType:
    slug: str
    label: str
    description: str
    category: str
    origin: str = strawberry.field(description="Whose event it is: auditsite, dagster, …")
    alias: str = strawberry.field(description="What the origin calls it: UPDATE_SCHEDULE.")
    resource_type: str
    change: str
    details: list[DetailKey]


def event_types(origin: str | None) -> list[EventType]:
    return [_event_type(each) for each in registry if origin in (None, each.origin)]


def event_type_named(slug: str) -> EventType | None:
    declared = registry.get(slug)
    return _event_type(declared) if declared else None


def _event_type(declared: Declared) -> EventType:
    return EventType(
        slug=declared.slug,
        label=declared.label,
        description=declared.description,
        category=declared.category,
        origin=declared.origin,
        alias=declared.alias,
        resource_type=declared.resource_type,
        change=declared.change,
        details=[DetailKey(name=key.name, description=key.description) for key in declared.details],
    )
