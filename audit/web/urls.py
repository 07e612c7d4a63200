from django.urls import URLPattern, URLResolver, include, path

from audit.web import (
    column_picker,
    completions,
    event_detail,
    event_types,
    events,
    export_progress,
    exports,
    organizations,
    overview,
    preferences,
    saved_view_form,
    saved_views,
    tail,
)

app_name = "audit"

_event = [
    path("", event_detail.event_detail, name="event-detail"),
    path("before.json", event_detail.event_before, name="event-before"),
    path("after.json", event_detail.event_after, name="event-after"),
    path("patch.json", event_detail.event_patch, name="event-patch"),
]

_views = [
    path("", saved_views.view_list, name="view-list"),
    path("new/", saved_view_form.view_new, name="view-new"),
    path("<int:id>/", saved_views.view_open, name="view-open"),
    path("<int:id>/edit/", saved_view_form.view_edit, name="view-edit"),
    path("<int:id>/mark/", saved_views.view_mark, name="view-mark"),
    path("<int:id>/delete/", saved_views.view_delete, name="view-delete"),
    path("<int:id>/restore/", saved_views.view_restore, name="view-restore"),
    path("undo/<uuid:event>/", saved_views.view_undo, name="view-undo"),
]

_organization: list[URLPattern | URLResolver] = [
    path("", organizations.organization_home, name="organization-home"),
    path("events/", events.event_list, name="event-list"),
    path("events/choices/<slug:field>/", events.event_choices, name="event-choices"),
    path("events/completions/", completions.event_completions, name="event-completions"),
    path("events/columns/", column_picker.column_picker, name="columns"),
    path("events/tail/", tail.event_tail, name="event-tail"),
    path("events/export/", exports.event_export, name="event-export"),
    path("events/export/<uuid:ticket>/", export_progress.export_progress, name="export-progress"),
    path(
        "events/export/<uuid:ticket>/cancel/", export_progress.export_cancel, name="export-cancel"
    ),
    path("events/overview/", overview.event_overview, name="event-overview"),
    path("events/<uuid:id>/", include(_event)),
    path("views/", include(_views)),
    path("event-types/", event_types.event_type_list, name="event-type-list"),
    path("settings/", include("audit.web.settings.urls")),
]

urlpatterns = [
    path("preferences/", preferences.preferences, name="preferences"),
    path("<slug:organization>/", include(_organization)),
]
