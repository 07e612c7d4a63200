"""``POST /<organisation>/api/browser-events``: recording by pages, whose word counts for little.

Whoever reads a page's script can send what it sends. So the page says what happened, and the
server says who did it, in which session, from where and with what.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from ninja import Router

from audit.api import problems
from audit.api.authentication import bearer_text
from audit.api.batches import Item, read_batch, read_envelope
from audit.api.bodies import read_body
from audit.api.ingest import BODY, Recording, answer, record_batch
from audit.api.pages import Page, page_of
from audit.api.rate_limits import BROWSER_EVENTS, take
from audit.recording.context import current
from audit.recording.reading import FieldReader

router = Router(tags=["Recording from the browser"])

#: A body that needs no preflight (the Fetch standard's "CORS-safelisted" content types), with the
#: token inside: a page that is closing has no time to ask, and ``sendBeacon`` sets no header. Only
#: the logger needs it, so the OpenAPI document does without.
PLAIN_TYPE: Final = "text/plain"
#: What a page tells late, it tells of the days that its queue keeps.
MAX_AGE: Final = timedelta(days=7)
#: Says in every such event that a page told it, and no server.
REPORTED_BY: Final = {"reported_by": "browser"}


@router.post(
    "/browser-events",
    operation_id="recordBrowserEvents",
    summary="Record events from a page",
    response={HTTPStatus.CREATED: Recording, HTTPStatus.MULTI_STATUS: Recording},
    openapi_extra={
        "requestBody": BODY,
        "parameters": [],
        "responses": problems.described(
            {
                400: "The body can't be read.",
                401: "No token, one that is wrong or has expired, or no sign-in.",
                403: "Pages of this origin may not record here, or the session's token is missing.",
                404: "The token is for no organisation of that name.",
                413: "Too many events or too many bytes for one call.",
                415: "Another content type or encoding than these.",
                422: "No event was recorded, and rejected says why.",
                429: "More than a page may send; Retry-After says for how long.",
                503: "The log can't be reached just now; send the call again.",
            }
        ),
    },
)
def record_browser_events(request: HttpRequest) -> HttpResponse:
    """Record what a page tells, in the name of whom its token or its session is for.

    Only pages of listed origins may, and those of this site. Actor, session, address, browser and
    request are filled in here; an event that claims another actor is rejected, and so is one that
    is older than seven days.
    """
    token, batch = _sent(request)
    page = page_of(request, token)
    take(page.sender, BROWSER_EVENTS, len(batch))
    now, facts = datetime.now(UTC), _facts(page)
    told = [_told_by(page, item, facts, now) for item in batch]
    return answer(record_batch(page.organization, told))


def _sent(request: HttpRequest) -> tuple[str, list[Item]]:
    body = read_body(request)
    if request.content_type == PLAIN_TYPE:
        return read_envelope(body)
    return bearer_text(request), read_batch(body, request.content_type or "")


# --- What ---------------------------------------------------------------------------------------


def _facts(page: Page) -> Mapping[str, object]:
    """What a page can't be trusted with."""
    context = current()
    return {
        "actor": page.actor,
        "session": page.session,
        "ip": context.ip,
        "user_agent": context.user_agent,
        "request_id": context.request_id,
    }


def _told_by(page: Page, item: Item, facts: Mapping[str, object], now: datetime) -> Item:
    """The event as it is recorded, or why it is not."""
    if isinstance(item, str):
        return item
    if reason := _why_not(page, item, now):
        return reason
    details = item.get("details")
    marked = {**details, **REPORTED_BY} if isinstance(details, Mapping) else details or REPORTED_BY
    return {**item, **facts, "details": marked}


def _why_not(page: Page, item: Mapping[str, object], now: datetime) -> str:
    actor = item.get("actor")
    claimed = actor.get("id") if isinstance(actor, Mapping) else actor
    if claimed is not None and claimed != page.actor["id"]:
        return "claims another actor than the one who uses the page"
    if page.event_types and item.get("event_type") not in page.event_types:
        return "has an event_type that this token may not record"
    occurred_at = FieldReader(item).moment("occurred_at")
    if item.get("id") and occurred_at is None:
        return "has an id without occurred_at"
    if occurred_at is not None and occurred_at < now - MAX_AGE:
        return f"is older than {MAX_AGE.days} days, further back than a page may tell"
    return ""
