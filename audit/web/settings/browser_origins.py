"""The origins whose pages may record from the browser: which they are, adding and removing one."""

from typing import Any, Final

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from audit.access import OrganizationRequest, organization_admin_required
from audit.models import BrowserOrigin
from audit.models.browser_origin import MAX_ORIGIN, as_origin
from audit.recording.browser_origins import add_origin, remove_origin
from audit.web.settings import section_page

_SECTION: Final = "browser-origins"
#: More web applications than anybody has; each is looked up by an index.
MAX_ORIGINS: Final = 100


class BrowserOriginForm(forms.Form):
    origin = forms.CharField(
        max_length=MAX_ORIGIN, error_messages={"required": "Say which origin, as it is."}
    )

    def clean_origin(self) -> str:
        return as_origin(self.cleaned_data["origin"])


@require_http_methods(["GET", "HEAD", "POST"])
@organization_admin_required
def browser_origin_list(request: OrganizationRequest) -> HttpResponse:
    """The origins; to POST add one."""
    form = BrowserOriginForm(request.POST if request.method == "POST" else None)
    listed = list(
        BrowserOrigin.objects.visible_to(request.organization).select_related("created_by")
    )
    if form.is_bound and len(listed) >= MAX_ORIGINS:
        form.add_error("origin", f"At most {MAX_ORIGINS} origins can be listed.")
    if form.is_bound and form.is_valid():
        add_origin(
            request.organization,
            form.cleaned_data["origin"],
            created_by_id=request.membership.user_id,
        )
        return redirect("audit:settings-browser-origins", organization=request.organization.slug)
    context: dict[str, Any] = {"form": form, "origins": listed, "max_origin": MAX_ORIGIN}
    return section_page(
        request,
        _SECTION,
        "audit/settings/browser_origins/list.html",
        context,
        status=400 if form.is_bound else 200,
    )


@require_POST
@organization_admin_required
def browser_origin_remove(request: OrganizationRequest, id: int) -> HttpResponse:
    """Without asking first: adding it again is as quick, and the log has both."""
    origins = BrowserOrigin.objects.visible_to(request.organization).select_related("organization")
    remove_origin(get_object_or_404(origins, pk=id))
    return redirect("audit:settings-browser-origins", organization=request.organization.slug)
