"""The list as it grows: the switch on its page, and what its script asks for every second."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from audit.access import OrganizationRequest, organization_admin_required
from audit.browsing import (
    EventFilterSet,
    FellBehind,
    MalformedPosition,
    Position,
    arrivals,
    current_position,
)
from audit.browsing.highlighting import Marker
from audit.models import Event
from audit.web import columns
from audit.web.columns import Column, InvalidColumns
from audit.web.refinement import LIVE, Refinement
from audit.web.rows import rows

#: Where to go on from is in the address of the next request and in this header of each answer.
POSITION_HEADER: Final = "Log-Position"
_SINCE: Final = "after"
#: The columns of the page that asks: those that are remembered may have changed in another tab.
_SHOWN: Final = "shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """The switch, a form with ``hidden`` fields.

    ``url`` answers with what arrived since ``position``; where both are empty though it is on,
    ``why_not`` says why nothing can arrive. ``newest`` is the page of the newest events.
    """

    is_on: bool
    hidden: list[tuple[str, str]]
    newest: str = ""
    why_not: str = ""
    url: str = ""
    position: Position | None = None


def live_switch(
    request: OrganizationRequest,
    filters: EventFilterSet,
    refinement: Refinement,
    shown: Sequence[Column],
) -> Live:
    """To be made before the page is read: what is recorded in between arrives, rather than never.

    Asks the database only where the switch is on.
    """
    is_on, hidden = bool(request.GET.get(LIVE)), refinement.hidden(LIVE)
    if not is_on or filters.errors:
        return Live(is_on=is_on, hidden=hidden)
    newest = refinement.setting()
    if _has_ended(filters):
        why_not = "Nothing can arrive: the time range ends in the past."
        return Live(is_on=True, hidden=hidden, why_not=why_not)
    if request.GET.get("cursor") or request.GET.get("newer"):
        why_not = "New events arrive on the first page."
        return Live(is_on=True, hidden=hidden, newest=newest, why_not=why_not)
    asked = refinement.setting(**{_SHOWN: columns.write(shown)})
    url = reverse("audit:event-tail", args=[request.organization.slug]) + asked
    position = current_position()
    return Live(is_on=True, hidden=hidden, newest=newest, url=url, position=position)


def _has_ended(filters: EventFilterSet) -> bool:
    until = filters.period.until
    return until is not None and until <= timezone.now()


@require_safe
@organization_admin_required
def event_tail(request: OrganizationRequest) -> HttpResponse:
    """Rows for the events that became visible after a position, newest first.

    204 where there are none, 410 where there are too many: the list is to be loaded anew.
    """
    asked = request.GET.copy()
    since, shown = (asked.pop(name, [""])[0] for name in (_SINCE, _SHOWN))
    visible = Event.objects.visible_to(request.membership)
    filters = EventFilterSet(asked, queryset=visible, request=request)
    if filters.errors:
        return _refused(" ".join(e for errors in filters.errors.values() for e in errors))
    try:
        cells = columns.read(shown) if shown else columns.shown(request)
        arrived = arrivals(filters.qs, Position.parse(since))
    except (InvalidColumns, MalformedPosition) as error:
        return _refused(str(error))
    except FellBehind:
        return _refused("More happened than can be told: load the list anew.", status=410)
    marker = Marker.of(filters.query)
    response = _answer(request, arrived.events, Refinement(asked), cells, marker)
    response[POSITION_HEADER] = str(arrived.position)
    response["Cache-Control"] = "no-store"
    return response


def _answer(
    request: OrganizationRequest,
    events: list[Event],
    refinement: Refinement,
    cells: Sequence[Column],
    marker: Marker,
) -> HttpResponse:
    if not events:
        return HttpResponse(status=204)
    context = {
        "columns": cells,
        "rows": rows(request, events, refinement, cells, marker),
        "marker": marker,
        "refinement": refinement,
    }
    return render(request, "audit/events/_table.html#rows", context)


def _refused(why: str, status: int = 400) -> HttpResponse:
    return HttpResponse(why, status=status, content_type="text/plain; charset=utf-8")
