"""Our own event types: what the declared systems have no name for.

The demo's data platform needs some (flows, executions, queries, …); those of the category
"Audit log" are what Auditsite records about its own use.
"""

from collections.abc import Mapping
from functools import partial

from audit.event_types.registry import Change, DetailKey, EventType

_NAMESPACE = DetailKey(name="namespace", description="The namespace it belongs to")
_FLOW = DetailKey(name="flow_id", description="The flow")
_REVISION = DetailKey(name="revision", description="The revision this made, counted from 1")
_EXECUTION = DetailKey(name="execution_id", description="The execution")
_REASON = DetailKey(name="reason", description="Why, as given or as found")
_METHOD = DetailKey(name="method", description="How: oidc, saml, password, api …")
_QUERY = DetailKey(name="query", description="The search")

_FLOW_DETAILS = (
    _NAMESPACE,
    _FLOW,
    _REVISION,
    DetailKey(name="rolled_back_to", description="The earlier revision this returned to"),
)
_EXECUTION_DETAILS = (
    _NAMESPACE,
    _FLOW,
    _EXECUTION,
    DetailKey(name="revision", description="The revision of the flow that runs"),
)
_SCHEDULE_DETAILS = (
    _NAMESPACE,
    _FLOW,
    DetailKey(name="code_location", description="The code location"),
    _REVISION,
)

_FLOW_ARRAYS = {
    "/inputs": "id",
    "/tasks": "id",
    "/triggers": "id",
    "/errors": "id",
}
_QUERY_ARRAYS = {"/parameters": "name"}
_DASHBOARD_ARRAYS = {"/charts": "id", "/filters": "id"}
_ROLE_ARRAYS = {"/permissions": "resource"}
_NAMESPACE_ARRAYS = {"/plugin_defaults": "type"}
_USER_ARRAYS = {"/grants": "deployment", "/grants/*/namespaces": "name"}

# The last word of a slug tells the change; every other word changes no document.
_CHANGES: Mapping[str, Change] = {
    "created": "created",
    "invited": "created",
    "placed": "created",
    "restored": "created",
    "updated": "updated",
    "changed": "updated",
    "role_changed": "updated",
    "state_changed": "updated",
    "password_changed": "updated",
    "permissions_changed": "updated",
    "accepted": "updated",
    "deleted": "deleted",
    "removed": "deleted",
    "released": "deleted",
    "revoked": "deleted",
}
_NO_DOCUMENT = frozenset({"export.created"})


def _type(
    category: str,
    slug: str,
    label: str,
    sentence: str,
    description: str,
    *details: DetailKey,
    resource_type: str = "",
    array_keys: Mapping[str, str] | None = None,
    unnamed: str = "",
) -> EventType:
    """The resource type is the slug's first part unless given."""
    resource, _, verb = slug.rpartition(".")
    return EventType(
        slug=slug,
        label=label,
        sentence=f"{{actor}} {sentence}",
        description=description,
        category=category,
        origin="auditsite",
        resource_type=resource_type or resource,
        change="other" if slug in _NO_DOCUMENT else _CHANGES.get(verb, "other"),
        details=details,
        array_keys=array_keys or {},
        unnamed=unnamed,
    )


def _life(
    category: str,
    resource: str,
    noun: str,
    description: str,
    *details: DetailKey,
    array_keys: Mapping[str, str] | None = None,
    only: tuple[str, ...] = ("created", "updated", "deleted"),
) -> tuple[EventType, ...]:
    """The types of a resource that is created, updated and deleted."""
    verbs = {"created": "Create", "updated": "Update", "deleted": "Delete"}
    return tuple(
        _type(
            category,
            f"{resource}.{verb}",
            f"{verbs[verb]} {noun}",
            f"{verb} {noun} {{resource}} in {{deployment}}",
            f"{description} is {verb}.",
            *details,
            array_keys=array_keys,
        )
        for verb in only
    )


_flow = partial(_life, "Flows")
_execution = partial(_type, "Executions", unnamed="a flow")
_automation = partial(_life, "Automation")
_data = partial(_life, "Queries and dashboards")
_sign_in = partial(_type, "Sign-in")
_access = partial(_type, "Access")
_log = partial(_type, "Audit log")


