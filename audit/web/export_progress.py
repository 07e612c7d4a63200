"""How far an export is: the part of its page that asks anew every second, and stops it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from audit.access import OrganizationRequest, organization_admin_required
from audit.browsing.exports import cancel
from audit.models import Download, Event

_ASKED: Final = "asked"
#: Times that a page asks for an export which has not begun; it does so every second.
_PATIENCE: Final = 20
#: A batch takes a minute at most, so whoever is silent for longer has probably died.
_SILENCE: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Of the export that the page has under ``ticket``, or is to begin under it.

    ``event`` is what the log says of it once it is over. ``is_lost`` is one of which nothing was
    heard for long, or at all.
    """

    ticket: UUID
    is_running: bool = False
    download: Download | None = None
    event: Event | None = None
    is_lost: bool = False
    asked: int = 0


def none_yet() -> dict[str, Any]:
    """The context of a page that has not begun an export."""
    return {"progress": Progress(ticket=uuid4())}


@require_safe
@organization_admin_required
def export_progress(request: OrganizationRequest, ticket: UUID) -> HttpResponse:
    """How far the viewer's own export is, or what became of it."""
    own = Download.objects.filter(membership=request.membership, ticket=ticket)
    progress = _progress(request, ticket, own.first())
    context = {"progress": progress, "is_update": True}
    response = render(request, "audit/exports/_progress.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@organization_admin_required
def export_cancel(request: OrganizationRequest, ticket: UUID) -> HttpResponse:
    """Stop the viewer's own export; what became of it is shown where it was."""
    cancel(request.membership, ticket)
    return redirect("audit:export-progress", request.organization.slug, ticket)


def _progress(request: OrganizationRequest, ticket: UUID, download: Download | None) -> Progress:
    if download is None:
        return _not_begun(request, ticket)
    visible = Event.objects.visible_to(request.membership)
    if event := visible.filter(id=download.event_id).first():
        return Progress(ticket=uuid4(), download=download, event=event)
    if timezone.now() - download.reported_at > _SILENCE:
        return Progress(ticket=uuid4(), download=download, is_lost=True)
    return Progress(ticket=ticket, download=download, is_running=True)


def _not_begun(request: OrganizationRequest, ticket: UUID) -> Progress:
    """The page is often quicker than the export that it asks for."""
    given = request.GET.get(_ASKED, "")
    asked = int(given) + 1 if given.isascii() and given.isdigit() and len(given) < 4 else 1
    if asked > _PATIENCE:
        return Progress(ticket=uuid4(), is_lost=True)
    return Progress(ticket=ticket, is_running=True, asked=asked)
