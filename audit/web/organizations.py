"""An organisation's front door."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from audit.access import OrganizationRequest, organization_admin_required


@require_safe
@organization_admin_required
def organization_home(request: OrganizationRequest) -> HttpResponse:
    return redirect("audit:event-list", organization=request.organization.slug)
