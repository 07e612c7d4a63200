"""The event types of Dagster+: its ``AuditLogEventType``, 43 values.

Names: ``schema.graphql`` of dagster-io/terraform-provider-dagsterplus (41), and two that later
introspections show. Labels, descriptions and details of the documented ones follow the table
"Audit log entry types" of Dagster's documentation; neither names the keys of the details, so the
keys here are ours. What a type without documentation means is read from its name alone.
"""

from collections.abc import Mapping
from functools import partial

from audit.event_types.registry import Change, DetailKey, EventType

_CODE_LOCATION = DetailKey(name="code_location", description="The code location")
_REVISION = (
    _CODE_LOCATION,
    DetailKey(name="image", description="The container image"),
    DetailKey(name="commit_hash", description="The git commit deployed"),
    DetailKey(name="git_url", description="Where that commit can be read"),
)
_IS_BRANCH = (DetailKey(name="is_branch_deployment", description="Whether it is for a branch"),)
_GRANT = (
    DetailKey(name="grant", description="The permission grant"),
    DetailKey(name="deployment", description="The targeted deployment"),
)
_PLANS = (
    DetailKey(name="previous_plan", description="The plan before"),
    DetailKey(name="plan", description="The plan now"),
)
_SECRET_NAME = DetailKey(name="secret_name", description="The environment variable's name")

# How the schema nests a person's or a token's grants; the last is a plain list by deployment.
_GRANT_KEYS = {
    "/deploymentPermissionGrants": "deploymentId",
    "/deploymentPermissionGrants/*/locationGrants": "locationName",
    "/allBranchDeploymentsPermissionGrant/locationGrants": "locationName",
    "/grants": "deployment",
}

# The last word of a slug tells the change; every other word is an update.
_CHANGES: Mapping[str, Change] = {
    "created": "created",
    "deleted": "deleted",
    "revoked": "deleted",
    "launched": "other",
    "put": "other",
    "logged_in": "other",
    "logged_in_through_iframe": "other",
}


def _toggled(noun: str) -> tuple[DetailKey, ...]:
    return (
        DetailKey(name=f"{noun}_name", description=f"The {noun}'s name"),
        _CODE_LOCATION,
        DetailKey(name="cursor", description=f"The {noun}'s cursor"),
    )


def _type(
    category: str,
    alias: str,
    slug: str,
    sentence: str,
    description: str,
    *,
    label: str = "",
    resource_type: str = "",
    details: tuple[DetailKey, ...] = (),
    array_keys: Mapping[str, str] | None = None,
) -> EventType:
    """The label defaults to the name in plain words, the resource type to the slug's first part."""
    resource, verb = slug.split(".")
    return EventType(
        slug=slug,
        label=label or alias.replace("_", " ").capitalize(),
        sentence=sentence,
        description=description,
        category=category,
        origin="dagster",
        alias=alias,
        resource_type=resource_type or resource,
        change=_CHANGES.get(verb, "updated"),
        details=details,
        array_keys=array_keys or {},
    )


_sign_in = partial(_type, "Sign-in")
_automation = partial(_type, "Automation")
_alert = partial(_type, "Alerts")
_deployment = partial(_type, "Deployments and code")
_secret = partial(_type, "Secrets")
_access = partial(_type, "Users and permissions")
_token = partial(_type, "Tokens")
_plan = partial(_type, "Plan and trial")
_organization = partial(_type, "Organization")


def _tokens(kind: str) -> tuple[EventType, EventType]:
    return (
        _token(
            f"CREATE_{kind.upper()}_TOKEN",
            f"{kind}_token.created",
            f"{{actor}} created {kind} token {{resource}}",
            f"A user creates a new {kind} token.",
        ),
        _token(
            f"REVOKE_{kind.upper()}_TOKEN",
            f"{kind}_token.revoked",
            f"{{actor}} revoked {kind} token {{resource}}",
            f"A user revokes an existing {kind} token.",
        ),
    )


