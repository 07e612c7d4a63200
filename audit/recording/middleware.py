"""The context of a request: actor, session, address, browser, and an id to find it all by."""

import re
from collections.abc import Awaitable, Callable
from functools import partial
from inspect import iscoroutinefunction
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, cast
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac
from django.utils.decorators import sync_and_async_middleware

from audit.recording import configuration
from audit.recording.actors import actor_of_request
from audit.recording.context import AuditContext, context_from
from audit.recording.limits import MAX_TEXT
from audit.recording.reading import problem_with

REQUEST_ID_HEADER = "X-Request-ID"
# What proxies and tracing systems make; anything else could be made to mislead who reads it.
_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}")
_SESSION_DIGITS = 32

type Address = IPv4Address | IPv6Address
type _Answer = HttpResponseBase | Awaitable[HttpResponseBase]


@sync_and_async_middleware
def request_context(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], _Answer]:
    """Give everything that is recorded during a request its context.

    May stand anywhere in ``MIDDLEWARE``: user and session are looked up when an event asks for
    them. The answer carries the id of the request in ``X-Request-ID``.
    """
    if not iscoroutinefunction(get_response):

        def middleware(request: HttpRequest) -> HttpResponseBase:
            context = base_context(request)
            with context_from(partial(_with_user, request, context)):
                return _identified(get_response(request), context)

        return middleware

    async def async_middleware(request: HttpRequest) -> HttpResponseBase:
        context = base_context(request)
        with context_from(partial(_with_user, request, context)):
            return _identified(await get_response(request), context)

    return async_middleware


def base_context(request: HttpRequest) -> AuditContext:
    """What the request itself tells, which does not change while it is answered."""
    user_agent = request.headers.get("User-Agent", "")
    given_id = request.headers.get(REQUEST_ID_HEADER, "")
    return AuditContext(
        ip=client_address(request),
        # What an event could not hold must not stand in the way of recording it.
        user_agent="" if problem_with(user_agent, MAX_TEXT["user_agent"]) else user_agent,
        request_id=given_id if _REQUEST_ID.fullmatch(given_id) else uuid4().hex,
    )


def client_address(request: HttpRequest) -> str:
    """Where the request came from: the nearest address that is not a trusted proxy's.

    Each trusted proxy adds to X-Forwarded-For whom it was asked by, so the list is believed from
    its right end and only as far as trusted proxies wrote it. Empty if there is no address.
    """
    networks, trusts_socket = configuration.trusted_proxies()
    nearest = _address(request.META.get("REMOTE_ADDR", ""))
    if nearest is None and not trusts_socket:
        return ""
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    while forwarded and (nearest is None or any(nearest in network for network in networks)):
        before = _address(forwarded.pop())
        if before is None:
            break
        nearest = before
    return str(nearest or "")


def session_id(request: HttpRequest) -> str:
    """A name for the session that does not open it: a keyed hash of its key.

    Empty without a session, and for sessions in signed cookies, whose key is what they hold.
    """
    key = getattr(getattr(request, "session", None), "session_key", None)
    if not key or settings.SESSION_ENGINE.endswith("signed_cookies"):
        return ""
    return salted_hmac("audit.session", key, algorithm="sha256").hexdigest()[:_SESSION_DIGITS]


def _with_user(request: HttpRequest, context: AuditContext) -> AuditContext:
    return AuditContext(
        actor=actor_of_request(request),
        session=session_id(request),
        ip=context.ip,
        user_agent=context.user_agent,
        request_id=context.request_id,
    )


def _address(text: str) -> Address | None:
    """An address as proxies write it: with or without a port, in brackets, mapped to IPv6."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return cast(Address, getattr(address, "ipv4_mapped", None) or address)


def _identified(response: HttpResponseBase, context: AuditContext) -> HttpResponseBase:
    response.headers.setdefault(REQUEST_ID_HEADER, context.request_id)
    return response
