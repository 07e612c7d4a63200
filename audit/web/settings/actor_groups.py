"""Groups of actors that event rules name."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import RestrictedError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from audit.access import OrganizationRequest, organization_admin_required
from audit.models import ActorGroup, ActorKind
from audit.models.actor_group import MAX_GROUPS, MAX_MEMBER, MAX_MEMBERS
from audit.recording.event_rules import add_group, change_group, remove_group
from audit.web.settings import section_page
from audit.web.settings.event_rules import SECTION, back_to_rules

_PAGES: Final = "audit/settings/actor_groups"


class GroupForm(forms.Form):
    """A group to be made or changed: a line for each actor."""

    name = forms.CharField(max_length=100, error_messages={"required": "Give the group a name."})
    actors = forms.CharField(
        max_length=MAX_MEMBERS * (MAX_MEMBER + 2), required=False, widget=forms.Textarea
    )
    kinds = forms.MultipleChoiceField(choices=ActorKind.choices, required=False)

    def clean_actors(self) -> list[str]:
        lines = (line.strip() for line in self.cleaned_data["actors"].splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def fill(self, group: ActorGroup) -> None:
        for name, value in self.cleaned_data.items():
            setattr(group, name, value)


@require_http_methods(["GET", "HEAD", "POST"])
@organization_admin_required
def actor_group_add(request: OrganizationRequest) -> HttpResponse:
    """A form for a new group; to POST make it."""
    group = ActorGroup(organization=request.organization)
    form = GroupForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _has_room(request, form):
        form.fill(group)
        try:
            add_group(group)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return back_to_rules(request)
    return _form_page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@organization_admin_required
def actor_group_edit(request: OrganizationRequest, id: int) -> HttpResponse:
    """A group; to POST change it. The rules that name it hold for its new members at once."""
    group = _group(request, id)
    known: dict[str, Any] = {
        "name": group.name,
        "actors": "\n".join(group.actors),
        "kinds": group.kinds,
    }
    form = GroupForm(request.POST if request.method == "POST" else None, initial=known)
    if form.is_bound and form.is_valid():
        form.fill(group)
        try:
            change_group(group)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return back_to_rules(request)
    return _form_page(request, form, known["name"])


@require_http_methods(["GET", "HEAD", "POST"])
@organization_admin_required
def actor_group_remove(request: OrganizationRequest, id: int) -> HttpResponse:
    """Ask whether a group is to go; to POST remove it, unless rules name it."""
    group = _group(request, id)
    status = 200
    if request.method == "POST":
        try:
            remove_group(group)
        except (RestrictedError, ValidationError):
            status = 409
        else:
            return back_to_rules(request)
    context = {"group": group, "rules": group.rules.order_by("pk")}
    return section_page(request, SECTION, f"{_PAGES}/remove.html", context, status=status)


def _group(request: OrganizationRequest, id: int) -> ActorGroup:
    groups = ActorGroup.objects.select_related("organization")
    return get_object_or_404(groups, organization=request.organization, pk=id)


def _has_room(request: OrganizationRequest, form: GroupForm) -> bool:
    if ActorGroup.objects.filter(organization=request.organization).count() < MAX_GROUPS:
        return True
    form.add_error(None, f"An organisation has at most {MAX_GROUPS} groups. Remove some.")
    return False


def _form_page(request: OrganizationRequest, form: GroupForm, name: str | None) -> HttpResponse:
    context = {"form": form, "group_name": name, "kinds": ActorKind.choices}
    status = 400 if form.is_bound else 200
    return section_page(request, SECTION, f"{_PAGES}/form.html", context, status=status)
