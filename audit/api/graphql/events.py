"""An event with all that it holds, and pages of events as Relay has them."""

from datetime import datetime
from typing import Self, cast

import strawberry

from audit.api.graphql.event_types import EventType, event_type_named
from audit.api.graphql.groups import Group
from audit.api.graphql.scalars import GenericScalar
from audit.api.searching import Search
from audit.browsing import EventPage
from audit.diff import JSON, loads
from audit.event_types import registry
from audit.models import ActorKind, Change, Event, Outcome

for _choices in (ActorKind, Change, Outcome):
    strawberry.enum(_choices)


@strawberry.type(description="Who did it.")
class Actor:
    kind: ActorKind
    id: str = strawberry.field(description="An e-mail address, an account name.")
    name: str | None
    impersonator: str | None = strawberry.field(
        description="The id of whoever acted in the actor's name."
    )


@strawberry.type(description="What was acted on, named as it was then.")
class Resource:
    type: str | None
    id: str | None
    name: str | None


@strawberry.type(description="A diff in numbers: how many values differ.")
class DiffSummary:
    added: int
    removed: int
    changed: int
    moved: int = strawberry.field(description="Items of arrays that are in another order.")
    retyped: int = strawberry.field(
        description="Those of the changed ones that are of another JSON type now."
    )
    limitation: str = strawberry.field(
        description="What was left out of the comparison, in a sentence; empty if nothing was."
    )


@strawberry.type(name="Event", description="Who changed what, when and how.")
class EventNode:
    """Fields without a resolver are there when the node is made; the others cost more."""

    event: strawberry.Private[Event]
    group: strawberry.Private[Group]
    id: strawberry.ID
    occurred_at: datetime
    recorded_at: datetime
    actor: Actor
    label: str = strawberry.field(description="The event type as people say it.")
    change: Change
    outcome: Outcome
    resource: Resource
    deployment: str | None
    branch_deployment: str | None
    details: GenericScalar = strawberry.field(description="Facts, as an object of texts.")
    summary: str | None
    session: str | None
    ip: str | None
    user_agent: str | None
    request_id: str | None
    changed_paths: list[str] = strawberry.field(
        description="JSON Pointers (RFC 6901) of what changed, at most as many as are kept."
    )

    @classmethod
    def of(cls, event: Event, group: Group) -> Self:
        return cls(
            event=event,
            group=group,
            id=strawberry.ID(str(event.id)),
            occurred_at=event.occurred_at,
            recorded_at=event.recorded_at,
            actor=Actor(
                kind=ActorKind(event.actor_kind),
                id=event.actor_id,
                name=event.actor_name or None,
                impersonator=event.impersonator or None,
            ),
            label=registry.label(event.event_type),
            change=Change(event.change),
            outcome=Outcome(event.outcome),
            resource=Resource(
                type=event.resource_type or None,
                id=event.resource_id or None,
                name=event.resource_name or None,
            ),
            deployment=event.deployment or None,
            branch_deployment=event.branch_deployment or None,
            details=GenericScalar(dict(event.details)),
            summary=event.summary or None,
            session=event.session or None,
            ip=event.ip,
            user_agent=event.user_agent or None,
            request_id=event.request_id or None,
            changed_paths=event.changed_paths,
        )

    @strawberry.field(description="The slug, as in schedule.updated.")
    def event_type(self) -> str:
        return self.event.event_type

    @strawberry.field(description="What the catalogue says of it; null for a type of your own.")
    def type(self) -> EventType | None:
        return event_type_named(self.event.event_type)

    @strawberry.field(description="The event in one sentence.")
    def sentence(self) -> str:
        event = self.event
        return registry.describe(
            event.event_type,
            event.actor_name or event.actor_id,
            event.resource_name or event.resource_id,
            event.deployment,
        )

    @strawberry.field(description="Whether there is a document before; it may be null.")
    def has_before(self) -> bool:
        return self.group.texts(self.event)[0] is not None

    @strawberry.field(description="Whether there is a document after; it may be null.")
    def has_after(self) -> bool:
        return self.group.texts(self.event)[1] is not None

    @strawberry.field(description="The resource before.")
    def before(self) -> GenericScalar | None:
        return _document(self.group.texts(self.event)[0])

    @strawberry.field(description="The resource after.")
    def after(self) -> GenericScalar | None:
        return _document(self.group.texts(self.event)[1])

    @strawberry.field(
        description="What turns before into after, as a JSON Patch (RFC 6902); null without"
        " documents."
    )
    def patch(self) -> GenericScalar | None:
        found = self.group.comparison(self.event).diff
        return GenericScalar(cast(JSON, found.patch())) if found else None

    @strawberry.field(description="Null without documents.")
    def diff_summary(self) -> DiffSummary | None:
        found = self.group.comparison(self.event).diff
        if found is None:
            return None
        counts = found.summary
        return DiffSummary(
            added=counts.added,
            removed=counts.removed,
            changed=counts.changed,
            moved=counts.moved,
            retyped=counts.retyped,
            limitation=found.limitation,
        )


@strawberry.type(description="See the Relay specification of cursor connections.")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool = strawberry.field(
        description="Whether this page was asked for with a cursor: pages lead one way."
    )
    start_cursor: str | None
    end_cursor: str | None = strawberry.field(
        description="Where the next page begins. Opaque, signed, and good for the same query and"
        " filters only."
    )


@strawberry.type
class EventEdge:
    node: EventNode
    cursor: str


@strawberry.type(description="A page of events, newest first.")
class EventConnection:
    search: strawberry.Private[Search]
    page: strawberry.Private[EventPage]
    has_cursor: strawberry.Private[bool]
    nodes: list[EventNode]
    searched_back_to: datetime | None = strawberry.field(
        description="Null for a complete page. Else the search was cut short here, as it took too"
        " much; the next page goes on from there, also where this one has no events."
    )

    @classmethod
    def of(cls, search: Search, size: int, cursor: str | None) -> Self:
        """Raises InvalidSearch."""
        page = search.page(size, cursor)
        group = Group(page.events)
        nodes = [EventNode.of(event, group) for event in page.events]
        return cls(
            search=search,
            page=page,
            has_cursor=bool(cursor),
            nodes=nodes,
            searched_back_to=page.searched_back_to,
        )

    @strawberry.field
    def edges(self) -> list[EventEdge]:
        return [EventEdge(node=node, cursor=self._cursor_of(node)) for node in self.nodes]

    @strawberry.field
    def page_info(self) -> PageInfo:
        following = self.search.next_cursor(self.page)
        return PageInfo(
            has_next_page=following is not None,
            has_previous_page=self.has_cursor,
            start_cursor=self._cursor_of(self.nodes[0]) if self.nodes else None,
            end_cursor=following or (self._cursor_of(self.nodes[-1]) if self.nodes else None),
        )

    def _cursor_of(self, node: EventNode) -> str:
        return self.search.cursor_of(node.event.id)


def _document(text: str | None) -> GenericScalar | None:
    return None if text is None else GenericScalar(loads(text))
