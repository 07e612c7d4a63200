"""Who uses a page that calls: by the token it was given, or by a session of this very site."""

from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest
from ninja.utils import check_csrf

from audit.api.browser_tokens import BrowserToken
from audit.api.problems import Problem
from audit.api.rate_limits import BROWSER_CALLS, CALLS, take
from audit.models import BrowserOrigin, Membership, Organization
from audit.recording.actors import Actor
from audit.recording.context import current

_NOBODY = (
    "Send a token made for this page, as “Authorization: Bearer bt_…”, or be signed in here."
    " An API key does not belong in a page."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Whoever uses the page, and what they may record. No ``event_types`` means any."""

    organization: Organization
    actor: Actor
    session: str
    event_types: tuple[str, ...] = ()

    @property
    def sender(self) -> str:
        """By which rates are limited: all pages of one person."""
        return f"browser:{self.organization.pk}:{self.actor['kind']}:{self.actor['id']}"


def page_of(request: HttpRequest, token: str) -> Page:
    """The page that calls, with this token or, without one, with its session.

    Raises Problem: 401 for nobody, 403 for a page of another origin, 404 for another organisation,
    be there one of that name or not, and 429 above the rate of calls.
    """
    page = _with_token(token, request) if token else _signed_in(request)
    take(page.sender, BROWSER_CALLS, 1)
    return page


def _with_token(text: str, request: HttpRequest) -> Page:
    token = BrowserToken.read(text)
    key = token.key() if token else None
    if token is None or key is None:
        raise _unauthorized("This token is none of ours, or has expired. " + _NOBODY)
    if key.organization.slug != _slug(request):
        raise Problem(HTTPStatus.NOT_FOUND, "This token is for no organisation of that name.")
    _check_origin(request)
    # Apart from what the key itself may send: no page can keep the server from recording.
    take(f"browsers:{key.pk}", CALLS, 1)
    key.note_use()
    return Page(
        organization=key.organization,
        actor=token.actor,
        session=token.session,
        event_types=token.event_types,
    )


def _signed_in(request: HttpRequest) -> Page:
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
    return Page(
        organization=membership.organization,
        actor=context.actor or {},
        session=context.session,
    )


def _check_origin(request: HttpRequest) -> None:
    """The browser says where the page came from, and a page can't make it lie. Only of a page of
    this very site that reads it says nothing."""
    own = f"{request.scheme}://{request.get_host()}"
    origin = request.headers.get("Origin", own if request.method == "GET" else "")
    is_own = origin == own
    if not is_own and not BrowserOrigin.objects.lists(_slug(request), origin):
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "Pages of this origin may not record here."
            " Admins of the organisation list origins under Settings, Browser origins.",
        )


def _slug(request: HttpRequest) -> str:
    assert request.resolver_match is not None  # noqa: S101 -- the URL led here
    slug: str = request.resolver_match.kwargs["organization"]
    return slug


def _unauthorized(detail: str) -> Problem:
    return Problem(
        HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": 'Bearer realm="Auditsite"'}
    )
