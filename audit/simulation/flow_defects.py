"""Edits that break a flow: reasonable at sight, and every execution after them fails."""

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from random import Random

from audit.simulation.catalogue import FlowSpec
from audit.simulation.document import Document
from audit.simulation.texts import dimension_of


@dataclass(frozen=True, slots=True)
class Defect:
    """Where executions fail from now on, and what they say."""

    task: str
    error: str


type Break = Callable[[Document, FlowSpec, Random], tuple[str, Defect] | None]


def break_flow(
    document: Document, spec: FlowSpec, rng: Random
) -> tuple[Document, str, Defect] | None:
    """An edit that looks harmless; returns the document, what was done, what it breaks."""
    for attempt in rng.sample(_BREAKS, len(_BREAKS)):
        edited = deepcopy(document)
        broken = attempt(edited, spec, rng)
        if broken is not None:
            summary, defect = broken
            return edited, summary, defect
    return None


def _rename_column(document: Document, spec: FlowSpec, _rng: Random) -> tuple[str, Defect] | None:
    column, _ = dimension_of(spec)
    for task in document["tasks"]:
        if re.search(rf"^  {column},$", task.get("sql", ""), re.MULTILINE):
            renamed = f"{column}_name"
            task["sql"] = re.sub(rf"\b{column}\b", renamed, task["sql"])
            error = f'ERROR: column "{renamed}" does not exist'
            return f"Grouped by {renamed} in {task['id']}", Defect(task["id"], error)
    return None


def _mistype_image(document: Document, _spec: FlowSpec, _rng: Random) -> tuple[str, Defect] | None:
    for task in document["tasks"]:
        if "containerImage" in task:
            task["containerImage"] = f"{task['containerImage'].rpartition(':')[0]}:latest-slim"
            error = f"ImagePullBackOff: manifest for {task['containerImage']} not found"
            return f"Moved {task['id']} to the slim image", Defect(task["id"], error)
    return None


def _shorten_timeout(document: Document, _spec: FlowSpec, rng: Random) -> tuple[str, Defect] | None:
    seconds = rng.choice([20, 30, 45])
    document["timeout"] = f"PT{seconds}S"
    task = document["tasks"][-1]["id"]
    error = f"TimeoutError: the execution took longer than {seconds} s and was stopped"
    return f"Shortened the timeout to {seconds} s", Defect(task, error)


def _rename_secret(document: Document, _spec: FlowSpec, _rng: Random) -> tuple[str, Defect] | None:
    for task in document["tasks"]:
        token = task.get("env", {}).get("TOKEN", "")
        if token.startswith("{{ secret('"):
            name = token.split("'")[1]
            task["env"]["TOKEN"] = f"{{{{ secret('{name}_api_token') }}}}"
            error = f"SecretNotFound: {name}_api_token is not defined in this namespace"
            return f"Read the token from {name}_api_token", Defect(task["id"], error)
    return None


_BREAKS: tuple[Break, ...] = (
    _rename_column,
    _rename_column,
    _mistype_image,
    _shorten_timeout,
    _rename_secret,
)