EVENT_TYPES: tuple[EventType, ...] = (
    *_flow("flow", "flow", "A flow", *_FLOW_DETAILS, array_keys=_FLOW_ARRAYS),
    *_flow(
        "namespace", "namespace", "A namespace of flows", _NAMESPACE, array_keys=_NAMESPACE_ARRAYS
    ),
    _execution(
        "execution.started",
        "Execution started",
        "started an execution of {resource} in {deployment}",
        "A schedule, a sensor or a request starts a flow.",
        *_EXECUTION_DETAILS,
        DetailKey(name="trigger", description="schedule, sensor, manual, backfill or restart"),
    ),
    _execution(
        "execution.succeeded",
        "Execution succeeded",
        "completed an execution of {resource} in {deployment}",
        "An execution ends well.",
        *_EXECUTION_DETAILS,
        DetailKey(name="duration", description="How long it ran"),
    ),
    _execution(
        "execution.failed",
        "Execution failed",
        "marked an execution of {resource} in {deployment} as failed",
        "An execution ends with an error.",
        *_EXECUTION_DETAILS,
        DetailKey(name="task_id", description="The task that failed"),
        DetailKey(name="error", description="What it said"),
    ),
    _execution(
        "execution.restarted",
        "Restart execution",
        "restarted an execution of {resource} in {deployment}",
        "A failed execution is run again, as a new one.",
        *_EXECUTION_DETAILS,
        DetailKey(name="restart_of", description="The execution that failed"),
    ),
    _execution(
        "execution.killed",
        "Kill execution",
        "killed an execution of {resource} in {deployment}",
        "A running execution is stopped by hand.",
        *_EXECUTION_DETAILS,
        _REASON,
    ),
    _execution(
        "execution.state_changed",
        "Change execution state",
        "changed the state of an execution of {resource} in {deployment}",
        "The state of an ended execution is set by hand, for example from FAILED to SUCCESS.",
        *_EXECUTION_DETAILS,
    ),
    *_automation(
        "schedule", "schedule", "A schedule", *_SCHEDULE_DETAILS, only=("created", "deleted")
    ),
    *_automation("sensor", "sensor", "A sensor", *_SCHEDULE_DETAILS, only=("created", "deleted")),
    *_automation("alert_policy", "alert policy", "An alert policy", only=("created", "deleted")),
    _type(
        "Automation",
        "alert.sent",
        "Send alert",
        "sent an alert of {resource} in {deployment}",
        "An alert policy tells somebody about a failure.",
        *_EXECUTION_DETAILS,
        DetailKey(name="notified", description="The channel or people told"),
        resource_type="alert_policy",
    ),
    *_data("query", "query", "A saved query", array_keys=_QUERY_ARRAYS),
    *_data("dashboard", "dashboard", "A dashboard", array_keys=_DASHBOARD_ARRAYS),
    _type(
        "Queries and dashboards",
        "dashboard.opened",
        "Open dashboard",
        "opened dashboard {resource}",
        "Somebody looks at a dashboard.",
    ),
    _sign_in(
        "user.logged_out",
        "Log out",
        "logged out",
        "A user ends their session.",
    ),
    _sign_in(
        "user.login_failed",
        "Log-in failed",
        "failed to log in",
        "An attempt to log in is refused.",
        _METHOD,
        _REASON,
    ),
    _sign_in(
        "user.impersonation_started",
        "Start impersonation",
        "began to act as {resource}",
        "An administrator begins to act in another user's place.",
        _REASON,
    ),
    _sign_in(
        "user.impersonation_ended",
        "End impersonation",
        "stopped acting as {resource}",
        "An administrator stops acting in another user's place.",
    ),
    _access(
        "user.created",
        "Create user",
        "created user {resource}",
        "An account is made for a person.",
        _METHOD,
        array_keys=_USER_ARRAYS,
    ),
    _access(
        "user.updated",
        "Update user",
        "updated user {resource}",
        "A person's account is changed, other than in its permissions.",
        _METHOD,
        array_keys=_USER_ARRAYS,
    ),
    _access(
        "user.deleted",
        "Delete user",
        "deleted user {resource}",
        "A person's account is removed.",
        _METHOD,
        _REASON,
        array_keys=_USER_ARRAYS,
    ),
    _access(
        "user.password_changed",
        "Change password",
        "changed the password of {resource}",
        "A person's password is set or taken away; the password is not recorded.",
    ),
    _access(
        "user.permissions_changed",
        "Change permissions",
        "changed the permissions of {resource}",
        "A person's groups, permissions or rights as staff are changed.",
        array_keys={"/groups": "id", "/user_permissions": "id"},
    ),
    *_life("Access", "group", "group", "A group of users", array_keys={"/permissions": "id"}),
    *_life("Access", "role", "role", "A role", array_keys=_ROLE_ARRAYS),
    _access(
        "invitation.created",
        "Invite user",
        "invited {resource}",
        "Somebody is invited to the platform.",
        DetailKey(name="grant", description="The grant they will have"),
        unnamed="somebody",
    ),
    _access(
        "invitation.accepted",
        "Accept invitation",
        "accepted the invitation of {resource}",
        "An invited person joins.",
        unnamed="somebody",
    ),
    _access(
        "invitation.revoked",
        "Revoke invitation",
        "revoked the invitation of {resource}",
        "An invitation is withdrawn before it is used.",
        unnamed="somebody",
    ),
    _access(
        "secret.read",
        "Read secret",
        "read secret {resource} in {deployment}",
        "A secret's value is shown to a person or handed to a program; the value is not logged.",
        DetailKey(name="secret_name", description="The environment variable's name"),
        _NAMESPACE,
    ),
    _type(
        "Operations",
        "backup.completed",
        "Backup completed",
        "completed backup {resource}",
        "A backup is written and checked.",
        DetailKey(name="size", description="How large it is"),
        DetailKey(name="duration", description="How long it took"),
    ),
    _log(
        "organization.created",
        "Create organization",
        "created {resource}",
        "An organization gets an audit log of its own.",
        unnamed="an organization",
    ),
    _log(
        "organization_settings.changed",
        "Change organization settings",
        "changed the settings of {resource}",
        "Settings of the organization in the audit log are changed.",
        resource_type="organization",
        unnamed="the organization",
    ),
    _log(
        "member.invited",
        "Invite member",
        "invited {resource} to the audit log",
        "Somebody is given access to the audit log.",
        DetailKey(name="role", description="The role they are given"),
    ),
    _log(
        "member.role_changed",
        "Change member role",
        "changed the role of {resource}",
        "A member's role in the audit log is changed.",
        DetailKey(name="role", description="The role now"),
    ),
    _log(
        "member.removed",
        "Remove member",
        "removed {resource} from the audit log",
        "A member loses access to the audit log.",
    ),
    _log(
        "api_key.created",
        "Create API key",
        "created API key {resource}",
        "A key for the audit log's own API is created.",
        DetailKey(name="scopes", description="What the key may do"),
        unnamed="an API key",
    ),
    _log(
        "api_key.revoked",
        "Revoke API key",
        "revoked API key {resource}",
        "A key for the audit log's own API is revoked.",
        unnamed="an API key",
    ),
    _log(
        "export.created",
        "Export events",
        "exported events",
        "A search result is exported.",
        _QUERY,
        DetailKey(name="format", description="csv, ndjson or json"),
        DetailKey(name="events", description="How many events it holds"),
        unnamed="events",
    ),
    _log(
        "log.opened",
        "Open audit log",
        "opened the audit log",
        "Somebody opens the audit log.",
        unnamed="the audit log",
    ),
    _log(
        "log.searched",
        "Search audit log",
        "searched the audit log",
        "Somebody searches the audit log.",
        _QUERY,
        DetailKey(name="events", description="How many events matched"),
        unnamed="the audit log",
    ),
    *_life("Audit log", "stream", "stream", "A stream of events to another system"),
    *(
        _log(
            f"saved_view.{verb}",
            f"{does} saved view",
            f"{verb} saved view {{resource}}",
            description,
            DetailKey(name="shared", description="Whether all admins see it: yes or no"),
            unnamed="",
        )
        for verb, does, description in (
            ("created", "Create", "A search is saved, with its columns."),
            ("updated", "Update", "A saved view is changed, or shared, or shared no longer."),
            ("deleted", "Delete", "A saved view is deleted; for a while it can be restored."),
            ("restored", "Restore", "A deleted saved view is put back."),
        )
    ),
    _log(
        "retention.changed",
        "Change retention",
        "changed how long events are kept",
        "The time events are kept is changed.",
        unnamed="the retention",
    ),
    _log(
        "hold.placed",
        "Place hold",
        "placed hold {resource}",
        "Events are kept beyond their time, for a case.",
        _REASON,
    ),
    _log(
        "hold.released",
        "Release hold",
        "released hold {resource}",
        "Events of a case may be removed again when their time has come.",
        _REASON,
    ),
)
