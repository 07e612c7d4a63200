"""Who calls: the one place where a key is read, and turned into what it allows.

A browser's session never counts here, so a page of another site can't have a signed-in person
record anything; that is why these addresses do without Django's protection of forms. Of the two
that take sessions, ``browser_events`` applies that protection itself, and GraphQL, which only
reads, has it from ``by_key_or_session``.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from audit.access import admin_membership
from audit.api.problems import Problem
from audit.api.rate_limits import CALLS, take
from audit.models import ApiKey, Event, EventQuerySet, Organization, Scope

#: RFC 6750's header, and the one that clients of Dagster+ send.
_BEARER: Final = "Authorization"
_DAGSTER: Final = "Dagster-Cloud-Api-Token"

_NO_KEY = (
    "Send an API key, as “Authorization: Bearer as_…”."
    " Admins of the organisation make them under Settings, API keys."
)
_WRONG_KEY = "This API key is unknown, revoked or expired."


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whoever has shown that they may call for an organisation.

    ``identity`` tells one caller from another: rates are limited and calls are repeated by it.
    ``key_id`` is the key that was shown, if it was one.
    """

    organization: Organization
    identity: str
    key_id: int | None = None

    @property
    def events(self) -> EventQuerySet:
        """All events that the caller may read, who was asked for the right to before."""
        return Event.objects.in_organization(self.organization.pk)


class CallerRequest(HttpRequest):
    """A request that ``Bearer`` has let through."""

    auth: Caller


class Bearer(AuthBase):
    """Lets through whoever shows a key of the organisation in the URL with this scope.

    Raises Problem: 401 without a key that is good, 403 without the scope, 404 for another
    organisation, be there one of that name or not, and 429 above the rate of calls.
    """

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = "An API key of the organisation."

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self._scope = scope

    def __call__(self, request: HttpRequest) -> Caller:
        assert request.resolver_match is not None  # noqa: S101 -- the URL led here
        return by_key(request, request.resolver_match.kwargs["organization"], self._scope)


def by_key(request: HttpRequest, organization: str, scope: Scope) -> Caller:
    """Whoever shows a key of this organisation with this scope. Raises Problem as ``Bearer``."""
    key = _key_shown(request)
    caller = Caller(organization=key.organization, identity=f"api_key:{key.pk}", key_id=key.pk)
    take(caller.identity, CALLS, 1)
    if organization != key.organization.slug:
        raise Problem(HTTPStatus.NOT_FOUND, "This key is for no organisation of that name.")
    if not key.allows(scope):
        raise Problem(HTTPStatus.FORBIDDEN, f"This key lacks the scope {scope}.")
    key.note_use()
    return caller


def by_key_or_session(request: HttpRequest, organization: str) -> Caller:
    """Whoever may read the log of this organisation: by a key or, without one, as an admin.

    Raises Problem as ``Bearer``, and 403 for members, and for a session without a CSRF token.
    """
    if _text_shown(request) or not request.user.is_authenticated:
        return by_key(request, organization, Scope.EVENTS_READ)
    try:
        membership = admin_membership(request, organization)
    except Http404:
        raise Problem(HTTPStatus.NOT_FOUND, "You belong to no organisation of that name.") from None
    except PermissionDenied as error:
        raise Problem(HTTPStatus.FORBIDDEN, str(error)) from None
    if check_csrf(request) is not None:
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "A call by session needs the page's CSRF token, in the header X-CSRFToken.",
        )
    caller = Caller(organization=membership.organization, identity=f"user:{request.user.pk}")
    take(caller.identity, CALLS, 1)
    return caller


def _key_shown(request: HttpRequest) -> ApiKey:
    text = _text_shown(request)
    key = ApiKey.objects.holding(text) if text else None
    if key is None or not key.is_usable:
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            _WRONG_KEY if text else _NO_KEY,
            headers={"WWW-Authenticate": 'Bearer realm="Auditsite"'},
        )
    return key


def _text_shown(request: HttpRequest) -> str:
    return bearer_text(request) or request.headers.get(_DAGSTER, "").strip()


def bearer_text(request: HttpRequest) -> str:
    """What follows “Bearer” in ``Authorization`` (RFC 6750, section 2.1); empty without it."""
    scheme, _, text = request.headers.get(_BEARER, "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else ""
