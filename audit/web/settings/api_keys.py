"""The keys of an organisation's programs: who has one, making one, revoking one."""

from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.core.signing import BadSignature, Signer
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from audit.access import OrganizationRequest, organization_admin_required
from audit.models import ApiKey, Scope
from audit.models.api_key import new_prefix
from audit.recording.api_keys import create_key, revoke_key
from audit.web.settings import section_page

_SECTION: Final = "api-keys"
#: Days to label; 0 is for ever.
LIFETIMES: Final = ((30, "30 days"), (90, "90 days"), (365, "One year"), (0, "Never"))


class ApiKeyForm(forms.Form):
    """A key to be made.

    ``once`` is the new key's prefix, made with the form and signed: sent twice, by a reload, the
    form makes one key.
    """

    name = forms.CharField(max_length=100, error_messages={"required": "Give the key a name."})
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices, error_messages={"required": "Choose what the key may do."}
    )
    lifetime = forms.TypedChoiceField(
        choices=LIFETIMES, coerce=int, error_messages={"required": "Choose when it expires."}
    )
    once = forms.CharField()

    def clean_once(self) -> str:
        try:
            return _signer.unsign(self.cleaned_data["once"])
        except BadSignature:
            raise forms.ValidationError(
                "The form was not one of ours; here is a new one."
            ) from None

    @property
    def expires_at(self) -> datetime | None:
        days: int = self.cleaned_data["lifetime"]
        return timezone.now() + timedelta(days=days) if days else None


_signer = Signer(salt="audit.api-key-form")


@require_http_methods(["GET", "HEAD", "POST"])
@organization_admin_required
def api_key_list(request: OrganizationRequest) -> HttpResponse:
    """The keys; to POST make one and show it, this once."""
    form = ApiKeyForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        return _list(request, form, status=400 if form.is_bound else 200)
    try:
        key, text = create_key(
            request.organization,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=form.expires_at,
            prefix=form.cleaned_data["once"],
            created_by_id=request.membership.user_id,
        )
    except IntegrityError:
        return _list(request, ApiKeyForm(), is_repeated=True, status=409)
    # In the answer itself and nowhere else: no session, no message, no address keeps it.
    response = section_page(
        request, _SECTION, "audit/settings/api_keys/created.html", {"key": key, "text": text}
    )
    add_never_cache_headers(response)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@organization_admin_required
def api_key_revoke(request: OrganizationRequest, id: int) -> HttpResponse:
    """Ask whether the key is to be revoked; to POST revoke it."""
    keys = ApiKey.objects.visible_to(request.organization).select_related("organization")
    key = get_object_or_404(keys, pk=id)
    if request.method == "POST":
        revoke_key(key, revoked_by_id=request.membership.user_id)
    if request.method == "POST" or key.revoked_at:
        return redirect("audit:settings-api-keys", organization=request.organization.slug)
    return section_page(request, _SECTION, "audit/settings/api_keys/revoke.html", {"key": key})


def _list(
    request: OrganizationRequest, form: ApiKeyForm, *, is_repeated: bool = False, status: int
) -> HttpResponse:
    keys = ApiKey.objects.visible_to(request.organization)
    context: dict[str, Any] = {
        "form": form,
        "is_repeated": is_repeated,
        "once": _signer.sign(new_prefix()),
        "keys": keys.select_related("organization", "created_by", "revoked_by"),
        "scopes": Scope.choices,
        "lifetimes": LIFETIMES,
    }
    return section_page(
        request, _SECTION, "audit/settings/api_keys/list.html", context, status=status
    )
