"""Users, service users, roles, tokens and secrets: their documents and changes."""

from collections.abc import Sequence
from copy import deepcopy
from random import Random

from audit.simulation.actors import Machine, Person
from audit.simulation.catalogue import namespace_of
from audit.simulation.document import Document
from audit.simulation.redaction import redacted
from audit.simulation.wording import capitalized

type Edited = tuple[Document, str]

GRANTS = ("VIEWER", "LAUNCHER", "EDITOR", "ADMIN")

SECRETS: dict[str, tuple[str, ...]] = {
    "finance": ("STRIPE_KEY", "STRIPE_API_KEY", "LEDGER_DB_PASSWORD", "BANK_SFTP_KEY", "VAT_TOKEN"),
    "growth": ("HUBSPOT_TOKEN", "SENDGRID_API_KEY", "ADS_REFRESH_TOKEN", "SEGMENT_WRITE_KEY"),
    "ml": ("MLFLOW_PASSWORD", "MODEL_HUB_TOKEN", "LABELLING_API_KEY"),
    "analytics": ("WAREHOUSE_PASSWORD", "BOARD_EMBED_KEY"),
    "platform": ("METADATA_DB_URL", "BACKUP_BUCKET_KEY", "PAGER_TOKEN", "GIT_APP_KEY"),
    "security": ("SIEM_TOKEN", "SAML_SIGNING_KEY"),
    "team": ("SLACK_BOT_TOKEN",),
    "water": ("IOT_GATEWAY_KEY", "LAB_API_TOKEN"),
    "billing": ("PRINT_SFTP_KEY", "BANK_TOKEN"),
}
#: Names for secrets that are still to come.
NEW_SECRETS = ("API_TOKEN", "WEBHOOK_SECRET", "DB_PASSWORD", "OAUTH_SECRET", "SIGNING_KEY")


def user_document(person: Person, rng: Random) -> Document:
    """A person's account and what they may do."""
    return {
        "email": person.email,
        "name": person.name,
        "teams": [person.team],
        "organization_role": "ADMIN" if person.is_admin else "MEMBER",
        "grants": [
            {"deployment": "prod", "grant": "ADMIN" if person.is_admin else "LAUNCHER"}
            | {"namespaces": [{"name": namespace_of(person.team), "grant": "EDITOR"}]},
            {"deployment": "staging", "grant": rng.choice(["EDITOR", "EDITOR", "ADMIN"])},
        ],
        "branch_deployments": "EDITOR",
    }


def reader_document(person: Person, rng: Random) -> Document:
    """Someone who looks at dashboards; a few may start things."""
    return {
        "email": person.email,
        "name": person.name,
        "teams": [person.team],
        "organization_role": "MEMBER",
        "grants": [
            {"deployment": "prod", "grant": "LAUNCHER" if rng.random() < 0.05 else "VIEWER"}
        ],
        "branch_deployments": None,
    }


def grant_of(document: Document, deployment: str) -> str:
    """What a user or service user may do in a deployment; "" for nothing."""
    for grant in document["grants"]:
        if grant["deployment"] == deployment:
            return str(grant["grant"])
    return ""


def with_grant(document: Document, deployment: str, grant: str) -> Edited:
    """Give a user or service user another grant in a deployment."""
    edited = deepcopy(document)
    old = grant_of(document, deployment)
    if not old:
        edited["grants"].append({"deployment": deployment, "grant": grant})
        return edited, f"Granted {grant} in {deployment}"
    for each in edited["grants"]:
        if each["deployment"] == deployment:
            each["grant"] = grant
    verb = "Raised" if GRANTS.index(grant) > GRANTS.index(old) else "Lowered"
    return edited, f"{verb} from {old} to {grant} in {deployment}"


def with_namespace_grant(document: Document, namespace: str, grant: str) -> Edited:
    """Give a user another grant in one namespace of prod; the others stay."""
    edited = deepcopy(document)
    namespaces = edited["grants"][0].setdefault("namespaces", [])
    for each in namespaces:
        if each["name"] == namespace:
            old, each["grant"] = each["grant"], grant
            return edited, f"Changed from {old} to {grant} in {namespace}"
    namespaces.append({"name": namespace, "grant": grant})
    return edited, f"Granted {grant} in {namespace}"


def without_namespace_grant(document: Document, namespace: str) -> Edited:
    edited = deepcopy(document)
    namespaces = edited["grants"][0].get("namespaces", [])
    edited["grants"][0]["namespaces"] = [one for one in namespaces if one["name"] != namespace]
    return edited, f"Withdrew the grant in {namespace}"


def service_user_document(machine: Machine) -> Document:
    grant = "ADMIN" if machine.name in ("terraform", "ci-deployer") else "LAUNCHER"
    return {
        "name": machine.name,
        "description": f"Acts for {machine.name.replace('-', ' ')}.",
        "grants": [
            {"deployment": "prod", "grant": grant},
            {"deployment": "staging", "grant": grant},
        ],
        "allowed_addresses": [machine.ip],
    }


ROLES = ("Data engineer", "Analyst", "On-call", "Auditor")
_ROLE_RESOURCES = ("FLOW", "EXECUTION", "SECRET", "NAMESPACE", "DASHBOARD", "AUDITLOG")
_ROLE_ACTIONS = ("READ", "CREATE", "UPDATE", "DELETE")


def role_document(name: str, rng: Random) -> Document:
    return {
        "id": name.lower().replace(" ", "-"),
        "name": name,
        "description": f"What a person needs who works as {name.lower()}.",
        "permissions": [
            {"resource": resource, "actions": list(_ROLE_ACTIONS[: rng.randrange(1, 4)])}
            for resource in _ROLE_RESOURCES[: rng.randrange(3, 6)]
        ],
        "is_default": name == "Analyst",
    }


def edit_role(document: Document, rng: Random) -> Edited:
    edited = deepcopy(document)
    permission = rng.choice(edited["permissions"])
    action = rng.choice(_ROLE_ACTIONS[1:])
    if action in permission["actions"]:
        permission["actions"].remove(action)
        return edited, f"Took {action} of {permission['resource']} away"
    permission["actions"].append(action)
    return edited, f"Allowed {action} of {permission['resource']}"


def token_document(
    id: str, name: str, owner: str, scopes: Sequence[str], expires: str, rng: Random
) -> Document:
    """A token as a log may show it: never the token itself."""
    return {
        "id": id,
        "name": name,
        "owner": owner,
        "scopes": list(scopes),
        "expires_on": expires,
        "value": redacted(rng),
    }


def secret_document(name: str, team: str, rng: Random) -> Document:
    return {
        "name": name,
        "namespace": namespace_of(team),
        "description": capitalized(name.replace("_", " ").lower()),
        "deployments": ["prod", "staging"],
        "locations": [team],
        "value": redacted(rng),
        "rotation": {"every_days": rng.choice([30, 60, 90]), "by": "secrets-rotator"},
    }


def new_value(document: Document, rng: Random) -> Document:
    return document | {"value": redacted(rng)}


def edit_secret(document: Document, rng: Random) -> Edited:
    """A change that leaves the value alone."""
    edited = deepcopy(document)
    if rng.random() < 0.5:
        old = edited["rotation"]["every_days"]
        edited["rotation"]["every_days"] = rng.choice([n for n in (14, 30, 60, 90) if n != old])
        return edited, f"Set rotation to every {edited['rotation']['every_days']} days"
    if "branch" in edited["deployments"]:
        edited["deployments"].remove("branch")
        return edited, "Hid it from branch deployments"
    edited["deployments"].append("branch")
    return edited, "Shared it with branch deployments"
