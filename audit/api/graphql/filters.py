"""The filters of the events page as an input."""

from collections.abc import Iterable
from dataclasses import fields

import strawberry

_MOMENT = "A moment: 2026-11-22T13:00:00Z, 2026-11-22, now-24h. Without a zone it is UTC."


@strawberry.input(
    description="Values of one field are alternatives, different fields all apply, and a leading"
    " - excludes, as in the address of the events page."
)
class EventFilters:
    actor: list[str] | None = None
    event_type: list[str] | None = None
    deployment: list[str] | None = None
    branch_deployment: list[str] | None = None
    tag: list[str] | None = strawberry.field(
        default=None, description="Details, as in namespace:prod; different keys all apply."
    )
    resource_type: list[str] | None = None
    resource: list[str] | None = strawberry.field(default=None, description="As in flow/nightly.")
    change: list[str] | None = None
    actor_kind: list[str] | None = None
    outcome: list[str] | None = None
    impersonator: list[str] | None = None
    session: list[str] | None = None
    ip: list[str] | None = None
    request_id: list[str] | None = None
    since: str | None = strawberry.field(default=None, description=_MOMENT)
    until: str | None = strawberry.field(default=None, description=_MOMENT)
    as_of: str | None = strawberry.field(
        default=None, description="The log as it was at that moment."
    )


def as_parameters(query: str | None, filters: EventFilters | None) -> dict[str, list[str]]:
    """As the address of the events page has them; what is null or empty asks nothing."""
    asked = {"q": [query]} if query else {}
    for each in fields(filters) if filters else ():
        asked[each.name] = list(_texts(getattr(filters, each.name)))
    return {name: texts for name, texts in asked.items() if texts}


def _texts(value: str | list[str] | None) -> Iterable[str]:
    return [value] if isinstance(value, str) else value or ()
