"""Choosing the columns of the list of events, and their order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from audit import browsing
from audit.access import OrganizationRequest, organization_admin_required
from audit.web import columns
from audit.web.columns import Column, InvalidColumns
from audit.web.htmx import page_or_fragment
from audit.web.refinement import Refinement

_KEYS_OFFERED: Final = 24
# How far each button moves a column.
_STEPS: Final = {"up": -1, "down": 1}


@dataclass(frozen=True, slots=True)
class Picked:
    """A column of the picker; ``is_shown`` if the list has it."""

    column: Column
    is_shown: bool


@require_http_methods(["GET", "HEAD", "POST"])
@organization_admin_required
def column_picker(request: OrganizationRequest) -> HttpResponse:
    """The columns to choose from. The address is that of the list, and so says which are shown.

    To POST, without a script: ``move`` shifts one and asks again, ``reset`` takes back every
    choice, and all else keeps the ``column`` values in their order, and goes back to the list.
    """
    if request.method != "POST":
        return _page(request, *_asked(request))
    if "reset" in request.POST:
        return _kept(request, columns.DEFAULT)
    try:
        chosen = chosen_in(request.POST)
    except InvalidColumns as error:
        return _page(request, columns.remembered(request), str(error))
    if move := request.POST.get("move"):
        return redirect(request.path + _address(request, moved(chosen, move)))
    return _kept(request, chosen)


def chosen_in(form: QueryDict) -> tuple[Column, ...]:
    """The columns ticked in a form, then that of the details key typed into it.

    Raises InvalidColumns.
    """
    key = form.get("key", "").strip()
    typed = [columns.of_details(key).name] if key else []
    return columns.parse([*form.getlist("column"), *typed])


def offered(request: OrganizationRequest, shown: Sequence[Column]) -> list[Picked]:
    """Those that are shown in their order, then the others; all but the time, which stays."""
    keys = browsing.choices(request.organization, "details", limit=_KEYS_OFFERED)
    others = [*columns.OWN.values(), *(columns.of_details(key.value) for key in keys)]
    return [Picked(column, column in shown) for column in dict.fromkeys([*shown, *others])][1:]


def _asked(request: OrganizationRequest) -> tuple[tuple[Column, ...], str]:
    try:
        return columns.shown(request), ""
    except InvalidColumns as error:
        return columns.remembered(request), str(error)


def _page(request: OrganizationRequest, shown: Sequence[Column], error: str) -> HttpResponse:
    context: dict[str, Any] = {
        "offered": offered(request, shown),
        "most": columns.MAX_COLUMNS,
        "error": error,
        "results": Refinement(request.GET).place(),
    }
    status = 400 if error else 200
    return page_or_fragment(request, "audit/events/columns.html", "picker", context, status=status)


def _kept(request: OrganizationRequest, chosen: Sequence[Column]) -> HttpResponse:
    """The list with these columns, which is how all lists begin from now on."""
    events = reverse("audit:event-list", args=[request.organization.slug])
    response = redirect(events + _address(request, chosen))
    columns.remember(response, request.organization.slug, chosen)
    return response


def _address(request: OrganizationRequest, chosen: Sequence[Column]) -> str:
    return Refinement(request.GET).setting(**{columns.PARAMETER: columns.write(chosen)})


def moved(chosen: Sequence[Column], move: str) -> list[Column]:
    """``move`` is ``up:NAME`` or ``down:NAME``; what cannot be moved stays."""
    direction, _, name = move.partition(":")
    order = list(chosen)
    at = next((index for index, column in enumerate(order) if column.name == name), 0)
    to = at + _STEPS.get(direction, 0)
    if at > 0 and 0 < to < len(order):
        order[at], order[to] = order[to], order[at]
    return order
