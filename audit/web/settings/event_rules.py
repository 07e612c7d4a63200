"""Which events an organisation does not record, and how many were kept out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from audit.access import OrganizationRequest, organization_admin_required
from audit.event_types import ALWAYS_RECORDED, registry
from audit.models import ActorGroup, EventRule, Level, Organization, RuleScope
from audit.models.event_rule import MAX_EVENT_RULES, MAX_REASON, category_labels
from audit.recording.event_rules import add_rule, change_rule, remove_rule
from audit.web.settings import section_page

SECTION: Final = "event-rules"
_PAGES: Final = "audit/settings/event_rules"
# As <input type="datetime-local"> has it: in the zone of the page.
_LOCAL: Final = "%Y-%m-%dT%H:%M"
# On the page of a rule; a level can have kept out events of every type.
_MAX_TYPES: Final = 100
_NO_REASON: Final = {"required": "Say why, for whoever wonders where the events are."}


class LimitsForm(forms.Form):
    """Why, and until when: what can be changed of a rule."""

    reason = forms.CharField(max_length=MAX_REASON, error_messages=_NO_REASON)
    expires_at = forms.DateTimeField(
        required=False,
        widget=forms.DateTimeInput(
            format=_LOCAL,
            attrs={"type": "datetime-local", "class": "input", "aria-describedby": "expires_help"},
        ),
        error_messages={"invalid": "This is no time."},
    )

    def clean_expires_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["expires_at"]
        if "expires_at" in self.changed_data and at is not None and at <= timezone.now():
            raise ValidationError("That time has passed.")
        return at


class RuleForm(LimitsForm):
    """A rule to be made. The field named for its scope says which events it is about."""

    scope = forms.ChoiceField(
        choices=RuleScope.choices,
        error_messages={"required": "Choose what is not to be recorded."},
    )
    type = forms.CharField(max_length=128, required=False)
    category = forms.CharField(required=False)
    level = forms.CharField(required=False)
    group = forms.ModelChoiceField(ActorGroup.objects.none(), required=False)

    def __init__(self, data: Mapping[str, Any] | None, organization: Organization) -> None:
        super().__init__(data, initial={"scope": RuleScope.TYPE})
        groups = ActorGroup.objects.filter(organization=organization)
        self.fields["group"].queryset = groups  # type: ignore[attr-defined]

    def rule(self, request: OrganizationRequest) -> EventRule:
        scope = self.cleaned_data["scope"]
        return EventRule(
            organization=request.organization,
            scope=scope,
            pattern=self.cleaned_data.get(scope, ""),
            group=self.cleaned_data["group"],
            reason=self.cleaned_data["reason"],
            expires_at=self.cleaned_data["expires_at"],
            created_by_id=request.membership.user_id,
        )

    def refuse(self, error: ValidationError) -> None:
        """Show what is wrong with the rule where it was filled in."""
        for field, messages in error.message_dict.items():
            shown_at = self.cleaned_data["scope"] if field == "pattern" else None
            self.add_error(shown_at if shown_at in self.fields else None, messages)


@require_http_methods(["GET", "HEAD", "POST"])
@organization_admin_required
def event_rule_list(request: OrganizationRequest) -> HttpResponse:
    """What is not recorded; to POST add a rule."""
    if request.method != "POST":
        return _list(request, RuleForm(None, request.organization))
    form = RuleForm(request.POST, request.organization)
    if form.is_valid() and _has_room(request, form):
        try:
            add_rule(form.rule(request))
        except ValidationError as error:
            form.refuse(error)
        else:
            return back_to_rules(request)
    return _list(request, form, status=400)


@require_http_methods(["GET", "HEAD", "POST"])
@organization_admin_required
def event_rule_edit(request: OrganizationRequest, id: int) -> HttpResponse:
    """A rule and what it kept out; to POST change its reason and its end."""
    rule = _rule(request, id)
    limits = {"reason": rule.reason, "expires_at": _to_the_minute(rule.expires_at)}
    form = LimitsForm(request.POST if request.method == "POST" else None, initial=limits)
    if form.is_bound and form.is_valid():
        for name in form.changed_data:
            setattr(rule, name, form.cleaned_data[name])
        try:
            change_rule(rule)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return back_to_rules(request)
    context = {
        "rule": rule,
        "form": form,
        "counts": rule.counts.order_by("-count", "event_type")[:_MAX_TYPES],
        "max_reason": MAX_REASON,
    }
    status = 400 if form.is_bound else 200
    return section_page(request, SECTION, f"{_PAGES}/edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@organization_admin_required
def event_rule_remove(request: OrganizationRequest, id: int) -> HttpResponse:
    """Ask whether a rule is to go; to POST remove it."""
    rule = _rule(request, id)
    if request.method == "POST":
        remove_rule(rule)
        return back_to_rules(request)
    return section_page(request, SECTION, f"{_PAGES}/remove.html", {"rule": rule})


def back_to_rules(request: OrganizationRequest) -> HttpResponse:
    return redirect("audit:settings-event-rules", organization=request.organization.slug)


def _rule(request: OrganizationRequest, id: int) -> EventRule:
    rules = EventRule.objects.in_organization(request.organization).with_counts()
    return get_object_or_404(rules.select_related("group", "created_by"), pk=id)


def _to_the_minute(at: datetime | None) -> datetime | None:
    return at and at.replace(second=0, microsecond=0)


def _has_room(request: OrganizationRequest, form: RuleForm) -> bool:
    if EventRule.objects.in_organization(request.organization).count() < MAX_EVENT_RULES:
        return True
    form.add_error(None, f"An organisation has at most {MAX_EVENT_RULES} rules. Remove some.")
    return False


def _list(request: OrganizationRequest, form: RuleForm, *, status: int = 200) -> HttpResponse:
    rules = EventRule.objects.in_organization(request.organization).with_counts()
    groups = ActorGroup.objects.filter(organization=request.organization)
    context = {
        "rules": sorted(
            rules.select_related("group", "created_by"), key=lambda rule: rule.is_expired
        ),
        "groups": groups.annotate(used_by=Count("rules")),
        "form": form,
        "scopes": RuleScope.choices,
        "types": [known for known in registry if known.slug not in ALWAYS_RECORDED],
        "categories": category_labels().items(),
        "levels": Level.choices,
        "max_reason": MAX_REASON,
    }
    return section_page(request, SECTION, f"{_PAGES}/list.html", context, status=status)