EVENT_TYPES: tuple[EventType, ...] = (
    _sign_in(
        "LOG_IN",
        "user.logged_in",
        "{actor} logged in",
        "A user logs in to the organization.",
    ),
    _sign_in(
        "IFRAME_LOG_IN",
        "user.logged_in_through_iframe",
        "{actor} logged in through an iframe",
        "A user logs in from a page that embeds the application in an iframe.",
        label="Log in through iframe",
    ),
    _automation(
        "UPDATE_SENSOR",
        "sensor.updated",
        "{actor} updated sensor {resource} in {deployment}",
        "A user toggles a sensor on or off.",
        details=_toggled("sensor"),
    ),
    _automation(
        "UPDATE_SCHEDULE",
        "schedule.updated",
        "{actor} updated schedule {resource} in {deployment}",
        "A user toggles a schedule on or off.",
        details=_toggled("schedule"),
    ),
    _automation(
        "SET_AUTO_MATERIALIZE_PAUSED",
        "auto_materialize.toggled",
        "{actor} paused or resumed auto-materialize in {deployment}",
        "A user pauses or resumes the automatic materialization of a deployment's assets.",
        label="Pause or resume auto-materialize",
        resource_type="deployment",
        details=(DetailKey(name="paused", description="Whether it is paused now"),),
    ),
    _automation(
        "LAUNCH_RUN",
        "run.launched",
        "{actor} launched run {resource} in {deployment}",
        "A user launches a run.",
        details=(
            DetailKey(name="run_id", description="The run's id"),
            DetailKey(name="job_name", description="The job that runs"),
            _CODE_LOCATION,
        ),
    ),
    _automation(
        "LAUNCH_BACKFILL",
        "backfill.launched",
        "{actor} launched backfill {resource} in {deployment}",
        "A user launches a backfill over partitions.",
        details=(DetailKey(name="backfill_id", description="The backfill's id"),),
    ),
    _alert(
        "MODIFY_ALERT_POLICIES",
        "alert_policy.updated",
        "{actor} updated alert policy {resource} in {deployment}",
        "A user modifies an alert policy.",
        label="Update alert policy",
        details=(DetailKey(name="configuration", description="The new configuration"),),
        array_keys={"/alert_policies": "name"},
    ),
    _alert(
        "SET_ALERT_POLICY_MUTE_UNTIL",
        "alert_policy.muted",
        "{actor} set until when alert policy {resource} is muted in {deployment}",
        "A user mutes an alert policy until a given time, or ends the muting.",
        label="Mute alert policy",
        details=(DetailKey(name="mute_until", description="When alerts are sent again"),),
    ),
    _deployment(
        "CREATE_DEPLOYMENT",
        "deployment.created",
        "{actor} created deployment {resource}",
        "A user creates a new deployment.",
        details=_IS_BRANCH,
    ),
    _deployment(
        "UPDATE_DEPLOYMENT_SETTINGS",
        "deployment_settings.updated",
        "{actor} updated the settings of deployment {resource}",
        "A user changes the settings of a deployment.",
        resource_type="deployment",
    ),
    _deployment(
        "DELETE_DEPLOYMENT",
        "deployment.deleted",
        "{actor} deleted deployment {resource}",
        "A user removes an existing deployment.",
        details=_IS_BRANCH,
    ),
    _deployment(
        "CREATE_CODE_LOCATION",
        "code_location.created",
        "{actor} created code location {resource} in {deployment}",
        "A user creates a new code location.",
        details=_REVISION,
    ),
    _deployment(
        "UPDATE_CODE_LOCATION",
        "code_location.updated",
        "{actor} updated code location {resource} in {deployment}",
        "A user updates an existing code location.",
        details=_REVISION,
    ),
    _deployment(
        "DELETE_CODE_LOCATION",
        "code_location.deleted",
        "{actor} deleted code location {resource} in {deployment}",
        "A user removes a code location.",
        details=(_CODE_LOCATION,),
    ),
    _deployment(
        "UPDATE_AGENT_TYPE",
        "agent_type.updated",
        "{actor} changed the agent type of {deployment}",
        "A deployment is given another type of agent: hybrid or serverless.",
        resource_type="deployment",
        details=(DetailKey(name="agent_type", description="The type of agent now"),),
    ),
    _deployment(
        "REDEPLOY_SERVERLESS_AGENT",
        "serverless_agent.redeployed",
        "{actor} redeployed the serverless agent of {deployment}",
        "The serverless agent is deployed again.",
    ),
    _secret(
        "CREATE_SECRET",
        "secret.created",
        "{actor} created secret {resource} in {deployment}",
        "A user creates a new environment variable.",
        details=(_SECRET_NAME,),
    ),
    _secret(
        "UPDATE_SECRET",
        "secret.updated",
        "{actor} updated secret {resource} in {deployment}",
        "A user modifies an existing environment variable.",
        details=(
            DetailKey(name="previous_name", description="The variable's name before"),
            _SECRET_NAME,
            DetailKey(name="value_changed", description="Whether the value was changed"),
        ),
    ),
    _secret(
        "DELETE_SECRET",
        "secret.deleted",
        "{actor} deleted secret {resource} in {deployment}",
        "A user removes an environment variable.",
        details=(_SECRET_NAME,),
    ),
    _access(
        "CHANGE_USER_PERMISSIONS",
        "user_permissions.changed",
        "{actor} changed the permissions of user {resource} in {deployment}",
        "A user alters permissions for another user.",
        resource_type="user",
        details=_GRANT,
        array_keys=_GRANT_KEYS,
    ),
    _access(
        "CREATE_SERVICE_USER",
        "service_user.created",
        "{actor} created service user {resource}",
        "A user creates a service user: an identity for programs.",
    ),
    _access(
        "UPDATE_SERVICE_USER",
        "service_user.updated",
        "{actor} updated service user {resource}",
        "A user changes a service user.",
    ),
    _access(
        "DELETE_SERVICE_USER",
        "service_user.deleted",
        "{actor} deleted service user {resource}",
        "A user removes a service user.",
    ),
    _access(
        "CHANGE_SERVICE_USER_PERMISSIONS",
        "service_user_permissions.changed",
        "{actor} changed the permissions of service user {resource} in {deployment}",
        "A user alters permissions for a service user.",
        resource_type="service_user",
        details=_GRANT,
        array_keys=_GRANT_KEYS,
    ),
    *_tokens("user"),
    *_tokens("agent"),
    *_tokens("service"),
    _token(
        "UPDATE_AGENT_TOKEN_PERMISSIONS",
        "agent_token_permissions.updated",
        "{actor} updated the permissions of agent token {resource} in {deployment}",
        "A user alters permissions for an agent token.",
        resource_type="agent_token",
        details=_GRANT,
        array_keys=_GRANT_KEYS,
    ),
    _token(
        "PUT_REVOKE_TOKEN",
        "revoke_token.put",
        "{actor} put revoke token {resource}",
        "A revoke token is stored. Dagster+ does not say more about this type.",
    ),
    _plan(
        "UPDATE_SUBSCRIPTION_PLAN",
        "subscription_plan.updated",
        "{actor} updated the organization's subscription",
        "A user modifies the selected Dagster+ subscription for the organization.",
        label="Update subscription",
        resource_type="subscription",
        details=_PLANS,
    ),
    _plan(
        "UPDATE_SUBSCRIPTION_TYPE",
        "subscription_type.updated",
        "{actor} updated the organization's subscription type",
        "The type of the organization's subscription is changed.",
        resource_type="subscription",
        details=_PLANS,
    ),
    _plan(
        "CREATE_ENT_TRIAL",
        "enterprise_trial.created",
        "{actor} created an enterprise trial",
        "An enterprise trial is created for the organization.",
        label="Create enterprise trial",
        resource_type="trial",
    ),
    _plan(
        "UPDATE_TRIAL_DAYS",
        "trial_days.updated",
        "{actor} changed the length of the trial",
        "The number of days of the organization's trial is changed.",
        resource_type="trial",
        details=(DetailKey(name="trial_days", description="Days of trial now"),),
    ),
    _organization(
        "CREATE_ORGANIZATION_SUBDOMAIN",
        "organization_subdomain.created",
        "{actor} created organization subdomain {resource}",
        "A subdomain is added to the organization.",
    ),
    _organization(
        "DELETE_ORGANIZATION_SUBDOMAIN",
        "organization_subdomain.deleted",
        "{actor} deleted organization subdomain {resource}",
        "A subdomain is removed from the organization.",
    ),
    _organization(
        "UPDATE_INTERNAL_ORGANIZATION_SETTINGS",
        "internal_organization_settings.updated",
        "{actor} updated the organization's internal settings",
        "Internal settings of the organization are changed.",
        resource_type="organization",
    ),
    _organization(
        "SET_ACCOUNT_REVIEW",
        "account_review.set",
        "{actor} set the organization's account review",
        "The review state of the organization's account is set.",
        resource_type="organization",
    ),
    _organization(
        "EDIT_CUSTOMER_ID",
        "customer_id.edited",
        "{actor} edited the organization's customer ID",
        "The organization's customer ID is edited.",
        label="Edit customer ID",
        resource_type="organization",
    ),
    _organization(
        "EDIT_SALESFORCE_ACCOUNT_ID",
        "salesforce_account_id.edited",
        "{actor} edited the organization's Salesforce account ID",
        "The organization's Salesforce account ID is edited.",
        label="Edit Salesforce account ID",
        resource_type="organization",
    ),
)
