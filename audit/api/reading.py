"""Pages of events: ``GET /<organisation>/api/events``, and the history of a resource."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Any, Final, cast

from django.http import HttpRequest, HttpResponse
from ninja import Router

from audit.api import problems
from audit.api.authentication import Bearer, CallerRequest
from audit.api.batches import JSON_TYPE
from audit.api.conditional import UNCHANGED, answer
from audit.api.ingest import router as recording  # a path has one router
from audit.api.search_parameters import (
    FILTERING,
    PAGING,
    as_problem,
    page_parameters,
    search_of,
)
from audit.api.searching import InvalidSearch, Search
from audit.browsing import Documents, EventPage
from audit.browsing.exports.formats import event_json, moment
from audit.browsing.exports.reading import Exported
from audit.diff import dumps
from audit.models import Event, Scope

router = Router(tags=["Reading"])

_PAGE: Final[dict[str, Any]] = {
    "description": "A page of events, newest first; the header Link says where the next one is.",
    "headers": {
        "Link": {
            "schema": {"type": "string"},
            "description": "RFC 8288: rel=first, and rel=next unless this is the end.",
        },
        "ETag": {"schema": {"type": "string"}},
    },
    "content": {
        JSON_TYPE: {
            "schema": {
                "type": "object",
                "properties": {
                    "events": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}},
                    "next": {
                        "type": ["string", "null"],
                        "description": "The address of the next page; null at the end.",
                    },
                    "searched_back_to": {
                        "type": ["string", "null"],
                        "format": "date-time",
                        "description": "Not null where the search took so much that the page"
                        " ends early; the next one goes on from there.",
                    },
                },
                "required": ["events", "next", "searched_back_to"],
            }
        }
    },
}
#: What every answer to a search may be, beside the one that is wanted.
REFUSALS: Final = UNCHANGED | problems.described(
    {
        400: "A parameter is wrong, and errors says which.",
        401: "No API key, or one that is unknown, revoked or expired.",
        403: "The key lacks the scope events:read.",
        404: "The key is for no organisation of that name.",
        429: "More than the key may send; Retry-After says for how long.",
        503: "The log can't be reached just now.",
    }
)


@recording.get(
    "/events",
    operation_id="searchEvents",
    summary="Search events",
    tags=["Reading"],
    auth=Bearer(Scope.EVENTS_READ),
    openapi_extra={"parameters": [*FILTERING, *PAGING], "responses": {200: _PAGE} | REFUSALS},
)
def search_events(request: HttpRequest) -> HttpResponse:
    """The events that meet all parameters, which are those of the events page.

    A cursor is good for the same parameters only. With documents=true a page may be shorter than
    the limit, as an answer holds 4 MiB of them, as they are stored; go by the header Link.
    """
    caller = cast(CallerRequest, request).auth
    return _page(request, search_of(request, caller, "cursor", "limit", "documents"))


@router.get(
    "/resources/{str:type}/{path:id}/history",
    operation_id="readResourceHistory",
    summary="Read the history of a resource",
    auth=Bearer(Scope.EVENTS_READ),
    openapi_extra={"parameters": PAGING, "responses": {200: _PAGE} | REFUSALS},
)
def read_resource_history(request: HttpRequest, type: str, id: str) -> HttpResponse:
    """All that happened to one resource, newest first; see the search for pages."""
    caller = cast(CallerRequest, request).auth
    search = search_of(request, caller, "cursor", "limit", "documents")
    return _page(request, replace(search, asked={**search.asked, "resource": [f"{type}/{id}"]}))


def _page(request: HttpRequest, search: Search) -> HttpResponse:
    size, cursor, wants_documents = page_parameters(request)
    try:
        page = search.page(size, cursor)
    except InvalidSearch as error:
        raise as_problem(error) from None
    documents = Documents(page.events) if wants_documents else None
    if documents is not None:
        page = _fitting(page, documents)
    following = search.next_cursor(page)
    links = {"first": _address(request, cursor=None)}
    if following:
        links["next"] = _address(request, cursor=following)
    slug = search.caller.organization.slug
    body = _body(page, list(_lines(page.events, documents, slug)), links.get("next"))
    header = ", ".join(f'<{address}>; rel="{name}"' for name, address in links.items())
    return answer(request, body, {"Link": header})


def _fitting(page: EventPage, documents: Documents) -> EventPage:
    """As much of the page as an answer has room for."""
    events = list(takewhile(documents.fit, page.events))
    if len(events) == len(page.events):
        return page
    return EventPage(events, older=events[-1].id)


def _lines(
    events: Sequence[Event], documents: Documents | None, organization: str
) -> Iterator[str]:
    for event in events:
        texts = documents.of(event) if documents else (None, None)
        yield event_json(Exported(event, *texts), organization)


def _body(page: EventPage, events: Sequence[str], following: str | None) -> str:
    """Put together as text, so that documents stay as they were sent."""
    back_to = page.searched_back_to
    rest = dumps({"next": following, "searched_back_to": moment(back_to) if back_to else None})
    return f'{{"events":[{",".join(events)}],{rest[1:]}'


def _address(request: HttpRequest, *, cursor: str | None) -> str:
    query = request.GET.copy()
    query.pop("cursor", None)
    if cursor:
        query["cursor"] = cursor
    text = query.urlencode(safe="~.:")
    return request.build_absolute_uri(f"{request.path}?{text}" if text else request.path)
