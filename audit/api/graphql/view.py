"""``/<organisation>/graphql``: GraphQL over HTTP, by the draft specification of that name.

https://graphql.github.io/graphql-over-http/draft/ A request that can't be begun is answered with
4xx where the caller accepts ``application/graphql-response+json``, and else with 200, if it was
well-formed, as clients of ``application/json`` expect.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, NoReturn, cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from audit.api.authentication import by_key_or_session
from audit.api.batches import JSON_TYPE
from audit.api.bodies import read_body
from audit.api.graphql.execution import Asked, execute
from audit.api.problems import Problem
from audit.diff import JSON, MAX_DEPTH, dumps

RESPONSE_TYPE: Final = "application/graphql-response+json"
_TYPES: Final = (JSON_TYPE, RESPONSE_TYPE)
_PAGE_TYPE: Final = "text/html"
_ENVELOPE_DEPTH: Final = 64  # what an answer is nested around the documents in it


@csrf_exempt
@login_not_required
def graphql(request: HttpRequest, organization: str, deployment: str = "") -> HttpResponseBase:
    """Answers an operation by POST or GET. The deployment is for clients of Dagster+, which put
    one in the address and get the log of the whole organisation, whichever it is."""
    accepted = request.get_preferred_type((*_TYPES, _PAGE_TYPE))
    if accepted == _PAGE_TYPE and request.method == "GET":
        return redirect(_explorer_of(request, organization))
    media_type = accepted if accepted in _TYPES else JSON_TYPE
    try:
        if accepted not in _TYPES:
            _refuse(HTTPStatus.NOT_ACCEPTABLE, f"Answers are {' or '.join(_TYPES)}.")
        caller = by_key_or_session(request, organization)
        answered = execute(_read(request), caller)
    except Problem as problem:
        body: JSON = {"errors": [{"message": problem.detail}]}
        return _response(body, problem.status, media_type, problem.headers)
    is_well = answered.was_begun or media_type == JSON_TYPE
    status = HTTPStatus.OK if is_well else HTTPStatus.BAD_REQUEST
    return _response(answered.body, status, media_type)


def _explorer_of(request: HttpRequest, organization: str) -> str:
    """Browsers come to see, not to fetch."""
    query = request.GET.urlencode()
    address = reverse("graphql-explorer", args=[organization])
    return f"{address}?{query}" if query else address


def _response(
    body: JSON, status: int, media_type: str, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    text = dumps(body, max_depth=MAX_DEPTH + _ENVELOPE_DEPTH)
    response = HttpResponse(text, content_type=f"{media_type}; charset=utf-8", status=status)
    response["Cache-Control"] = "no-store"
    response["Vary"] = "Accept"
    for name, value in (headers or {}).items():
        response[name] = value
    return response


# --- What is asked ------------------------------------------------------------------------------


def _read(request: HttpRequest) -> Asked:
    """Raises Problem."""
    if request.method == "GET":
        given: Mapping[str, Any] = {
            "query": request.GET.get("query"),
            "operationName": request.GET.get("operationName"),
            "variables": _object(request.GET.get("variables") or "null"),
            "extensions": _object(request.GET.get("extensions") or "null"),
        }
    elif request.method == "POST":
        given = _posted(request)
    else:
        _refuse(HTTPStatus.METHOD_NOT_ALLOWED, "Send GET or POST.", Allow="GET, POST")
    return _asked(given)


def _posted(request: HttpRequest) -> Mapping[str, Any]:
    if request.content_type != JSON_TYPE:
        _refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send the operation as {JSON_TYPE}.")
    try:
        given = _object(read_body(request).decode())
    except UnicodeDecodeError as error:
        _refuse(HTTPStatus.BAD_REQUEST, f"The body is not UTF-8: {error}.")
    if isinstance(given, list):
        _refuse(HTTPStatus.BAD_REQUEST, "Send one operation a call, as an object.")
    if not isinstance(given, dict):
        _refuse(HTTPStatus.BAD_REQUEST, "The body must be an object with a query.")
    return given


def _object(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        _refuse(HTTPStatus.BAD_REQUEST, f"This is not JSON: {error}.")


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _asked(given: Mapping[str, Any]) -> Asked:
    query, name = given.get("query"), given.get("operationName")
    if not isinstance(query, str) or not query.strip():
        _refuse(HTTPStatus.BAD_REQUEST, "query must be the text of a GraphQL document.")
    if not isinstance(name, str | None):
        _refuse(HTTPStatus.BAD_REQUEST, "operationName must be text or null.")
    for part in ("variables", "extensions"):
        if not isinstance(given.get(part), dict | None):
            _refuse(HTTPStatus.BAD_REQUEST, f"{part} must be an object or null.")
    return Asked(query, cast(Mapping[str, Any] | None, given.get("variables")), name or None)


def _refuse(status: HTTPStatus, detail: str, **headers: str) -> NoReturn:
    raise Problem(status, detail, headers=headers)
