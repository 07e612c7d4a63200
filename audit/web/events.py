"""The list of events, and what can be chosen in its filters."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from audit import browsing
from audit.access import OrganizationRequest, organization_admin_required
from audit.browsing import (
    FIELDS,
    Chip,
    EventFilterSet,
    EventPage,
    Limits,
    MalformedCursor,
    Value,
    newest_first,
    parse_cursor,
)
from audit.browsing.highlighting import Marker
from audit.models import Event
from audit.web import columns
from audit.web.columns import Column, InvalidColumns
from audit.web.event_detail import panel_context
from audit.web.frozen import clock, frozen
from audit.web.htmx import page_or_fragment, wants_fragment
from audit.web.rail import rail
from audit.web.refinement import Refinement
from audit.web.rows import rows
from audit.web.saved_views import opened
from audit.web.suggestions import Suggestions
from audit.web.tail import live_switch

# Each costs a search, so only as many are tried as one would read, and not for long.
_MOST_WAYS_OUT: Final = 6
_WAYS_OUT_MS: Final = 200  # for all of them
# Characters in a line of a phone.
_NARROW: Final = 34
_LABELS: Final = {"q": "Search"}
_CHOOSABLE: Final = frozenset(
    {"actor", "event_type", "deployment", "branch_deployment", "resource_type"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveFilter:
    """What the page is filtered by, or what was asked for and is no filter."""

    param: str
    value: str
    label: str
    text: str
    remove: str
    invert: str = ""
    is_excluded: bool = False
    is_wrong: bool = False


@require_safe
@organization_admin_required
def event_list(request: OrganizationRequest) -> HttpResponse:
    """The events that the address asks for, newest first."""
    refinement = Refinement(request.GET)
    if _has_blanks(request) and not wants_fragment(request):
        return redirect(request.path + refinement.place(open=request.GET.get("open", "")))
    filters = EventFilterSet(
        request.GET, queryset=Event.objects.visible_to(request.membership), request=request
    )
    shown, problem = _columns(request)
    live = live_switch(request, filters, refinement, shown)
    at = clock(filters.queryset.db)
    page, errors = _page(request, filters)
    errors += [problem] if problem else []
    marker = Marker.of(filters.query)
    active = [*_active(filters, refinement), *_wrong_columns(problem, refinement)]
    context: dict[str, Any] = {
        "refinement": refinement,
        "live": live,
        "page": page,
        "errors": errors,
        **_search(filters, refinement),
        "columns": shown,
        "rows": rows(request, page.events, refinement, shown, marker),
        "marker": marker,
        "panel": _panel(request, page),
        "rail": rail(_suggestions(request, page), filters, refinement),
        "active": active,
        "view": None if errors else opened(request, filters, shown),
        "query_text": filters.query_text,
        "frozen": "" if errors else frozen(request, filters, page, shown, at),
        "period": _period(filters),
        **_places(page, refinement),
    }
    if not (page.events or errors or page.continue_at or page.took_too_long):
        context["ways_out"] = list(_ways_out(request, filters, active))
    template, status = "audit/events/list.html", 400 if errors else 200
    response = page_or_fragment(request, template, "results", context, status=status)
    if _has_blanks(request):
        response["HX-Push-Url"] = request.path + refinement.setting()
    return response


@require_safe
@organization_admin_required
def event_choices(request: OrganizationRequest, field: str) -> HttpResponse:
    """Options for the field of a filter that hold the text typed so far."""
    typed = request.GET.get(field, "").removeprefix("-")
    if field == "tag":
        found = _tags_holding(request, typed)
    elif field in _CHOOSABLE:
        found = browsing.choices(request.organization, field, typed)
    else:
        raise Http404("No such filter.")
    return render(request, "audit/events/_options.html", {"options": found})


def _tags_holding(request: OrganizationRequest, typed: str) -> list[browsing.Choice]:
    """Keys until there is a colon, then that key's values."""
    key, colon, value = typed.partition(":")
    if not colon:
        keys = browsing.choices(request.organization, "details", typed)
        return [browsing.Choice(f"{choice.value}:", choice.label) for choice in keys]
    values = browsing.choices(request.organization, f"details.{key}", value)
    return [browsing.Choice(f"{key}:{choice.value}", choice.label) for choice in values]


def _has_blanks(request: OrganizationRequest) -> bool:
    """A form without a script sends its empty fields, too; the address is better without."""
    return any("" in values for _, values in request.GET.lists())


