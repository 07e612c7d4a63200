"""The event types of Kestra Enterprise: its audited resources × its audited actions.

Kestra has no list of event types: an entry names a resource and an action. Both tables are the
union of its API descriptions 1.3 and 2.0, so the alias ``FLOW:CREATE`` holds for either; names
that 2.0 changed (``KV_STORE``, ``KVSTORE``) are two types of one resource type. Array identities
follow the required members of the documents in the 2.0 description.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from audit.event_types.registry import Change, DetailKey, EventType
from audit.event_types.sentences import with_article

_ID = DetailKey(name="id", description="The resource's id")
_NAMESPACE = DetailKey(name="namespace", description="The namespace it belongs to")
_FLOW_ID = DetailKey(name="flowId", description="The flow")
_EXECUTION_ID = DetailKey(name="executionId", description="The execution")
_REVISION = DetailKey(name="revision", description="The flow's revision")

_IN_NAMESPACE = (_ID, _NAMESPACE)
_OF_FLOW = (_ID, _NAMESPACE, _FLOW_ID)
_OF_EXECUTION = (_ID, _NAMESPACE, _FLOW_ID, _EXECUTION_ID)

_FLOW_KEYS = {
    "/tasks": "id",
    "/tasks/*/tasks": "id",
    "/triggers": "id",
    "/inputs": "id",
    "/outputs": "id",
    "/labels": "key",
    "/errors": "id",
    "/finally": "id",
    "/afterExecution": "id",
    "/sla": "id",
    "/pluginDefaults": "type",
}


@dataclass(frozen=True, slots=True)
class _Action:
    """``label``, ``sentence`` and ``description`` are templates over {noun} or {unnamed}."""

    name: str
    label: str
    sentence: str
    description: str
    change: Change = "other"


@dataclass(frozen=True, slots=True)
class _Resource:
    """``noun`` is how people call it; ``unnamed`` how one of it is called ("a flow")."""

    name: str
    noun: str
    unnamed: str = ""
    resource_type: str = ""
    details: tuple[DetailKey, ...] = (_ID,)
    array_keys: Mapping[str, str] = field(default_factory=dict)


_ACTIONS = (
    _Action(
        "READ",
        "Read {noun}",
        "{{actor}} read {noun} {{resource}}",
        "A user or service account reads {unnamed}.",
    ),
    _Action(
        "CREATE",
        "Create {noun}",
        "{{actor}} created {noun} {{resource}}",
        "A user or service account creates {unnamed}.",
        "created",
    ),
    _Action(
        "UPDATE",
        "Update {noun}",
        "{{actor}} updated {noun} {{resource}}",
        "A user or service account changes {unnamed}.",
        "updated",
    ),
    _Action(
        "DELETE",
        "Delete {noun}",
        "{{actor}} deleted {noun} {{resource}}",
        "A user or service account deletes {unnamed}.",
        "deleted",
    ),
    _Action(
        "LOGIN",
        "Log in to {noun}",
        "{{actor}} logged in to {noun} {{resource}}",
        "Someone logs in to {unnamed}.",
    ),
    _Action(
        "LOGOUT",
        "Log out of {noun}",
        "{{actor}} logged out of {noun} {{resource}}",
        "Someone logs out of {unnamed}.",
    ),
    _Action(
        "IMPERSONATE",
        "Impersonate {noun}",
        "{{actor}} impersonated {noun} {{resource}}",
        "An administrator acts as {unnamed}.",
    ),
    _Action(
        "LOGIN_FAILURE",
        "Fail to log in to {noun}",
        "{{actor}} failed to log in to {noun} {{resource}}",
        "An attempt to log in to {unnamed} fails.",
    ),
    _Action(
        "ACCOUNT_LOCKED",
        "Lock account of {noun}",
        "{{actor}} locked the account of {noun} {{resource}}",
        "The account of {unnamed} is locked.",
    ),
    _Action(
        "UNKNOWN",
        "Unknown action on {noun}",
        "{{actor}} took an unknown action on {noun} {{resource}}",
        "An action that Kestra has no name for is taken on {unnamed}.",
    ),
)

# Where the general wording would read oddly.
_EXCEPTIONS: Mapping[tuple[str, str], _Action] = {
    ("USER", action.name): action
    for action in (
        _Action("LOGIN", "Log in", "{{actor}} logged in", "A user logs in."),
        _Action("LOGOUT", "Log out", "{{actor}} logged out", "A user logs out."),
        _Action(
            "LOGIN_FAILURE",
            "Fail to log in",
            "{{actor}} failed to log in",
            "An attempt to log in as a user fails.",
        ),
        _Action(
            "ACCOUNT_LOCKED",
            "Lock account",
            "The account of {noun} {{resource}} was locked",
            "A user's account is locked, as after too many failed attempts to log in.",
        ),
    )
} | {
    # 2.0 calls this permission USE.
    ("COPILOT", "READ"): _Action(
        "READ", "Use Copilot", "{{actor}} used Copilot", "A user asks the AI copilot for help."
    )
}

_RESOURCES: Mapping[str, tuple[_Resource, ...]] = {
    "Flows and executions": (
        _Resource("FLOW", "flow", details=(*_OF_FLOW, _REVISION), array_keys=_FLOW_KEYS),
        _Resource(
            "EXECUTION",
            "execution",
            details=(*_OF_EXECUTION, _REVISION),
            array_keys={"/taskRunList": "id", "/labels": "key", "/breakpoints": "id"},
        ),
        _Resource("TRIGGER", "trigger", details=_OF_FLOW),
        _Resource(
            "REUSABLE_INPUTS",
            "reusable inputs",
            "reusable inputs",
            details=_IN_NAMESPACE,
            array_keys={"/inputs": "id"},
        ),
        _Resource(
            "TEMPLATE",
            "template",
            details=_IN_NAMESPACE,
            array_keys={"/tasks": "id", "/errors": "id", "/finally": "id"},
        ),
        _Resource("KILL_SWITCH", "kill switch"),
        _Resource(
            "TESTSUITE",
            "test suite",
            resource_type="test_suite",
            details=_OF_FLOW,
            array_keys={"/testCases": "id", "/testCases/*/fixtures/tasks": "id"},
        ),
        _Resource(
            "TESTSUITE_RUN", "test suite run", resource_type="test_suite_run", details=_OF_FLOW
        ),
    ),
    "Apps and dashboards": (
        _Resource("APP", "app", details=_OF_FLOW, array_keys={"/layout": "on"}),
        _Resource("APP_EXECUTION", "app execution", details=_OF_EXECUTION),
        _Resource("DASHBOARD", "dashboard", array_keys={"/charts": "id"}),
        _Resource("BLUEPRINT", "blueprint"),
        _Resource("ASSET", "asset", details=_IN_NAMESPACE),
    ),
    "Namespaces and secrets": (
        _Resource(
            "NAMESPACE",
            "namespace",
            details=_IN_NAMESPACE,
            array_keys={"/allowedNamespaces": "namespace", "/pluginDefaults": "type"},
        ),
        _Resource("NAMESPACE_FILE", "namespace file", details=_IN_NAMESPACE),
        _Resource("KVSTORE", "key-value pair", resource_type="kv_store", details=_IN_NAMESPACE),
        _Resource("KV_STORE", "KV store entry", "a KV store entry", details=_IN_NAMESPACE),
        _Resource("SECRET", "secret", details=_IN_NAMESPACE),
        _Resource("CREDENTIAL", "credential", details=_IN_NAMESPACE),
    ),
    "Users and permissions": (
        _Resource("USER", "user"),
        _Resource("SERVICE_ACCOUNT", "service account"),
        _Resource("GROUP", "group"),
        _Resource("ROLE", "role"),
        _Resource("BINDING", "role binding"),
        _Resource("INVITATION", "invitation"),
        _Resource("TENANT_ACCESS", "tenant access", "tenant access"),
        _Resource("POLICY", "policy"),
        _Resource("SECURITY_INTEGRATION", "security integration"),
    ),
    "Artificial intelligence": (
        _Resource("COPILOT", "Copilot", "Copilot"),
        _Resource("MCP_SERVER", "MCP server", "an MCP server"),
    ),
    "Tenants and instance": (
        _Resource("TENANT", "tenant"),
        _Resource("TENANT_SETTINGS", "tenant settings", "tenant settings"),
        _Resource("INSTANCE", "instance", "the instance"),
        _Resource("SYSTEM_SETTINGS", "system settings", "system settings"),
        _Resource("SETTING", "setting"),
        _Resource("AUDITLOG", "audit log", "the audit log", resource_type="audit_log"),
        _Resource("VERSIONED_PLUGIN", "versioned plugin"),
        _Resource("WORKER_GROUP", "worker group"),
        _Resource("WORKER_QUEUE", "worker queue"),
        _Resource("SUPPORT", "support information", "support information"),
        _Resource("UNKNOWN", "unknown resource"),
    ),
}


def _event_type(category: str, resource: _Resource, action: _Action) -> EventType:
    worded = _EXCEPTIONS.get((resource.name, action.name), action)
    unnamed = resource.unnamed or with_article(resource.noun)
    return EventType(
        slug=f"kestra.{resource.name.lower()}.{action.name.lower()}",
        label=worded.label.format(noun=resource.noun),
        sentence=worded.sentence.format(noun=resource.noun),
        description=worded.description.format(unnamed=unnamed),
        category=category,
        origin="kestra",
        alias=f"{resource.name}:{action.name}",
        resource_type=resource.resource_type or resource.name.lower(),
        change=action.change,
        details=resource.details,
        array_keys=resource.array_keys,
        unnamed=unnamed,
    )


def _event_types() -> Iterator[EventType]:
    for category, resources in _RESOURCES.items():
        for resource in resources:
            for action in _ACTIONS:
                yield _event_type(category, resource, action)


EVENT_TYPES: tuple[EventType, ...] = tuple(_event_types())
