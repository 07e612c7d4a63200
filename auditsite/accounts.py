"""Signing in and out, and where one lands."""

from django import forms
from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from audit.models import Membership, Role
from audit.web.zone import COOKIE, remember_zone, zone_named
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
        return zone if zone_named(zone) else ""


class SignIn(views.LoginView):
    """Whoever is signed in already goes on. ``next`` is followed only within this site."""

    authentication_form = SignInForm
    template_name = "account/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        zone = form.cleaned_data["time_zone"]
        if zone and COOKIE not in self.request.COOKIES:
            remember_zone(response, zone)
        return response


class SignedInRequest(HttpRequest):
    user: User


@require_GET
def home(request: SignedInRequest) -> HttpResponse:
    """The events of the first organisation, by name, whose log the viewer may read.

    A mere member is sent to one that says so; whoever belongs to none gets a page that does.
    """
    memberships = Membership.objects.filter(user=request.user).select_related("organization")
    by_name = sorted(memberships, key=lambda m: (m.role != Role.ADMIN, m.organization.name))
    first = next(iter(by_name), None)
    if first is None:
        return render(request, "account/no_organization.html")
    return redirect("audit:event-list", organization=first.organization.slug)
