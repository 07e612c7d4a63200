"""What the events page shows, as a file: the page that says what it will be, and the file."""

from typing import Any, Final

from django import forms
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from audit import browsing
from audit.access import OrganizationRequest, organization_admin_required
from audit.browsing import Criterion, EventFilterSet, newest_first
from audit.browsing.exports import FORMATS, PACKINGS, Asked, Export, follow
from audit.models import ActorKind, Event
from audit.web import columns
from audit.web.columns import InvalidColumns
from audit.web.export_progress import none_yet
from audit.web.refinement import Refinement

_RECENT: Final = 5
_COLUMNS_OFFERED: Final = 24
ORDERS: Final = (("newest", "Newest first"), ("oldest", "Oldest first"))


class ExportForm(forms.Form):
    """How the file is to be. What it holds is in the address, as on the events page."""

    format = forms.ChoiceField(choices=[(name, each.label) for name, each in FORMATS.items()])
    packing = forms.ChoiceField(
        choices=[(name, each.label) for name, each in PACKINGS.items()], required=False
    )
    order = forms.ChoiceField(choices=ORDERS, required=False)
    ticket = forms.UUIDField(required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@organization_admin_required
def event_export(request: OrganizationRequest) -> HttpResponseBase:
    """Say what would be exported, and to POST give it, however much it is."""
    visible = Event.objects.visible_to(request.membership)
    filters = EventFilterSet(request.GET, queryset=visible, request=request)
    form = ExportForm(request.POST) if request.method == "POST" else None
    if filters.errors or form is None or not form.is_valid():
        return _page(request, filters, form)
    return _download(request, filters, form)


def _page(
    request: OrganizationRequest, filters: EventFilterSet, form: ExportForm | None
) -> HttpResponse:
    errors = [error for of_field in filters.errors.values() for error in of_field]
    if form:
        errors += [f"{name}: {error}" for name, each in form.errors.items() for error in each]
    refinement = Refinement(request.GET)
    shown = _keys_shown(request)
    context: dict[str, Any] = {
        "errors": errors,
        "chips": filters.chips,
        "remarks": [remark.message for remark in filters.hints],
        "results": refinement.place(),
        "formats": FORMATS.values(),
        "packings": PACKINGS.values(),
        "orders": ORDERS,
        "columns": _keys(request, shown),
        "shown": shown,
        "recent": _recent(request),
        **none_yet(),
    }
    return render(request, "audit/exports/new.html", context, status=400 if errors else 200)


def _keys_shown(request: OrganizationRequest) -> list[str]:
    """The details keys that are columns of the list, and so probably are to be of the file."""
    try:
        return [column.key for column in columns.shown(request) if column.key]
    except InvalidColumns:
        return []


def _keys(request: OrganizationRequest, shown: list[str]) -> list[str]:
    found = browsing.choices(request.organization, "details", limit=_COLUMNS_OFFERED)
    return list(dict.fromkeys([*shown, *(choice.value for choice in found)]))


def _recent(request: OrganizationRequest) -> list[Event]:
    visible = Event.objects.visible_to(request.membership)
    exports = visible.matching(Criterion("event_type", ("export.created",)))
    return newest_first(exports, size=_RECENT).events


def _download(
    request: OrganizationRequest, filters: EventFilterSet, form: ExportForm
) -> StreamingHttpResponse:
    chosen = form.cleaned_data
    packing = PACKINGS[chosen["packing"] or "zip"]
    export = Export(
        organization=request.organization,
        events=filters.qs,
        format=FORMATS[chosen["format"]],
        asked=Asked.by(filters),
        exporter=_exporter(request),
        oldest_first=chosen["order"] == "oldest",
        columns=tuple(dict.fromkeys(filter(None, request.POST.getlist("column")))),
    )
    if ticket := chosen["ticket"]:
        follow(export, request.membership, ticket)
    response = StreamingHttpResponse(
        export.recorded(packing.pack(export)),
        content_type=packing.content_type or export.format.content_type,
    )
    name = export.filename + packing.suffix
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # nginx would keep a copy of it all on its disk
    return response


def _exporter(request: OrganizationRequest) -> dict[str, str]:
    user = request.membership.user
    return {"kind": ActorKind.USER, "id": user.email, "name": user.name}
