"""What is masked in an organisation's events: its rules, trying them, looking a secret up."""

from typing import Any, ClassVar, Final, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from audit.access import OrganizationRequest, organization_admin_required
from audit.browsing import EventFilterSet, newest_first
from audit.diff import JSON, InvalidJSON, diff, loads
from audit.models import Event, Masking, RedactionRule
from audit.models.redaction_rule import MAX_REDACTION_RULES
from audit.recording.limits import MAX_TEXT
from audit.recording.policy import Policy
from audit.recording.redaction import SECRET_NAMES, possible_fingerprints
from audit.recording.redaction_rules import add_rule, note_look_up, remove_rule
from audit.web.settings import section_page

_SECTION: Final = "redaction"
_PAGE: Final = "audit/settings/redaction/list.html"
# Of a trial: what one can read on a page.
_MAX_TRIAL: Final = 20_000
# Characters of a secret that is looked for; keys and certificates are longer than passwords.
_MAX_SECRET: Final = 20_000


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]  # takes them in the stubs only
    """A rule to be made."""

    class Meta:
        model = RedactionRule
        fields = ("masking", "pattern", "event_type")
        error_messages: ClassVar = {
            "masking": {"required": "Choose what the rule does."},
            "pattern": {"required": "Say which name or place."},
        }


class TrialForm(forms.Form):
    """A document to try the rules on. It is not kept."""

    event_type = forms.CharField(max_length=MAX_TEXT["event_type"], required=False)
    document = forms.CharField(
        max_length=_MAX_TRIAL,
        strip=False,
        error_messages={
            "required": "Paste a document.",
            "max_length": f"Try it on at most {_MAX_TRIAL:,} characters.",
        },
    )

    def clean_document(self) -> JSON:
        try:
            return loads(self.cleaned_data["document"])
        except InvalidJSON as error:
            raise ValidationError(f"This is not JSON: {error}.") from None


class LookUpForm(forms.Form):
    """A secret to be looked for. It is not kept."""

    secret = forms.CharField(
        max_length=_MAX_SECRET,
        strip=False,
        error_messages={"required": "Paste the secret whose traces you look for."},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@organization_admin_required
def redaction_rules(request: OrganizationRequest) -> HttpResponse:
    """What is masked; to POST add a rule."""
    if request.method != "POST":
        return _page(request)
    rule = RedactionRule(
        organization=request.organization, created_by_id=request.membership.user_id
    )
    form = RuleForm(request.POST, instance=rule)
    if form.is_valid() and _has_room(request, form):
        try:
            add_rule(rule)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _back(request)
    return _page(request, status=400, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@organization_admin_required
def redaction_rule_remove(request: OrganizationRequest, id: int) -> HttpResponse:
    """Ask whether a rule is to go; to POST remove it."""
    rule = get_object_or_404(RedactionRule, organization=request.organization, pk=id)
    if request.method == "POST":
        remove_rule(rule)
        return _back(request)
    return section_page(request, _SECTION, "audit/settings/redaction/remove.html", {"rule": rule})


@sensitive_post_parameters("document")
@require_POST
@organization_admin_required
def redaction_trial(request: OrganizationRequest) -> HttpResponse:
    """What would be stored of a document. Nothing is."""
    form = TrialForm(request.POST)
    if not form.is_valid():
        return _page(request, status=400, trial=form)
    event = {
        "event_type": form.cleaned_data["event_type"],
        "after": form.cleaned_data["document"],
    }
    redacted = Policy(request.organization, tuple(_rules(request))).redacted(event)
    compared = diff(form.cleaned_data["document"], cast(JSON, redacted.event["after"]))
    return _page(request, trial=form, tried=compared.rows, masked=len(redacted.fingerprints))


@sensitive_post_parameters("secret")
@require_POST
@organization_admin_required
def redaction_look_up(request: OrganizationRequest) -> HttpResponse:
    """Which events held a secret. It comes by POST, so that no address and no log has it."""
    form = LookUpForm(request.POST)
    if not form.is_valid():
        return _page(request, status=400, look_up=form)
    fingerprints = possible_fingerprints(request.organization, form.cleaned_data["secret"])
    note_look_up(request.organization, fingerprints[0])
    traces = [(each, _is_found(request, each)) for each in fingerprints]
    found = [_traces(fingerprint) for fingerprint, is_found in traces if is_found]
    return _page(request, look_up=LookUpForm(), fingerprint=fingerprints[0], traces=found)


def _is_found(request: OrganizationRequest, fingerprint: str) -> bool:
    visible = Event.objects.visible_to(request.membership)
    query = QueryDict(mutable=True)
    query["q"] = _traces(fingerprint)
    filters = EventFilterSet(query, queryset=visible)
    return bool(newest_first(filters.qs, size=1).events)


def _traces(fingerprint: str) -> str:
    """A query for the events that held what it stands for; looking for it left one that did not."""
    return f"{fingerprint} -event:redaction.searched"


def _has_room(request: OrganizationRequest, form: RuleForm) -> bool:
    if _rules(request).count() < MAX_REDACTION_RULES:
        return True
    form.add_error(None, f"An organisation has at most {MAX_REDACTION_RULES} rules.")
    return False


def _rules(request: OrganizationRequest) -> QuerySet[RedactionRule]:
    return RedactionRule.objects.filter(organization=request.organization)


def _back(request: OrganizationRequest) -> HttpResponse:
    return redirect("audit:settings-redaction", organization=request.organization.slug)


def _page(request: OrganizationRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    shown = {
        "form": RuleForm(),
        "trial": TrialForm(),
        "look_up": LookUpForm(),
        "rules": _rules(request).select_related("created_by"),
        "maskings": Masking.choices,
        "names": SECRET_NAMES,
        "trial_sides": ("before", "after"),
        **context,
    }
    response = section_page(request, _SECTION, _PAGE, shown, status=status)
    add_never_cache_headers(response)
    return response
