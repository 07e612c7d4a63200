"""How a person likes the pages: theme and time zone, each kept in a cookie."""

from collections.abc import Mapping
from types import MappingProxyType

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from audit.web.returning import next_page
from audit.web.zone import remember_theme, remember_zone, zone_named, zone_names

#: Name to icon.
THEMES: Mapping[str, str] = MappingProxyType({"system": "monitor", "light": "sun", "dark": "moon"})


class PreferencesForm(forms.Form):
    """Each field may be left out, so that a menu can change one preference alone."""

    theme = forms.ChoiceField(
        choices=[(theme, theme.capitalize()) for theme in THEMES], required=False
    )
    time_zone = forms.CharField(max_length=64, required=False)

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"].strip()
        if name and zone_named(name) is None:
            raise forms.ValidationError(
                "There is no time zone of that name; write it like Europe/Warsaw."
            )
        return name


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Show the preferences, or keep what was sent and go back to ``next`` within this site."""
    form = PreferencesForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        context = {
            "form": form,
            "themes": THEMES,
            "regions": _regions(),
            "next": next_page(request, reverse("audit:preferences")),
        }
        status = 400 if form.is_bound else 200
        return render(request, "audit/preferences.html", context, status=status)
    response = redirect(next_page(request, reverse("audit:preferences")))
    if theme := form.cleaned_data["theme"]:
        remember_theme(response, theme)
    if name := form.cleaned_data["time_zone"]:
        remember_zone(response, name)
    return response


def _regions() -> dict[str, list[str]]:
    """The zones of the world by region; those that are no place, UTC among them, first."""
    regions: dict[str, list[str]] = {"": ["UTC"]}
    for name in sorted(zone_names()):
        region, slash, _ = name.partition("/")
        if slash and region not in {"Etc", "SystemV"}:
            regions.setdefault(region, []).append(name)
    return regions
