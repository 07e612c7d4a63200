"""Deployments, code locations and namespaces: their documents and changes."""

from copy import deepcopy
from random import Random

from audit.simulation.company import Company
from audit.simulation.document import Document
from audit.simulation.wording import sentence

type Edited = tuple[Document, str]


def deployment_document(name: str, rng: Random) -> Document:
    return {
        "name": name,
        "type": "FULL",
        "agent_type": "HYBRID",
        "auto_materialize_paused": False,
        "settings": {
            "run_queue": {
                "max_concurrent_runs": rng.choice([25, 40]),
                "tag_concurrency_limits": [
                    {"key": "warehouse", "limit": 8},
                    {"key": "team", "value": "ml", "limit": 4},
                ],
            },
            "run_monitoring": {"start_timeout_seconds": 600, "cancel_timeout_seconds": 600},
            "run_retries": {"max_retries": 2, "retry_on_asset_or_op_failure": False},
            "sso_default_role": "VIEWER",
            "session_hours": 12,
            "log_retention_days": 90,
        },
    }


def edit_deployment(document: Document, rng: Random) -> Edited:
    edited = deepcopy(document)
    edit = rng.choice((_change_queue, _change_limits, _change_retries, _change_session))
    return edited, sentence([edit(edited["settings"], rng)])


def _change_queue(settings: Document, rng: Random) -> str:
    queue = settings["run_queue"]
    old = queue["max_concurrent_runs"]
    queue["max_concurrent_runs"] = rng.choice([n for n in (20, 25, 30, 40, 50) if n != old])
    return f"changed concurrent runs from {old} to {queue['max_concurrent_runs']}"


def _change_limits(settings: Document, rng: Random) -> str:
    limits = settings["run_queue"]["tag_concurrency_limits"]
    if len(limits) > 3:
        return f"removed the limit of {limits.pop(0)['key']}"
    unused = {"source", "gpu", "tier"} - {limit["key"] for limit in limits}
    limits.insert(0, {"key": rng.choice(sorted(unused)), "limit": rng.randrange(1, 9)})
    return f"limited {limits[0]['key']} to {limits[0]['limit']} runs"


def _change_retries(settings: Document, rng: Random) -> str:
    old = settings["run_retries"]["max_retries"]
    settings["run_retries"]["max_retries"] = rng.choice([n for n in range(5) if n != old])
    return f"set run retries to {settings['run_retries']['max_retries']}"


def _change_session(settings: Document, rng: Random) -> str:
    old = settings["session_hours"]
    settings["session_hours"] = rng.choice([n for n in (8, 10, 12, 24) if n != old])
    return f"changed sessions from {old} to {settings['session_hours']} hours"


def branch_document(name: str, branch: str, author: str, commit: str, number: int) -> Document:
    return {
        "name": name,
        "type": "BRANCH",
        "agent_type": "HYBRID",
        "branch": {"name": branch, "author": author, "commit": commit, "pull_request": number},
        "base_deployment": "prod",
    }


def code_location_document(
    company: Company, team: str, commit: str, branch: str, rng: Random
) -> Document:
    return {
        "name": team,
        "image": f"images.{company.domain}/{team}:{commit}",
        "module_name": f"{company.slug}_{team}.definitions",
        "git": {
            "commit_hash": commit,
            "url": f"https://git.{company.domain}/data/{team}/commit/{commit}",
            "branch": branch,
        },
        "container": {
            "cpu": rng.choice([1, 2]),
            "memory": rng.choice(["2Gi", "4Gi"]),
            "env": [
                {"name": "TZ", "value": "UTC"},
                {"name": "LOG_LEVEL", "value": "INFO"},
                {"name": "WAREHOUSE_PASSWORD", "valueFrom": "secret"},
            ],
        },
    }


def deployed(document: Document, commit: str, branch: str, rng: Random) -> Edited:
    """The same code location at another commit; now and then with other resources."""
    edited = deepcopy(document)
    old = edited["git"]["commit_hash"]
    edited["image"] = edited["image"].replace(old, commit)
    edited["git"]["commit_hash"] = commit
    edited["git"]["url"] = edited["git"]["url"].replace(old, commit)
    edited["git"]["branch"] = branch
    return edited, f"Deployed {commit}{_resize(edited['container'], rng)}"


def _resize(container: Document, rng: Random) -> str:
    if rng.random() < 0.9:
        return ""
    if rng.random() < 0.5:
        old = container["memory"]
        container["memory"] = rng.choice([n for n in ("2Gi", "4Gi", "6Gi", "8Gi") if n != old])
        return f" with {container['memory']} of memory"
    level = "DEBUG" if container["env"][1]["value"] == "INFO" else "INFO"
    container["env"][1]["value"] = level
    return f" with log level {level}"


def namespace_document(id: str, rng: Random) -> Document:
    return {
        "id": id,
        "description": f"Everything of {id.rpartition('.')[2]}.",
        "labels": {"owner": id.rpartition(".")[2]},
        "variables": {"warehouse": "core", "landing_bucket": "landing"},
        "concurrency": {"limit": rng.choice([5, 10, 20])},
        "plugin_defaults": [
            {"type": "plugin.jdbc.postgresql.Query", "values": {"fetchSize": 5000}},
            {"type": "plugin.notifications.slack.Message", "values": {"username": "data-bot"}},
        ],
        "allowed_namespaces": ["system"],
    }


def edit_namespace(document: Document, rng: Random) -> Edited:
    edited = deepcopy(document)
    edit = rng.choice((_change_variable, _change_concurrency, _change_defaults, _allow_namespace))
    return edited, sentence([edit(edited, rng)])


def _change_variable(document: Document, rng: Random) -> str:
    name = rng.choice(["warehouse", "landing_bucket", "currency", "week_starts_on"])
    values = {
        "warehouse": ("core", "core_replica"),
        "landing_bucket": ("landing", "landing-eu", "landing-2"),
        "currency": ("EUR", "USD", "PLN"),
        "week_starts_on": ("monday", "sunday"),
    }[name]
    old = document["variables"].get(name)
    document["variables"][name] = rng.choice([value for value in values if value != old])
    return f"set variable {name} to {document['variables'][name]}"


def _change_concurrency(document: Document, rng: Random) -> str:
    old = document["concurrency"]["limit"]
    document["concurrency"]["limit"] = rng.choice([n for n in (5, 10, 15, 20, 40) if n != old])
    return f"set concurrency to {document['concurrency']['limit']}"


def _change_defaults(document: Document, rng: Random) -> str:
    values = document["plugin_defaults"][0]["values"]
    old = values["fetchSize"]
    values["fetchSize"] = rng.choice([n for n in (1000, 2500, 5000, 10000) if n != old])
    return f"set the default fetchSize to {values['fetchSize']}"


def _allow_namespace(document: Document, rng: Random) -> str:
    allowed = document["allowed_namespaces"]
    other = rng.choice(["company.analytics", "company.finance", "company.platform"])
    if other in allowed:
        allowed.remove(other)
        return f"no longer allowed {other}"
    allowed.append(other)
    return f"allowed {other}"
