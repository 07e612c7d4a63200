"""What can be asked."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaxTokensLimiter
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from audit.api.graphql import counts, event_types
from audit.api.graphql.context import Info
from audit.api.graphql.dagster import AuditLogQuery
from audit.api.graphql.errors import invalid
from audit.api.graphql.events import EventConnection, EventNode
from audit.api.graphql.filters import EventFilters, as_parameters
from audit.api.graphql.groups import Group
from audit.api.graphql.limits import MAX_TOKENS, OperationLimits
from audit.api.graphql.scalars import SCALARS
from audit.api.searching import DEFAULT_PAGE, MAX_PAGE, InvalidSearch, Search


def _told[**P, R](resolver: Callable[P, R]) -> Callable[P, R]:
    """The resolver, with the errors of a search as GraphQL has them."""

    @wraps(resolver)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return resolver(*args, **kwargs)
        except InvalidSearch as error:
            raise invalid(str(error), fields=dict(error.errors)) from None

    return wrapped


def _search(info: Info, query: str | None, filters: EventFilters | None) -> Search:
    return Search(info.context.caller, as_parameters(query, filters))


@strawberry.type(name="CloudQuery")
class Query:
    @strawberry.field(description="The audit log as Dagster+ has it.")
    def audit_log(self) -> AuditLogQuery | None:
        return AuditLogQuery()

    @strawberry.field(
        description="Events, newest first: those that the query (as in the search box) and the"
        f" filters find. At most {MAX_PAGE:,} at once."
    )
    @_told
    def events(
        self,
        info: Info,
        query: str | None = None,
        first: int = DEFAULT_PAGE,
        after: str | None = None,
        filters: EventFilters | None = None,
    ) -> EventConnection:
        return EventConnection.of(_search(info, query, filters), first, after)

    @strawberry.field(description="One event; null if there is none of this id.")
    def event(self, info: Info, id: strawberry.ID) -> EventNode | None:
        try:
            uuid = UUID(id)
        except ValueError:
            raise invalid("id is the id of an event, a UUID.") from None
        found = info.context.caller.events.filter(id=uuid).first()
        return EventNode.of(found, Group([found])) if found else None

    @strawberry.field(description="Everything that happened to one resource, newest first.")
    @_told
    def resource_history(
        self,
        info: Info,
        type: str,
        id: str,
        first: int = DEFAULT_PAGE,
        after: str | None = None,
    ) -> EventConnection:
        search = _search(info, None, EventFilters(resource=[f"{type}/{id}"]))
        return EventConnection.of(search, first, after)

    @strawberry.field(description="How many events match, and the values they have.")
    @_told
    def facets(
        self, info: Info, query: str | None = None, filters: EventFilters | None = None
    ) -> counts.Facets | None:
        return counts.facets(_search(info, query, filters))

    @strawberry.field(description="How many events match over time, in about 60 bars.")
    @_told
    def histogram(
        self, info: Info, query: str | None = None, filters: EventFilters | None = None
    ) -> counts.Histogram | None:
        return counts.histogram(_search(info, query, filters))

    @strawberry.field(description="The catalogue, or what one origin declares.")
    def event_types(self, origin: str | None = None) -> list[event_types.EventType]:
        return event_types.event_types(origin)


class _Schema(strawberry.Schema):
    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """What is unexpected is logged where errors are told: most are the caller's."""


schema = _Schema(
    query=Query,
    config=StrawberryConfig(scalar_map=SCALARS),
    extensions=[lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS), OperationLimits],
)
