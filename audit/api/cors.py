"""Cross-origin resource sharing (the Fetch standard, section 3.2), by the organisation's own list.

Not django-cors-headers: its list is one for the whole site, and what differs by tenant would go
through its signal, which hears nothing of the URL. Here a view that pages call says so.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Final

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from audit.api.application import answer_without_database
from audit.api.problems import Problem, problem_response
from audit.models import BrowserOrigin

type _View = Callable[..., HttpResponseBase]

_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-None-Match",
    # Two hours, the longest that Chromium remembers.
    "Access-Control-Max-Age": "7200",
}
_EXPOSED: Final = "ETag, Retry-After"
_NOT_LISTED = "Pages of this origin may not call here."


def for_listed_origins(view: _View) -> _View:
    """Let pages of the origins that the organisation lists read what ``view`` answers.

    Never with credentials: what a signed-in person may do is for pages of this site.
    """

    @csrf_exempt
    @wraps(view)
    def wrapped(request: HttpRequest, organization: str, **kwargs: object) -> HttpResponseBase:
        origin = request.headers.get("Origin", "")
        try:
            is_listed = BrowserOrigin.objects.lists(organization, origin)
        except (OperationalError, InterfaceError) as error:
            return answer_without_database(request, error)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            response: HttpResponseBase = _preflight(is_listed)
        else:
            response = view(request, organization=organization, **kwargs)
        patch_vary_headers(response, ["Origin"])
        if is_listed:
            response["Access-Control-Allow-Origin"] = origin
            response["Access-Control-Expose-Headers"] = _EXPOSED
        return response

    return wrapped


def _preflight(is_listed: bool) -> HttpResponse:
    if not is_listed:
        return problem_response(Problem(HTTPStatus.FORBIDDEN, _NOT_LISTED))
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers=_PREFLIGHT)
