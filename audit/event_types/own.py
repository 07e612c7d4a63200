"""Our own event types: what the declared systems have no name for.

The demo's data platform needs some (flows, executions, queries, …). What Auditsite records about
its own use is in ``audit_log``.
"""

from collections.abc import Mapping
from functools import partial

from audit.event_types.registry import Change, DetailKey, EventType

_NAMESPACE = DetailKey(name="namespace", description="The namespace it belongs to")
_FLOW = DetailKey(name="flow_id", description="The flow")
_REVISION = DetailKey(name="revision", description="The revision this made, counted from 1")
_EXECUTION = DetailKey(name="execution_id", description="The execution")
REASON = DetailKey(name="reason", description="Why, as given or as found")
_METHOD = DetailKey(name="method", description="How: oidc, saml, password, api …")

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
    "added": "created",
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


def declare(
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


def life_of(
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
        declare(
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


_flow = partial(life_of, "Flows")
_execution = partial(declare, "Executions", unnamed="a flow")
_automation = partial(life_of, "Automation")
_data = partial(life_of, "Queries and dashboards")
_sign_in = partial(declare, "Sign-in")
_access = partial(declare, "Access")


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
        REASON,
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
    declare(
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
    declare(
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
        REASON,
    ),
    _sign_in(
        "user.impersonation_started",
        "Start impersonation",
        "began to act as {resource}",
        "An administrator begins to act in another user's place.",
        REASON,
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
        REASON,
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
    *life_of("Access", "group", "group", "A group of users", array_keys={"/permissions": "id"}),
    *life_of("Access", "role", "role", "A role", array_keys=_ROLE_ARRAYS),
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
    declare(
        "Usage",
        "usage",
        "Use",
        "used {resource}",
        "Somebody uses a part of an application: what Datagrok's logger records as usage.",
        resource_type="feature",
        unnamed="an application",
    ),
    declare(
        "Operations",
        "backup.completed",
        "Backup completed",
        "completed backup {resource}",
        "A backup is written and checked.",
        DetailKey(name="size", description="How large it is"),
        DetailKey(name="duration", description="How long it took"),
    ),
)
