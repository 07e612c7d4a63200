"""The views of an organisation: the list of them, opening one, and what can be done with one."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from audit.access import OrganizationRequest, organization_admin_required
from audit.browsing import EventFilterSet
from audit.browsing.grammar import GrammarError, parse
from audit.browsing.grammar.parameters import QUERY, to_parameters
from audit.models import Event, SavedView
from audit.models.saved_view import MAX_VIEWS, RESTORABLE_FOR
from audit.recording.saved_views import (
    CannotUndo,
    TooManyViews,
    delete_view,
    make_default,
    restore_view,
    star,
    undo,
)
from audit.web import columns
from audit.web.columns import Column
from audit.web.returning import next_page

PARAMETER: Final = "view"
# Characters, with room for the host and one filter more; some servers refuse more than 4,094.
MAX_ADDRESS: Final = 3_500
_MAX_ID: Final = 2**63 - 1
_NAME_TAKEN: Final = "There is a view of this name by now. Rename that one first."


@dataclass(frozen=True, slots=True)
class OpenView:
    """The view that the address names, and whether the page asks for something else by now."""

    view: SavedView
    is_changed: bool
    is_changeable: bool


def opened(
    request: OrganizationRequest, filters: EventFilterSet, shown: tuple[Column, ...]
) -> OpenView | None:
    """None where the address names no view that this person may see; the filters hold anyway."""
    id = request.GET.get(PARAMETER, "")
    if not (id.isascii() and id.isdigit() and int(id) <= _MAX_ID):
        return None
    membership = request.membership
    visible = SavedView.objects.visible_to(membership).with_marks(membership)
    view = visible.select_related("owner").filter(pk=int(id)).first()
    if view is None:
        return None
    is_changed = view.columns != columns.write(shown) or _differ(view.query, filters.query_text)
    return OpenView(view, is_changed, view.owner_id == membership.user_id)


def _differ(query: str, other: str) -> bool:
    try:
        return not parse(query).asks_the_same(parse(other))
    except GrammarError:
        return query != other


def parameters_of(query: str) -> dict[str, list[str]]:
    """What an address asks a query with: in the words of the filters, as far as they go."""
    try:
        return to_parameters(parse(query))
    except GrammarError:
        return {QUERY: [query]}  # the page then says what is wrong with it


def address(query: str, shown: str, **more: object) -> str:
    """The query of the events page that shows a view. Times relative to now stay so."""
    asked = parameters_of(query) | {columns.PARAMETER: [shown]}
    asked |= {name: [str(value)] for name, value in more.items()}
    return "?" + urlencode(asked, doseq=True, safe=":/@,")


# --- The list, and opening one ------------------------------------------------------------------


@require_safe
@organization_admin_required
def view_list(request: OrganizationRequest) -> HttpResponse:
    """A person's own views, those of others that are shared, and what can be restored."""
    membership = request.membership
    visible = SavedView.objects.visible_to(membership).with_marks(membership)
    views = list(visible.select_related("owner"))
    changeable = SavedView.objects.changeable_by(membership)
    deleted = changeable.filter(deleted_at__gt=timezone.now() - RESTORABLE_FOR)
    context = {
        "own": [view for view in views if view.owner_id == membership.user_id],
        "shared": [view for view in views if view.owner_id != membership.user_id],
        "changeable": set(changeable.values_list("pk", flat=True)),
        "deleted": deleted.order_by(Lower("name"), "pk"),
        "has_default": any(view.is_default for view in views),
        "most": MAX_VIEWS,
        "days": RESTORABLE_FOR.days,
    }
    return render(request, "audit/views/list.html", context)


@require_safe
@organization_admin_required
def view_open(request: OrganizationRequest, id: int) -> HttpResponse:
    """The events that a view asks for."""
    view = get_object_or_404(SavedView.objects.visible_to(request.membership), pk=id)
    events = reverse("audit:event-list", args=[request.organization.slug])
    return redirect(events + address(view.query, view.columns, **{PARAMETER: view.pk}))


# --- What can be done with one ------------------------------------------------------------------


@require_POST
@organization_admin_required
def view_mark(request: OrganizationRequest, id: int) -> HttpResponse:
    """``starred`` or ``default``, each 1 or 0: what this person makes of a view."""
    view = get_object_or_404(SavedView.objects.visible_to(request.membership), pk=id)
    try:
        if "starred" in request.POST:
            star(request.membership, view, is_starred=request.POST["starred"] == "1")
        if "default" in request.POST:
            is_default = request.POST["default"] == "1"
            make_default(request.membership, view if is_default else None)
    except TooManyViews as error:
        messages.error(request, str(error))
    return redirect(next_page(request, _list_of(request)))


@require_POST
@organization_admin_required
def view_delete(request: OrganizationRequest, id: int) -> HttpResponse:
    view = _changeable(request, id)
    if view.deleted_at:
        return redirect(_list_of(request))
    return changed(request, f"Deleted “{view.name}”.", delete_view(view))


@require_POST
@organization_admin_required
def view_restore(request: OrganizationRequest, id: int) -> HttpResponse:
    view = _changeable(request, id)
    if not view.deleted_at:
        return redirect(_list_of(request))
    try:
        return changed(request, f"Restored “{view.name}”.", restore_view(view))
    except IntegrityError:
        return _refused(request, _NAME_TAKEN)


@require_POST
@organization_admin_required
def view_undo(request: OrganizationRequest, event: UUID) -> HttpResponse:
    """Take back the change that an event of the log tells of."""
    events = Event.objects.visible_to(request.membership)
    told = get_object_or_404(events, id=event, resource_type="saved_view")
    id = told.resource_id if told.resource_id.isdecimal() else "0"
    view = _changeable(request, int(id))
    try:
        undone = undo(view, told)
    except CannotUndo as error:
        return _refused(request, str(error))
    except IntegrityError:
        return _refused(request, _NAME_TAKEN)
    return changed(request, "Undone.", undone, None if view.deleted_at else view)


def changed(
    request: OrganizationRequest, message: str, event: Event | None, view: SavedView | None = None
) -> HttpResponse:
    """Say what was done, with a way to undo it, and show the view, or the list of them."""
    messages.success(request, message, extra_tags=str(event.id) if event else "")
    if view:
        return redirect("audit:view-open", organization=request.organization.slug, id=view.pk)
    return redirect(_list_of(request))


def _refused(request: OrganizationRequest, message: str) -> HttpResponse:
    messages.error(request, message)
    return redirect(_list_of(request))


def _changeable(request: OrganizationRequest, id: int) -> SavedView:
    changeable = SavedView.objects.changeable_by(request.membership)
    return get_object_or_404(changeable.select_related("owner", "organization"), pk=id)


def _list_of(request: OrganizationRequest) -> str:
    return reverse("audit:view-list", args=[request.organization.slug])
