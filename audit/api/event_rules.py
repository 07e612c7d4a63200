"""``GET /<organisation>/api/event-rules``: what need not be sent, for programs that ask first."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus
from typing import Final, Literal, cast

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from ninja import Field, Query, Router, Schema

from audit.api import problems
from audit.api.authentication import Bearer, CallerRequest, bearer_text
from audit.api.batches import JSON_TYPE
from audit.api.pages import page_of
from audit.api.problems import Problem
from audit.event_types import ALWAYS_RECORDED, registry
from audit.models import ActorGroup, EventRule, Organization, RuleScope, Scope
from audit.models.event_rule import categories

router = Router(tags=["Recording"])

ActorKindName = Literal["user", "service_account", "agent_token", "system"]


class Group(Schema):
    """The actors whose events a rule is about."""

    name: str = Field(description="What the organisation's admins call it.")
    actors: list[str] = Field(description="Ids of actors; with * behind, how ids begin.")
    kinds: list[str] = Field(description="Kinds of actors, all of which belong to it.")


class Rule(Schema):
    """Events that are not recorded: those for which everything said here is true."""

    id: int = Field(description="The rule's number, as the settings page has it in its address.")
    types: list[str] | None = Field(
        description="The types it is about; with * behind, how types begin. null: all types."
    )
    except_types: list[str] = Field(description="Types that are recorded all the same.")
    level: str | None = Field(
        description="The detail level of the events it is about, in small letters. null: any, or"
        " none."
    )
    group: Group | None = Field(description="Whose events it is about. null: everybody's.")
    expires_at: datetime | None = Field(description="When it ends by itself. null: never.")


class EventRules(Schema):
    """Everything an organisation does not record now. No rule: it records everything."""

    rules: list[Rule] = Field(description="An event for which any of these holds is not recorded.")


# A misspelt one would tell of everybody.
_PARAMETERS: Final = frozenset({"actor_id", "actor_kind"})

_RULES: Final = {
    200: {
        "description": "The rules in force, with their ETag.",
        "content": {JSON_TYPE: {"schema": {"$ref": "#/components/schemas/EventRules"}}},
        "headers": {"ETag": {"schema": {"type": "string"}, "description": "Of this answer."}},
    },
    304: {"description": "They are what they were when the ETag sent as If-None-Match was given."},
}
_ANSWERS: Final = _RULES | problems.described(
    {
        400: "A parameter is wrong.",
        401: "No API key, or one that is unknown, revoked or expired.",
        403: "The key lacks the scope events:write.",
        404: "The key is for no organisation of that name.",
        429: "More than the key may send; Retry-After says for how long.",
        503: "The log can't be reached just now.",
    }
)
_PAGE_ANSWERS: Final = _RULES | problems.described(
    {
        401: "No token, one that is wrong or has expired, or no sign-in.",
        403: "Pages of this origin may not call here.",
        404: "The token is for no organisation of that name.",
        429: "More than a page may send; Retry-After says for how long.",
        503: "The log can't be reached just now.",
    }
)


@router.get(
    "/event-rules",
    operation_id="readEventRules",
    summary="Read which events are not recorded",
    auth=Bearer(Scope.EVENTS_WRITE),
    response=EventRules,
    openapi_extra={"responses": _ANSWERS},
)
def read_event_rules(
    request: HttpRequest,
    actor_id: Query[str | None] = None,
    actor_kind: Query[ActorKindName] = "user",
) -> HttpResponse:
    """The rules in force, so that what is not recorded need not be sent.

    With actor_id only those that hold for this actor, whose group then is null: a program that
    runs on somebody's machine need not know who else is in a group.
    """
    if unknown := sorted(set(request.GET) - _PARAMETERS):
        detail = f"“{unknown[0]}” is no parameter of this call; actor_id and actor_kind are."
        raise Problem(HTTPStatus.BAD_REQUEST, detail)
    organization = cast(CallerRequest, request).auth.organization
    rules = _active(organization)
    if actor_id is None:
        return _answer(request, EventRules(rules=[_rule(rule, rule.group) for rule in rules]))
    return _answer(request, _held_for(rules, actor_kind, actor_id))


@router.get(
    "/browser-event-rules",
    operation_id="readBrowserEventRules",
    summary="Read which events of a page are not recorded",
    response=EventRules,
    openapi_extra={"responses": _PAGE_ANSWERS},
)
def read_browser_event_rules(request: HttpRequest) -> HttpResponse:
    """The rules in force for whoever uses the page, so that it need not send what is not recorded.

    As for recording from a page, with its token or its session. group is always null.
    """
    page = page_of(request, bearer_text(request))
    rules = _active(page.organization)
    return _answer(request, _held_for(rules, page.actor["kind"], page.actor["id"]))


def _active(organization: Organization) -> Iterable[EventRule]:
    active = EventRule.objects.in_organization(organization).active().order_by("pk")
    return active.prefetch_related("group")


def _held_for(rules: Iterable[EventRule], kind: str, id: str) -> EventRules:
    holding = (rule for rule in rules if rule.group is None or rule.group.holds(kind, id))
    return EventRules(rules=[_rule(rule, None) for rule in holding])


def _answer(request: HttpRequest, rules: EventRules) -> HttpResponse:
    body = rules.model_dump_json().encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type=JSON_TYPE)
    # Asked for again each time, and mostly answered with 304.
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    for name, value in headers.items():
        response[name] = value
    return cast(HttpResponse, get_conditional_response(request, etag=etag, response=response))


def _rule(rule: EventRule, group: ActorGroup | None) -> Rule:
    types, except_types = _types(rule)
    return Rule(
        id=rule.pk,
        types=types,
        except_types=except_types,
        level=rule.pattern if rule.scope == RuleScope.LEVEL else None,
        group=Group(name=group.name, actors=group.actors, kinds=group.kinds) if group else None,
        expires_at=rule.expires_at,
    )


def _types(rule: EventRule) -> tuple[list[str] | None, list[str]]:
    """The types a rule is about, and those among them that it never reaches."""
    always = sorted(ALWAYS_RECORDED)
    match rule.scope:
        case RuleScope.CATEGORY:
            return list(categories().get(rule.pattern, ())), []
        case RuleScope.LEVEL:
            return None, always
        case RuleScope.UNKNOWN:
            return None, sorted(known.slug for known in registry)
    begins = rule.pattern.removesuffix("*")
    is_beginning = rule.pattern.endswith("*")
    return [rule.pattern], [slug for slug in always if is_beginning and slug.startswith(begins)]
