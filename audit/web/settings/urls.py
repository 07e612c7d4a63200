from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_safe

from audit.access import OrganizationRequest, organization_admin_required
from audit.web.settings import (
    SECTIONS,
    actor_groups,
    api_keys,
    browser_origins,
    event_rules,
    redaction,
)


@require_safe
@organization_admin_required
def settings_home(request: OrganizationRequest) -> HttpResponse:
    return redirect(SECTIONS[0].url_name, organization=request.organization.slug)


_api_keys = [
    path("", api_keys.api_key_list, name="settings-api-keys"),
    path("<int:id>/revoke/", api_keys.api_key_revoke, name="api-key-revoke"),
]

_redaction = [
    path("", redaction.redaction_rules, name="settings-redaction"),
    path("try/", redaction.redaction_trial, name="redaction-trial"),
    path("look-up/", redaction.redaction_look_up, name="redaction-look-up"),
    path("<int:id>/remove/", redaction.redaction_rule_remove, name="redaction-rule-remove"),
]

_browser_origins = [
    path("", browser_origins.browser_origin_list, name="settings-browser-origins"),
    path("<int:id>/remove/", browser_origins.browser_origin_remove, name="browser-origin-remove"),
]

_event_rules = [
    path("", event_rules.event_rule_list, name="settings-event-rules"),
    path("<int:id>/", event_rules.event_rule_edit, name="event-rule-edit"),
    path("<int:id>/remove/", event_rules.event_rule_remove, name="event-rule-remove"),
    path("groups/add/", actor_groups.actor_group_add, name="actor-group-add"),
    path("groups/<int:id>/", actor_groups.actor_group_edit, name="actor-group-edit"),
    path("groups/<int:id>/remove/", actor_groups.actor_group_remove, name="actor-group-remove"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", settings_home, name="settings"),
    path("api-keys/", include(_api_keys)),
    path("redaction/", include(_redaction)),
    path("browser-origins/", include(_browser_origins)),
    path("event-rules/", include(_event_rules)),
]
