"""``POST /<organisation>/api/browser-events``: recording by pages, whose word counts for little.

Whoever reads a page's script can send what it sends. So the page says what happened, and the
server says who did it, in which session, from where and with what.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.utils import check_csrf

from audit.api import problems
from audit.api.authentication import bearer_text
from audit.api.batches import Item, read_batch, read_envelope
from audit.api.bodies import read_body
from audit.api.browser_tokens import BrowserToken
from audit.api.ingest import BODY, Recording, answer, record_batch
from audit.api.problems import Problem
from audit.api.rate_limits import BROWSER_CALLS, BROWSER_EVENTS, CALLS, take
from audit.models import BrowserOrigin, Membership, Organization
from audit.recording.actors import Actor
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

_NOBODY = (
    "Send a token made for this page, as “Authorization: Bearer bt_…”, or be signed in here."
    " An API key does not belong in a page."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """Whoever uses the page, and what they may record. No ``event_types`` means any."""

    organization: Organization
    actor: Actor
    session: str
    event_types: tuple[str, ...] = ()


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
    page = _page_with(token, request) if token else _page_signed_in(request)
    take(_sender(page), BROWSER_EVENTS, len(batch))
    now, facts = datetime.now(UTC), _facts(page)
    told = [_told_by(page, item, facts, now) for item in batch]
    return answer(record_batch(page.organization, told))


def _sent(request: HttpRequest) -> tuple[str, list[Item]]:
    body = read_body(request)
    if request.content_type == PLAIN_TYPE:
        return read_envelope(body)
    return bearer_text(request), read_batch(body, request.content_type or "")


# --- Who ----------------------------------------------------------------------------------------


def _page_with(text: str, request: HttpRequest) -> _Page:
    token = BrowserToken.read(text)
    key = token.key() if token else None
    if token is None or key is None:
        raise _unauthorized("This token is none of ours, or has expired. " + _NOBODY)
    if key.organization.slug != _slug(request):
        raise Problem(HTTPStatus.NOT_FOUND, "This token is for no organisation of that name.")
    _check_origin(request)
    page = _Page(
        organization=key.organization,
        actor=token.actor,
        session=token.session,
        event_types=token.event_types,
    )
    # Apart from what the key itself may send: no page can keep the server from recording.
    take(f"browsers:{key.pk}", CALLS, 1)
    take(_sender(page), BROWSER_CALLS, 1)
    key.note_use()
    return page


def _page_signed_in(request: HttpRequest) -> _Page:
    """A page of this very site. Django's protection of forms holds: the origin must be ours, and
    the page must show the token that only our pages can read."""
    if not request.user.is_authenticated:
        raise _unauthorized(_NOBODY)
    if check_csrf(request) is not None:
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "A session counts for pages of this site alone, with its token in X-CSRFToken.",
        )
    membership = (
        Membership.objects.select_related("organization")
        .filter(user_id=request.user.pk, organization__slug=_slug(request))
        .first()
    )
    if membership is None:
        raise Problem(HTTPStatus.NOT_FOUND, "You belong to no organisation of that name.")
    context = current()
    page = _Page(
        organization=membership.organization,
        actor=context.actor or {},
        session=context.session,
    )
    take(_sender(page), BROWSER_CALLS, 1)
    return page


def _check_origin(request: HttpRequest) -> None:
    """The browser says where the page came from, and a page can't make it lie."""
    origin = request.headers.get("Origin", "")
    is_own = origin == f"{request.scheme}://{request.get_host()}"
    if not is_own and not BrowserOrigin.objects.lists(_slug(request), origin):
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "Pages of this origin may not record here."
            " Admins of the organisation list origins under Settings, Browser origins.",
        )


def _sender(page: _Page) -> str:
    return f"browser:{page.organization.pk}:{page.actor['kind']}:{page.actor['id']}"


def _slug(request: HttpRequest) -> str:
    assert request.resolver_match is not None  # noqa: S101 -- the URL led here
    slug: str = request.resolver_match.kwargs["organization"]
    return slug


def _unauthorized(detail: str) -> Problem:
    return Problem(
        HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": 'Bearer realm="Auditsite"'}
    )


# --- What ---------------------------------------------------------------------------------------


def _facts(page: _Page) -> Mapping[str, object]:
    """What a page can't be trusted with."""
    context = current()
    return {
        "actor": page.actor,
        "session": page.session,
        "ip": context.ip,
        "user_agent": context.user_agent,
        "request_id": context.request_id,
    }


def _told_by(page: _Page, item: Item, facts: Mapping[str, object], now: datetime) -> Item:
    """The event as it is recorded, or why it is not."""
    if isinstance(item, str):
        return item
    if reason := _why_not(page, item, now):
        return reason
    details = item.get("details")
    marked = {**details, **REPORTED_BY} if isinstance(details, Mapping) else details or REPORTED_BY
    return {**item, **facts, "details": marked}


def _why_not(page: _Page, item: Mapping[str, object], now: datetime) -> str:
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
