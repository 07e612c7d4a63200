"""One event in full: its page, and its documents as they are stored."""

from hashlib import sha256
from typing import Literal
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from audit.access import OrganizationRequest, organization_admin_required
from audit.diff import Diff, Fold, InvalidJSON, Row, dumps, loads, resolve
from audit.models import Event, Snapshot
from audit.web.event_panel import compare, panel_context
from audit.web.htmx import wants_fragment

__all__ = ["event_after", "event_before", "event_detail", "event_patch", "panel_context"]

type _Side = Literal["before", "after"]


@require_safe
@organization_admin_required
def event_detail(request: OrganizationRequest, id: UUID) -> HttpResponse:
    """The page of an event; for htmx its panel alone, or with ``rows`` those of one fold."""
    panel = panel_context(request, _event(request, id))
    panel["is_page"] = not wants_fragment(request)
    if panel["is_page"]:
        template = "audit/events/detail.html"
    elif "rows" in request.GET:
        panel["rows"] = _rows_of_fold(panel["rows"], panel["diff"], request.GET["rows"])
        template = "audit/events/_diff_rows.html"
    else:
        template = "audit/events/_panel.html"
    response = render(request, template, {"panel": panel})
    patch_vary_headers(response, ("HX-Request", "HX-History-Restore-Request"))
    return response


@require_safe
@organization_admin_required
def event_before(request: OrganizationRequest, id: UUID) -> HttpResponse:
    """The document before the event, as it is stored; see ``_document``."""
    return _document(request, _event(request, id), "before")


@require_safe
@organization_admin_required
def event_after(request: OrganizationRequest, id: UUID) -> HttpResponse:
    """The document after the event, as it is stored; see ``_document``."""
    return _document(request, _event(request, id), "after")


@require_safe
@organization_admin_required
def event_patch(request: OrganizationRequest, id: UUID) -> HttpResponse:
    """What turns the document before into the one after, as a JSON Patch (RFC 6902)."""
    event = _event(request, id)
    comparison = compare(event, most_rows=0)
    if comparison.diff is None:
        raise Http404("No snapshots to compare.")
    text = dumps([*comparison.diff.patch()])
    return _json(request, text, "application/json-patch+json", f"{event.id}.patch.json")


def _rows_of_fold(rows: list[Row | Fold], found: Diff | None, index: str) -> list[Row | Fold]:
    for row in rows:
        if found and isinstance(row, Fold) and str(row.index) == index:
            return [*found.rows[row.index : row.index + row.count]]
    raise Http404("No such fold.")


# --- Raw documents ------------------------------------------------------------------------------


def _event(request: OrganizationRequest, id: UUID) -> Event:
    return get_object_or_404(Event.objects.visible_to(request.membership), id=id)


def _document(request: OrganizationRequest, event: Event, side: _Side) -> HttpResponse:
    """A snapshot exactly as it is stored; with ``pointer`` (RFC 6901) one value in it."""
    snapshot = get_object_or_404(Snapshot, pk=event.pk)
    text: str | None = getattr(snapshot, side)
    if text is None:
        raise Http404(f"Nothing was recorded of {side} the event.")
    if "pointer" in request.GET:
        try:
            text = dumps(resolve(loads(text), request.GET["pointer"]))
        except (InvalidJSON, LookupError, ValueError):
            raise Http404("No such value.") from None
    return _json(request, text, "application/json", f"{event.id}.{side}.json")


def _json(
    request: OrganizationRequest, text: str, content_type: str, filename: str
) -> HttpResponse:
    """An answer for programs and for saving, which the browser may keep but asks again for.

    An event never changes, but the right to read it can be withdrawn.
    """
    response = HttpResponse(text, content_type=content_type)
    response["Content-Disposition"] = f'inline; filename="{filename}"'
    patch_cache_control(response, private=True, no_cache=True)
    response["ETag"] = etag = f'"{sha256(response.content).hexdigest()[:32]}"'
    return get_conditional_response(request, etag=etag, response=response) or response
