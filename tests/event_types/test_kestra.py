import pytest

from audit.event_types import registry
from audit.event_types.kestra import EVENT_TYPES


def words(text: str) -> list[str]:
    return text.split()


ACTIONS = words(
    """
    READ CREATE UPDATE DELETE LOGIN LOGOUT IMPERSONATE LOGIN_FAILURE ACCOUNT_LOCKED UNKNOWN
    """
)

RESOURCES_1_3 = words(
    """
    AUDITLOG APP ASSET APP_EXECUTION BLUEPRINT BINDING DASHBOARD EXECUTION FLOW KILL_SWITCH
    KV_STORE GROUP INVITATION NAMESPACE NAMESPACE_FILE ROLE SECURITY_INTEGRATION SECRET SETTING
    TEMPLATE TRIGGER TENANT TENANT_ACCESS TESTSUITE TESTSUITE_RUN VERSIONED_PLUGIN USER
    CREDENTIAL WORKER_GROUP INSTANCE UNKNOWN
    """
)

RESOURCES_2_0 = words(
    """
    FLOW EXECUTION TRIGGER NAMESPACE KVSTORE REUSABLE_INPUTS DASHBOARD SECRET CREDENTIAL
    BLUEPRINT APP AUDITLOG SYSTEM_SETTINGS TENANT_SETTINGS TESTSUITE ASSET USER GROUP ROLE
    BINDING SERVICE_ACCOUNT INVITATION COPILOT MCP_SERVER SUPPORT POLICY APP_EXECUTION
    NAMESPACE_FILE TESTSUITE_RUN TENANT_ACCESS SECURITY_INTEGRATION KILL_SWITCH TENANT
    VERSIONED_PLUGIN WORKER_GROUP WORKER_QUEUE INSTANCE UNKNOWN
    """
)

RESOURCES = sorted({*RESOURCES_1_3, *RESOURCES_2_0})


def test_every_resource_of_both_versions_meets_every_action() -> None:
    assert (len(RESOURCES_1_3), len(RESOURCES_2_0), len(ACTIONS)) == (31, 38, 10)
    expected = {f"{resource}:{action}" for resource in RESOURCES for action in ACTIONS}
    assert {event_type.alias for event_type in EVENT_TYPES} == expected
    assert len(EVENT_TYPES) == len(RESOURCES) * len(ACTIONS) == 410


@pytest.mark.parametrize("resource", RESOURCES)
def test_slugs_are_the_names_in_lower_case(resource: str) -> None:
    for action in ACTIONS:
        event_type = registry.by_alias("kestra", f"{resource}:{action}")
        assert event_type is not None
        assert event_type.slug == f"kestra.{resource.lower()}.{action.lower()}"


@pytest.mark.parametrize(
    ("slug", "label", "named", "unnamed"),
    [
        ("flow.create", "Create flow", "Ann created flow x", "Ann created a flow"),
        (
            "execution.update",
            "Update execution",
            "Ann updated execution x",
            "Ann updated an execution",
        ),
        ("auditlog.read", "Read audit log", "Ann read audit log x", "Ann read the audit log"),
        ("user.login", "Log in", "Ann logged in", "Ann logged in"),
        ("user.delete", "Delete user", "Ann deleted user x", "Ann deleted a user"),
        (
            "user.account_locked",
            "Lock account",
            "The account of user x was locked",
            "The account of a user was locked",
        ),
        (
            "mcp_server.create",
            "Create MCP server",
            "Ann created MCP server x",
            "Ann created an MCP server",
        ),
        (
            "tenant_settings.update",
            "Update tenant settings",
            "Ann updated tenant settings x",
            "Ann updated tenant settings",
        ),
        ("copilot.read", "Use Copilot", "Ann used Copilot", "Ann used Copilot"),
        (
            "kvstore.update",
            "Update key-value pair",
            "Ann updated key-value pair x",
            "Ann updated a key-value pair",
        ),
    ],
)
def test_types_are_told_in_words_for_people(
    slug: str, label: str, named: str, unnamed: str
) -> None:
    event_type = registry.get(f"kestra.{slug}")
    assert event_type is not None
    assert event_type.label == label
    assert event_type.describe("Ann", "x") == named
    assert event_type.describe("Ann") == unnamed


@pytest.mark.parametrize(
    ("action", "change"),
    [
        ("READ", "other"),
        ("CREATE", "created"),
        ("UPDATE", "updated"),
        ("DELETE", "deleted"),
        ("LOGIN", "other"),
        ("UNKNOWN", "other"),
    ],
)
def test_actions_tell_the_change(action: str, change: str) -> None:
    of_action = [known for known in EVENT_TYPES if known.alias.split(":")[1] == action]
    assert {event_type.change for event_type in of_action} == {change}


def test_details_are_the_keys_that_kestra_documents() -> None:
    details = {key.name for event_type in EVENT_TYPES for key in event_type.details}
    assert details == {"id", "namespace", "flowId", "executionId", "revision"}


def test_items_of_a_flow_are_identified() -> None:
    keys = registry.array_keys("kestra.flow.update")
    assert {"/tasks", "/triggers", "/inputs", "/errors", "/finally"} <= keys.keys()
    assert keys["/tasks"] == "id"
    assert keys["/labels"] == "key"
    assert registry.array_keys("kestra.execution.update")["/taskRunList"] == "id"


def test_a_renamed_resource_keeps_one_resource_type() -> None:
    old, new = registry.get("kestra.kv_store.update"), registry.get("kestra.kvstore.update")
    assert old is not None
    assert new is not None
    assert old.resource_type == new.resource_type == "kv_store"
