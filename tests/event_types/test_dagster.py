import pytest

from audit.event_types import registry
from audit.event_types.dagster import EVENT_TYPES


def words(text: str) -> list[str]:
    return text.split()


NAMES = words(
    """
    CHANGE_USER_PERMISSIONS CREATE_DEPLOYMENT DELETE_DEPLOYMENT CREATE_USER_TOKEN
    REVOKE_USER_TOKEN CREATE_AGENT_TOKEN REVOKE_AGENT_TOKEN UPDATE_AGENT_TOKEN_PERMISSIONS
    CREATE_SECRET UPDATE_SECRET DELETE_SECRET LOG_IN IFRAME_LOG_IN UPDATE_SUBSCRIPTION_PLAN
    UPDATE_SCHEDULE UPDATE_SENSOR MODIFY_ALERT_POLICIES CREATE_ORGANIZATION_SUBDOMAIN
    DELETE_ORGANIZATION_SUBDOMAIN EDIT_CUSTOMER_ID CREATE_ENT_TRIAL UPDATE_TRIAL_DAYS
    UPDATE_SUBSCRIPTION_TYPE PUT_REVOKE_TOKEN SET_ACCOUNT_REVIEW REDEPLOY_SERVERLESS_AGENT
    UPDATE_INTERNAL_ORGANIZATION_SETTINGS UPDATE_AGENT_TYPE SET_AUTO_MATERIALIZE_PAUSED
    CREATE_CODE_LOCATION UPDATE_CODE_LOCATION DELETE_CODE_LOCATION CREATE_SERVICE_USER
    UPDATE_SERVICE_USER DELETE_SERVICE_USER CHANGE_SERVICE_USER_PERMISSIONS CREATE_SERVICE_TOKEN
    REVOKE_SERVICE_TOKEN UPDATE_DEPLOYMENT_SETTINGS LAUNCH_RUN LAUNCH_BACKFILL
    EDIT_SALESFORCE_ACCOUNT_ID SET_ALERT_POLICY_MUTE_UNTIL
    """
)

# The table "Audit log entry types" of the documentation: label → the details it names.
DOCUMENTED = {
    "Log in": [],
    "Update sensor": ["sensor_name", "code_location", "cursor"],
    "Update schedule": ["schedule_name", "code_location", "cursor"],
    "Update alert policy": ["configuration"],
    "Create deployment": ["is_branch_deployment"],
    "Delete deployment": ["is_branch_deployment"],
    "Create user token": [],
    "Revoke user token": [],
    "Create code location": ["code_location", "image", "commit_hash", "git_url"],
    "Update code location": ["code_location", "image", "commit_hash", "git_url"],
    "Delete code location": ["code_location"],
    "Change user permissions": ["grant", "deployment"],
    "Create agent token": [],
    "Revoke agent token": [],
    "Update agent token permissions": ["grant", "deployment"],
    "Create secret": ["secret_name"],
    "Update secret": ["previous_name", "secret_name", "value_changed"],
    "Delete secret": ["secret_name"],
    "Update subscription": ["previous_plan", "plan"],
}


def test_all_43_types_are_declared_and_no_other() -> None:
    assert len(NAMES) == 43
    assert sorted(event_type.alias for event_type in EVENT_TYPES) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_type_is_found_by_its_name(name: str) -> None:
    event_type = registry.by_alias("dagster", name)
    assert event_type is not None
    assert registry.get(event_type.slug) is event_type


@pytest.mark.parametrize("label", DOCUMENTED)
def test_labels_and_details_are_those_of_the_documentation(label: str) -> None:
    [event_type] = [known for known in EVENT_TYPES if known.label == label]
    assert [key.name for key in event_type.details] == DOCUMENTED[label]


@pytest.mark.parametrize(
    ("name", "slug", "change", "resource_type"),
    [
        ("UPDATE_SCHEDULE", "schedule.updated", "updated", "schedule"),
        ("CHANGE_USER_PERMISSIONS", "user_permissions.changed", "updated", "user"),
        ("LOG_IN", "user.logged_in", "other", "user"),
        ("CREATE_AGENT_TOKEN", "agent_token.created", "created", "agent_token"),
        ("REVOKE_AGENT_TOKEN", "agent_token.revoked", "deleted", "agent_token"),
        ("UPDATE_SECRET", "secret.updated", "updated", "secret"),
        ("DELETE_DEPLOYMENT", "deployment.deleted", "deleted", "deployment"),
        ("LAUNCH_BACKFILL", "backfill.launched", "other", "backfill"),
        ("MODIFY_ALERT_POLICIES", "alert_policy.updated", "updated", "alert_policy"),
    ],
)
def test_slugs_tell_resource_and_past_tense(
    name: str, slug: str, change: str, resource_type: str
) -> None:
    event_type = registry.by_alias("dagster", name)
    assert event_type is not None
    assert (event_type.slug, event_type.change, event_type.resource_type) == (
        slug,
        change,
        resource_type,
    )
