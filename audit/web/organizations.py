"""An organisation's front door."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from audit.access import OrganizationRequest, organization_admin_required
from audit.models import SavedView, SavedViewMark


@require_safe
@organization_admin_required
def organization_home(request: OrganizationRequest) -> HttpResponse:
    """The log with the view that the person chose for it, else all of it.

    Only this address and the entry of the menu ask for that view: the events page itself always
    shows what its address says, so that nobody is sent back and forth.
    """
    membership = request.membership
    marked = SavedViewMark.objects.filter(membership=membership, is_default=True)
    view = SavedView.objects.visible_to(membership).filter(marks__in=marked).first()
    if view:
        return redirect("audit:view-open", organization=request.organization.slug, id=view.pk)
    return redirect("audit:event-list", organization=request.organization.slug)
