"""``/<organisation>/graphql/``: queries tried out in the browser, as whoever is signed in.

A page of our own, because GraphiQL needs styles that our content security policy refuses.
"""

import json
from http import HTTPStatus
from typing import Any, Final, cast

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from audit.access import OrganizationRequest, organization_admin_required
from audit.api.authentication import Caller
from audit.api.graphql.examples import EXAMPLES
from audit.api.graphql.execution import Asked, execute
from audit.api.graphql.reference import described_types
from audit.api.problems import Problem
from audit.api.rate_limits import CALLS, take
from audit.diff import ABSENT, JSON, diff

# Lines of an answer that a page shows; more is for programs.
_MOST_LINES: Final = 5_000


@require_http_methods(["GET", "HEAD", "POST"])
@organization_admin_required
def explorer(request: OrganizationRequest) -> HttpResponse:
    """The page; by POST with the answer, for htmx that alone."""
    chosen = next((each for each in EXAMPLES if each.name == request.GET.get("example")), None)
    example = chosen or EXAMPLES[0]
    given = request.POST if request.method == "POST" else request.GET
    context: dict[str, Any] = {
        "query": given.get("query") or example.query,
        "variables": given.get("variables") or example.variables,
        "examples": EXAMPLES,
        "types": described_types(),
    }
    if request.method == "POST":
        context |= _answer(request, context["query"], context["variables"])
    template = "audit/graphql/explorer.html"
    is_fragment = request.htmx and not request.htmx.history_restore_request
    response = render(request, f"{template}#answer" if is_fragment else template, context)
    patch_vary_headers(response, ("HX-Request", "HX-History-Restore-Request"))
    return response


def _answer(request: OrganizationRequest, query: str, variables: str) -> dict[str, str]:
    """``answer`` as text, or in ``problem`` why there is none; ``limitation`` of what is shown."""
    caller = Caller(organization=request.organization, identity=f"user:{request.user.pk}")
    try:
        take(caller.identity, CALLS, 1)
        answered = execute(Asked(query, _variables(variables)), caller)
    except Problem as problem:
        return {"problem": problem.detail}
    shown = diff(ABSENT, cast(JSON, answered.body), most_rows=_MOST_LINES)
    lines = [row.after.text for row in shown.rows if row.after]
    return {"answer": "\n".join(lines), "limitation": shown.limitation}


def _variables(text: str) -> dict[str, Any]:
    """Raises Problem 400."""
    try:
        variables = json.loads(text)
    except (ValueError, RecursionError) as error:
        detail = f"The variables are not JSON: {error}."
        raise Problem(HTTPStatus.BAD_REQUEST, detail) from None
    if not isinstance(variables, dict):
        raise Problem(HTTPStatus.BAD_REQUEST, "The variables must be an object.")
    return variables
