"""The audit log as Dagster+ has it, so that what was written for theirs runs here.

The contract is ``CloudQuery.auditLog`` of their ``schema.graphql``, as published in
dagster-io/terraform-provider-dagsterplus, with one field more: ``event``.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Final, Self
from uuid import UUID

import strawberry

from audit import browsing
from audit.api.graphql.context import Info
from audit.api.graphql.errors import invalid
from audit.api.graphql.events import EventNode
from audit.api.graphql.groups import Group
from audit.api.graphql.scalars import GenericScalar
from audit.browsing import Criterion, InvalidValue, Limits, MalformedCursor, Period, asking
from audit.browsing.criteria import Condition
from audit.browsing.grammar import parse
from audit.event_types import registry
from audit.models import ActorKind, Event, EventQuerySet

DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 1_000

# Seconds. A list that is shorter than the limit means the end of the log to their clients, so
# searching goes on for as long as a call may take.
_SEARCHING_S: Final = 20.0
_LIMITS: Final = Limits(total_ms=5_000, statement_ms=2_000, deep_walk=50_000)

_PEOPLE: Final = (ActorKind.USER.value, ActorKind.SERVICE_ACCOUNT.value)


@strawberry.enum
class AuditLogEventType(Enum):
    """In the order of their schema; the last two are in later introspections."""

    CHANGE_USER_PERMISSIONS = auto()
    CREATE_DEPLOYMENT = auto()
    DELETE_DEPLOYMENT = auto()
    CREATE_USER_TOKEN = auto()
    REVOKE_USER_TOKEN = auto()
    CREATE_AGENT_TOKEN = auto()
    REVOKE_AGENT_TOKEN = auto()
    UPDATE_AGENT_TOKEN_PERMISSIONS = auto()
    CREATE_SECRET = auto()
    UPDATE_SECRET = auto()
    DELETE_SECRET = auto()
    LOG_IN = auto()
    IFRAME_LOG_IN = auto()
    UPDATE_SUBSCRIPTION_PLAN = auto()
    UPDATE_SCHEDULE = auto()
    UPDATE_SENSOR = auto()
    MODIFY_ALERT_POLICIES = auto()
    CREATE_ORGANIZATION_SUBDOMAIN = auto()
    DELETE_ORGANIZATION_SUBDOMAIN = auto()
    EDIT_CUSTOMER_ID = auto()
    CREATE_ENT_TRIAL = auto()
    UPDATE_TRIAL_DAYS = auto()
    UPDATE_SUBSCRIPTION_TYPE = auto()
    PUT_REVOKE_TOKEN = auto()
    SET_ACCOUNT_REVIEW = auto()
    REDEPLOY_SERVERLESS_AGENT = auto()
    UPDATE_INTERNAL_ORGANIZATION_SETTINGS = auto()
    UPDATE_AGENT_TYPE = auto()
    SET_AUTO_MATERIALIZE_PAUSED = auto()
    CREATE_CODE_LOCATION = auto()
    UPDATE_CODE_LOCATION = auto()
    DELETE_CODE_LOCATION = auto()
    CREATE_SERVICE_USER = auto()
    UPDATE_SERVICE_USER = auto()
    DELETE_SERVICE_USER = auto()
    CHANGE_SERVICE_USER_PERMISSIONS = auto()
    CREATE_SERVICE_TOKEN = auto()
    REVOKE_SERVICE_TOKEN = auto()
    UPDATE_DEPLOYMENT_SETTINGS = auto()
    LAUNCH_RUN = auto()
    LAUNCH_BACKFILL = auto()
    EDIT_SALESFORCE_ACCOUNT_ID = auto()
    SET_ALERT_POLICY_MUTE_UNTIL = auto()


@strawberry.input
class AuditLogFilters:
    before_datetime: float | None = strawberry.field(
        default=None, description="Seconds since 1970; not included."
    )
    after_datetime: float | None = strawberry.field(
        default=None, description="Seconds since 1970; included."
    )
    event_types: list[AuditLogEventType] | None = None
    deployment_names: list[str] | None = None
    user_emails: list[str] | None = None
    is_branch_deployment: bool | None = None


@strawberry.type
class AuditLogEntry:
    id: str
    event_type: AuditLogEventType
    author_user_email: str | None
    author_agent_token_id: str | None
    event_metadata: GenericScalar | None
    timestamp: float = strawberry.field(description="Seconds since 1970.")
    deployment_name: str | None
    branch_deployment_name: str | None
    event: EventNode = strawberry.field(description="The event with all that it holds.")

    @classmethod
    def of(cls, event: Event, group: Group) -> Self:
        is_person = event.actor_kind in _PEOPLE
        is_token = event.actor_kind == ActorKind.AGENT_TOKEN
        return cls(
            id=str(event.id),
            event_type=_TYPES[event.event_type],
            author_user_email=event.actor_id if is_person else None,
            author_agent_token_id=event.actor_id if is_token else None,
            event_metadata=GenericScalar(dict(event.details)) if event.details else None,
            timestamp=event.occurred_at.timestamp(),
            deployment_name=event.deployment or None,
            branch_deployment_name=event.branch_deployment or None,
            event=EventNode.of(event, group),
        )


@strawberry.type
class AuditLogQuery:
    enabled: bool = True

    @strawberry.field(
        description="Events of the types that Dagster+ has, newest first. The cursor is the id of"
        f" the last entry; a list shorter than the limit (up to {MAX_LIMIT:,}) ends the log."
    )
    def audit_log_entries(
        self,
        info: Info,
        limit: int | None = DEFAULT_LIMIT,
        cursor: str | None = None,
        filters: AuditLogFilters | None = None,
    ) -> list[AuditLogEntry] | None:
        wanted = DEFAULT_LIMIT if limit is None else limit
        if not 1 <= wanted <= MAX_LIMIT:
            raise invalid(f"limit is 1 to {MAX_LIMIT:,}, not {wanted:,}.")
        asked = _matching(info.context.caller.events, filters or AuditLogFilters())
        events = list(_newest(asked, wanted, _place(cursor)))
        group = Group(events)
        return [AuditLogEntry.of(event, group) for event in events]


def _slug(event_type: AuditLogEventType) -> str:
    declared = registry.by_alias("dagster", event_type.name)
    return declared.slug if declared else ""


_TYPES: Final = {_slug(event_type): event_type for event_type in AuditLogEventType}


def _place(cursor: str | None) -> UUID | None:
    try:
        return browsing.parse_cursor(cursor)
    except MalformedCursor:
        raise invalid("cursor is the id of an entry, as it was given.") from None


def _matching(events: EventQuerySet, filters: AuditLogFilters) -> EventQuerySet:
    try:
        conditions = list(_conditions(events, filters))
    except InvalidValue as error:
        raise invalid(str(error)) from None
    since = _moment("afterDatetime", filters.after_datetime)
    until = _moment("beforeDatetime", filters.before_datetime)
    return events.matching(*conditions, Period(since, until))


def _conditions(events: EventQuerySet, filters: AuditLogFilters) -> Iterator[Condition]:
    """What is null or empty asks nothing."""
    yield Criterion("event_type", tuple(map(_slug, filters.event_types or AuditLogEventType)))
    if filters.deployment_names:
        yield Criterion("deployment", tuple(filters.deployment_names))
    if filters.user_emails:
        yield Criterion("actor", tuple(filters.user_emails))
        yield Criterion("actor_kind", _PEOPLE)
    if filters.is_branch_deployment is not None and events.organization_id is not None:
        query = parse("branch:*" if filters.is_branch_deployment else "-branch:*")
        yield from asking.answer(query, events.organization_id, events.db).conditions


def _moment(name: str, seconds: float | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise invalid(f"{name} is in seconds since 1970, not {seconds:,.0f}.") from None


def _newest(events: EventQuerySet, wanted: int, place: UUID | None) -> Iterator[Event]:
    """The first ``wanted`` events below the place, however far down they are."""
    deadline = time.monotonic() + _SEARCHING_S
    while wanted:
        page = browsing.next_older(events, cursor=place, size=wanted, limits=_LIMITS)
        yield from page.events
        wanted -= len(page.events)
        if page.continue_at is None:
            return
        if wanted and time.monotonic() > deadline:
            raise invalid(
                "There are too few such events to be found in time: narrow the range with"
                " afterDatetime and beforeDatetime, or lower the limit."
            )
        place = page.continue_at
