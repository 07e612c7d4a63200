"""Where programs call. Nobody is sent to the sign-in page here: keys are shown instead."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from audit.api.application import api
from audit.api.cors import for_listed_origins
from audit.api.docs import api_docs
from audit.api.graphql.explorer import explorer
from audit.api.graphql.view import graphql
from audit.api.problems import Problem, problem_response

type _View = Callable[..., HttpResponseBase]

# What pages of other origins call, if the organisation lists them.
_FOR_PAGES = frozenset({"browser-events", "browser-event-rules"})


@csrf_exempt
def nothing_here(request: HttpRequest, organization: str) -> HttpResponse:
    detail = f"There is nothing at this address; /{organization}/api/ describes what there is."
    return problem_response(Problem(HTTPStatus.NOT_FOUND, detail))


def _for_programs(view: _View) -> _View:
    """The view without sign-in, and with a problem for the methods it does not know."""

    @login_not_required
    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        response = view(request, **kwargs)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        allowed = response["Allow"]
        detail = f"{request.method} means nothing here; {allowed} does."
        return problem_response(
            Problem(HTTPStatus.METHOD_NOT_ALLOWED, detail, headers={"Allow": allowed})
        )

    return wrapped


def _patterns() -> list[URLPattern | URLResolver]:
    patterns: list[URLPattern | URLResolver] = [
        path("", api_docs, name="docs"),
        *api.urls[0],
        re_path("", nothing_here),  # whatever it is: a path may hold a line end
    ]
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            view = _for_programs(pattern.callback)
            for_pages = str(pattern.pattern) in _FOR_PAGES
            pattern.callback = for_listed_origins(view) if for_pages else view
    return patterns


urlpatterns = [
    path("<slug:organization>/graphql", graphql, name="graphql"),
    path("<slug:organization>/graphql/", explorer, name="graphql-explorer"),
    path("<slug:organization>/<str:deployment>/graphql", graphql),
    path("<slug:organization>/api/", include((_patterns(), "api"), namespace="api")),
]
