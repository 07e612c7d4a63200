"""What people do to flows: realistic edits of a flow's document, each with its own words.

An edit changes the copy it is given and returns a phrase, or None where it does not apply.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from random import Random

from audit.simulation.catalogue import FlowSpec
from audit.simulation.document import Document
from audit.simulation.text_edits import edit_text
from audit.simulation.wording import sentence

type FlowEdit = Callable[[Document, FlowSpec, Random], str | None]

_IMAGE = re.compile(r"(.*:[\d.]+)\.(\d+)(-\w+)?")
_MOST_TASKS = 7
_TEXT_KEYS = ("sql", "script", "body")
_RENAMES = {
    "prepare": "stage_rows",
    "check_rows": "expect_rows",
    "figures": "numbers",
    "chart": "draw_chart",
    "fit": "train_model",
    "publish": "promote_model",
    "rows": "select_rows",
    "run": "main",
    "document_tables": "build_docs",
}
_RENAMES |= {new: old for old, new in _RENAMES.items()}
_NEW_INPUTS: tuple[Document, ...] = (
    {"id": "dry_run", "type": "BOOLEAN", "defaults": False},
    {"id": "max_rows", "type": "INT", "required": False},
    {"id": "reason", "type": "STRING", "required": False},
    {"id": "region", "type": "SELECT", "values": ["EMEA", "AMER", "APAC"], "required": False},
)
_NEW_LABELS = {
    "cost_center": ("4100", "4210", "5300"),
    "sla": ("2h", "4h", "next-morning"),
    "reviewed": ("2026-Q3", "2026-Q4"),
    "data_class": ("internal", "personal", "public"),
}
_VARIABLES = {
    "keep_days": (7, 14, 30, 60, 90),
    "schema": ("core", "staging_core", "shared"),
    "seed": (7, 42, 1234),
    "test_share": (0.1, 0.15, 0.2, 0.25),
    "threads": (2, 4, 6, 8),
}
_ASIDES = (
    "Restarting is safe: a partition is replaced, not added to.",
    "Owner of the numbers: the team lead.",
    "Runs again by itself when the source is late.",
    "See the runbook before changing the order of tasks.",
)


def edit_flow(document: Document, spec: FlowSpec, rng: Random) -> tuple[Document, str]:
    """One to three edits in one save; returns the new document and what was done."""
    wanted = rng.choices([1, 2, 3], [6, 3, 1])[0]
    while True:
        edited = deepcopy(document)
        phrases = [edit(edited, spec, rng) for edit in _different_edits(wanted, rng)]
        if edited != document:
            return edited, sentence([phrase for phrase in phrases if phrase])


def _different_edits(count: int, rng: Random) -> list[FlowEdit]:
    """Edits that do not undo each other: of those in one group, the first drawn."""
    drawn = rng.choices(_EDITS, _WEIGHTS, k=count)
    return list({_GROUPS.get(edit, edit): edit for edit in reversed(drawn)}.values())


def toggle_flow(document: Document) -> tuple[Document, str]:
    """Switch a flow off, or on again."""
    disabled = not document["disabled"]
    return {**document, "disabled": disabled}, "Disabled" if disabled else "Enabled"


def _extra_tasks(spec: FlowSpec) -> tuple[Document, ...]:
    """Tasks somebody adds sooner or later."""
    return (
        {
            "id": "notify_slack",
            "type": "plugin.notifications.slack.Message",
            "channel": f"#{spec.team}-data",
            "text": "{{ flow.id }} is done for {{ inputs.partition }}",
        },
        {
            "id": "deduplicate",
            "type": "plugin.jdbc.postgresql.Query",
            "url": f"jdbc:postgresql://warehouse.{spec.domain}:5432/core",
            "sql": f"delete from {spec.target} as older\n"  # noqa: S608 -- shown, never run
            f"using {spec.target} as newer\n"
            "where older.id = newer.id\n  and older.loaded_at < newer.loaded_at;\n",
        },
        {
            "id": "compare_with_yesterday",
            "type": "plugin.quality.Expect",
            "sql": f"select abs(today.n - before.n) < 0.3 * before.n as passed\n"
            f"from count_of('{spec.target}', 0) as today,\n"
            f"     count_of('{spec.target}', 1) as before;\n",
            "severity": "WARNING",
        },
        {
            "id": "refresh_statistics",
            "type": "plugin.jdbc.postgresql.Query",
            "url": f"jdbc:postgresql://warehouse.{spec.domain}:5432/core",
            "sql": f"analyze {spec.target};\n",
        },
        {
            "id": "register_lineage",
            "type": "core.http.Request",
            "method": "POST",
            "uri": f"https://lineage.{spec.domain}/api/runs",
            "body": "{{ execution | toJson }}",
            "options": {"connectTimeout": "PT5S", "readTimeout": "PT10S"},
        },
        {
            "id": "pause_between",
            "type": "core.flow.Sleep",
            "duration": "PT30S",
        },
    )


def _insert_task(document: Document, spec: FlowSpec, rng: Random) -> str | None:
    tasks = document["tasks"]
    present = {task["id"] for task in tasks}
    missing = [task for task in _extra_tasks(spec) if task["id"] not in present]
    if not missing or len(tasks) >= _MOST_TASKS:
        return None
    task, position = deepcopy(rng.choice(missing)), rng.randrange(1, len(tasks) + 1)
    tasks.insert(position, task)
    return f"added task {task['id']} after {tasks[position - 1]['id']}"


def _remove_task(document: Document, spec: FlowSpec, rng: Random) -> str | None:
    extra = {task["id"] for task in _extra_tasks(spec)}
    removable = [task for task in document["tasks"] if task["id"] in extra]
    if not removable:
        return None
    task = rng.choice(removable)
    document["tasks"].remove(task)
    return f"removed task {task['id']}"


def _move_task(document: Document, _spec: FlowSpec, rng: Random) -> str | None:
    tasks = document["tasks"]
    if len(tasks) < 4:
        return None
    task = tasks.pop(rng.randrange(1, len(tasks)))
    position = rng.randrange(1, len(tasks))
    tasks.insert(position, task)
    return f"moved task {task['id']} before {tasks[position + 1]['id']}"


def _rename_task(document: Document, _spec: FlowSpec, rng: Random) -> str | None:
    present = {task["id"] for task in document["tasks"]}
    known = [
        task
        for task in document["tasks"]
        if task["id"] in _RENAMES and _RENAMES[task["id"]] not in present
    ]
    if not known:
        return None
    task = rng.choice(known)
    old, task["id"] = task["id"], _RENAMES[task["id"]]
    return f"renamed task {old} to {task['id']}"


def _edit_task_text(document: Document, _spec: FlowSpec, rng: Random) -> str | None:
    places = [(task, key) for task in document["tasks"] for key in _TEXT_KEYS if key in task]
    if not places:
        return None
    task, key = rng.choice(places)
    edited = edit_text(task[key], rng)
    if edited is None:
        return None
    task[key], phrase = edited
    return f"{phrase} in {task['id']}"


def _tune_task(document: Document, _spec: FlowSpec, rng: Random) -> str | None:
    choices = {"fetchSize": [1000, 2500, 5000, 10000], "threads": [2, 4, 6, 8]}
    places = [(task, key) for task in document["tasks"] for key in choices if key in task]
    if not places:
        return None
    task, key = rng.choice(places)
    task[key] = rng.choice([value for value in choices[key] if value != task[key]])
    return f"set {key} of {task['id']} to {task[key]}"


def _bump_image(document: Document, _spec: FlowSpec, rng: Random) -> str | None:
    tasks = [task for task in document["tasks"] if "containerImage" in task]
    numbered = [task for task in tasks if _IMAGE.fullmatch(task["containerImage"])]
    if not numbered:
        return None
    task = rng.choice(numbered)
    name, patch, flavour = _IMAGE.findall(task["containerImage"])[0]
    task["containerImage"] = f"{name}.{int(patch) + 1}{flavour}"
    return f"moved {task['id']} to {task['containerImage'].rpartition('/')[2]}"


def _retry_task(document: Document, _spec: FlowSpec, rng: Random) -> str | None:
    task = rng.choice(document["tasks"])
    if "retry" in task:
        del task["retry"]
        return f"stopped retrying {task['id']}"
    attempts = rng.choice([2, 3, 5])
    # Some people quote their numbers; somebody else puts that right later.
    quoted = rng.random() < 0.3
    task["retry"] = {
        "type": "exponential",
        "interval": "PT30S",
        "maxAttempts": str(attempts) if quoted else attempts,
    }
    return f"let {task['id']} be tried {attempts} times"


def _change_retry(document: Document, _spec: FlowSpec, rng: Random) -> str | None:
    places = [place for place in (document, *document["tasks"]) if "retry" in place]
    if not places:
        document["retry"] = {"type": "constant", "interval": "PT5M", "maxAttempts": 3}
        return "added a retry of the whole flow"
    retry = rng.choice(places)["retry"]
    if isinstance(retry["maxAttempts"], str):
        retry["maxAttempts"] = int(retry["maxAttempts"])
        return "made maxAttempts a number"
    retry["maxAttempts"] = rng.choice([n for n in (2, 3, 4, 5, 8) if n != retry["maxAttempts"]])
    return f"set retries to {retry['maxAttempts']}"


def _change_timeout(document: Document, _spec: FlowSpec, rng: Random) -> str | None:
    options = [f"PT{minutes}M" for minutes in (20, 30, 45, 60, 90, 120, 240)]
    old = document["timeout"]
    document["timeout"] = rng.choice([option for option in options if option != old])
    return f"changed the timeout from {old[2:].lower()} to {document['timeout'][2:].lower()}"


def _add_input(document: Document, _spec: FlowSpec, rng: Random) -> str | None:
    present = {each["id"] for each in document["inputs"]}
    missing = [each for each in _NEW_INPUTS if each["id"] not in present]
    if len(missing) < 2:
        return None
    added = deepcopy(rng.choice(missing))
    document["inputs"].append(added)
    return f"added input {added['id']}"


def _change_label(document: Document, _spec: FlowSpec, rng: Random) -> str | None:
    label = rng.choice(sorted(_NEW_LABELS))
    old = document["labels"].get(label)
    document["labels"][label] = rng.choice([v for v in _NEW_LABELS[label] if v != old])
    return f"labelled {label} {document['labels'][label]}"


def _change_variable(document: Document, _spec: FlowSpec, rng: Random) -> str | None:
    variables = document["variables"]
    name = rng.choice([name for name in variables if name in _VARIABLES])
    old = variables[name]
    variables[name] = rng.choice([value for value in _VARIABLES[name] if value != old])
    return f"changed {name} from {old} to {variables[name]}"


def _describe(document: Document, spec: FlowSpec, rng: Random) -> str | None:
    old = document["description"]
    document["description"] = f"{spec.purpose} {rng.choice(_ASIDES)}"
    return "clarified the description" if document["description"] != old else None


def _change_concurrency(document: Document, _spec: FlowSpec, rng: Random) -> str | None:
    limit = document["concurrency"]["limit"]
    document["concurrency"]["limit"] = rng.choice([n for n in (1, 2, 3, 4) if n != limit])
    return f"set concurrency to {document['concurrency']['limit']}"


def _handle_errors(document: Document, spec: FlowSpec, rng: Random) -> str | None:
    handlers = document["errors"]
    if len(handlers) > 1:
        return f"removed error handler {handlers.pop()['id']}"
    kind = rng.choice(["mail", "page"])
    handlers.append(
        {
            "id": f"{kind}_the_owner",
            "type": f"plugin.notifications.{kind}.Send",
            "to": [f"{spec.team}-oncall@{spec.domain}"],
            "when": "{{ labels.tier == 'critical' }}",
        }
    )
    return f"added error handler {kind}_the_owner"


_WEIGHTED: tuple[tuple[FlowEdit, int], ...] = (
    (_edit_task_text, 30),
    (_insert_task, 9),
    (_remove_task, 7),
    (_move_task, 6),
    (_rename_task, 4),
    (_tune_task, 7),
    (_bump_image, 6),
    (_retry_task, 5),
    (_change_retry, 6),
    (_change_timeout, 6),
    (_add_input, 4),
    (_change_label, 5),
    (_change_variable, 5),
    (_describe, 4),
    (_change_concurrency, 4),
    (_handle_errors, 4),
)
_EDITS = [edit for edit, _ in _WEIGHTED]
_WEIGHTS = [weight for _, weight in _WEIGHTED]
_GROUPS: dict[FlowEdit, FlowEdit] = {_remove_task: _insert_task, _change_retry: _retry_task}