def _page(request: OrganizationRequest, filters: EventFilterSet) -> tuple[EventPage, list[str]]:
    errors = [error for of_field in filters.errors.values() for error in of_field]
    try:
        cursor, newer = (parse_cursor(request.GET.get(name)) for name in ("cursor", "newer"))
    except MalformedCursor as error:
        return EventPage([]), [*errors, str(error)]
    return newest_first(filters.qs, cursor=cursor, newer=newer), errors


def _columns(request: OrganizationRequest) -> tuple[tuple[Column, ...], str]:
    """The columns of the list, and what is wrong with those that the address asks for."""
    try:
        return columns.shown(request), ""
    except InvalidColumns as error:
        return columns.remembered(request), str(error)


def _suggestions(request: OrganizationRequest, page: EventPage) -> Suggestions:
    return Suggestions(page.events, browsing.offered(request.organization))


def _panel(request: OrganizationRequest, page: EventPage) -> dict[str, Any] | None:
    """What is shown of the event that is open, if it is on this page."""
    opened = request.GET.get("open", "")
    event = next((event for event in page.events if str(event.id) == opened), None)
    return panel_context(request, event) if event else None


def _places(page: EventPage, refinement: Refinement) -> dict[str, str]:
    def at(name: str, cursor: UUID | None) -> str:
        return refinement.place(**{name: cursor}) if cursor else ""

    return {
        "newer": at("newer", page.newer),
        "older": at("cursor", page.older),
        "further": at("cursor", page.continue_at),
    }


def _search(filters: EventFilterSet, refinement: Refinement) -> dict[str, Any]:
    """The box, and what is to be said about what it holds."""
    error = filters.grammar_error
    return {
        "search": filters.data.get("q", ""),
        "search_hidden": refinement.hidden("q"),
        "grammar_error": error,
        "narrow_caret": error.caret(_NARROW) if error else "",
        "remarks": [
            (remark, refinement.setting(q=remark.corrected) if remark.corrected else "")
            for remark in (*([error] if error else ()), *filters.hints)
        ],
    }


def _active(filters: EventFilterSet, refinement: Refinement) -> Iterator[ActiveFilter]:
    """The chips; what is wrong has one too, so that it can be taken away."""
    for chip in filters.chips:
        has_inverse = chip.param in FIELDS
        yield ActiveFilter(
            param=chip.param,
            value=chip.value,
            label=chip.label,
            text=chip.text,
            remove=_without(chip, refinement),
            invert=refinement.toggled(chip.param, Value.parse(chip.value)) if has_inverse else "",
            is_excluded=chip.excluded,
        )
    for param in filters.errors:
        label = FIELDS[param].label if param in FIELDS else _LABELS.get(param, "Time")
        for raw in filter(None, filters.data.getlist(param)):
            remove = refinement.dropping(param, Value.parse(raw))
            yield ActiveFilter(
                param=param, value=raw, label=label, text=raw, remove=remove, is_wrong=True
            )


def _wrong_columns(problem: str, refinement: Refinement) -> Iterator[ActiveFilter]:
    """Like ``_active``, of the columns."""
    if problem:
        yield ActiveFilter(
            param=columns.PARAMETER,
            value="",
            label="Columns",
            text="not valid",
            remove=refinement.without(columns.PARAMETER),
            is_wrong=True,
        )


def _without(chip: Chip, refinement: Refinement) -> str:
    if chip.param == "q":
        return refinement.setting(q="".join(chip.without["q"] or ()))
    if chip.param in FIELDS:
        return refinement.dropping(chip.param, Value.parse(chip.value))
    return refinement.without(chip.param)


def _period(filters: EventFilterSet) -> str:
    told = [chip.text for chip in filters.chips if chip.param in ("since", "until")]
    return " ".join(told) or "all time"


def _ways_out(
    request: OrganizationRequest, filters: EventFilterSet, active: list[ActiveFilter]
) -> Iterator[ActiveFilter]:
    """The filters without which there would be events, as far as that is found out in time."""
    deadline = time.monotonic() + _WAYS_OUT_MS / 1000
    for chip in active[:_MOST_WAYS_OUT] if len(active) > 1 else active:
        data = filters.data.copy()
        if chip.param == "q":
            data = QueryDict(chip.remove.removeprefix("?"))
        else:
            data.setlist(chip.param, [v for v in data.getlist(chip.param) if v != chip.value])
        visible = Event.objects.visible_to(request.membership)
        others = EventFilterSet(data, queryset=visible, request=request)
        left = int((deadline - time.monotonic()) * 1000)
        if newest_first(others.qs, size=1, limits=Limits(total_ms=left)).events:
            yield chip
