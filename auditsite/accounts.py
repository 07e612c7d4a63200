"""Signing in and out, and where one lands."""

from zoneinfo import available_timezones

from django import forms
from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from audit.models import Membership
from auditsite.models import User


class SignInForm(AuthenticationForm):
    username = forms.EmailField(
        label="E-mail address",
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    # Filled in by the page's script: the zone in which times are first shown.
    time_zone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean_time_zone(self) -> str:
        zone = self.cleaned_data["time_zone"]
        return zone if zone in available_timezones() else ""


class SignIn(views.LoginView):
    """Whoever is signed in already goes on. ``next`` is followed only within this site."""

    authentication_form = SignInForm
    template_name = "account/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        if zone := form.cleaned_data["time_zone"]:
            self.request.session.setdefault("time_zone", zone)
        return response


class SignedInRequest(HttpRequest):
    user: User


@require_GET
def home(request: SignedInRequest) -> HttpResponse:
    """The events of the viewer's first organisation, by name, or a page that says there is none."""
    memberships = Membership.objects.filter(user=request.user)
    first = memberships.select_related("organization").order_by("organization__name").first()
    if first is None:
        return render(request, "account/no_organization.html")
    return redirect("audit:event-list", organization=first.organization.slug)
