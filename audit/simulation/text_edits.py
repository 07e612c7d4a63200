"""Small edits of SQL, scripts and prose inside a document, line by line.

Every edit takes a text and a random source and returns the new text with a phrase that says
what was done ("widened the window to 3 days"), or None where it does not apply.
"""

import re
from collections.abc import Callable
from random import Random

type TextEdit = Callable[[str, Random], tuple[str, str] | None]

_CONDITIONS = (
    "status <> 'test'",
    "not is_internal",
    "currency is not null",
    "deleted_at is null",
    "country <> 'ZZ'",
    "source_system = 'live'",
    "amount_is_final",
)
_COLUMNS = (
    ("max(updated_at) as refreshed_at", "refreshed_at"),
    ("count(distinct account_id) as accounts", "accounts"),
    ("min(occurred_at) as first_seen", "first_seen"),
    ("avg(duration_ms) as mean_duration_ms", "mean_duration_ms"),
    ("bool_or(is_trial) as has_trial", "has_trial"),
)
_REMARKS = (
    "-- Late rows arrive for up to three days.",
    "-- The source counts in UTC; the report does not.",
    "-- Keep in step with the board's definition.",
    "-- Ask finance before changing the rounding.",
    "-- Slow since the source was repartitioned.",
)
_WINDOWS = ("1 day", "2 days", "3 days", "7 days", "14 days")
_NUMBERS = re.compile(r"^(BATCH_SIZE|LEARNING_RATE|MAX_DEPTH) = ([\d.]+)$", re.MULTILINE)
_CHOICES = {
    "BATCH_SIZE": ("200", "500", "1000", "2500"),
    "LEARNING_RATE": ("0.03", "0.05", "0.08", "0.1"),
    "MAX_DEPTH": ("4", "6", "8", "10"),
}


def edit_text(text: str, rng: Random) -> tuple[str, str] | None:
    """One edit that applies to ``text``, chosen at random."""
    for edit in rng.sample(_EDITS, len(_EDITS)):
        edited = edit(text, rng)
        if edited is not None and edited[0] != text:
            return edited
    return None


def _change_window(text: str, rng: Random) -> tuple[str, str] | None:
    found = re.search(r"interval '([^']+)'", text)
    if found is None:
        return None
    window = rng.choice([choice for choice in _WINDOWS if choice != found[1]])
    return _at(text, found, f"interval '{window}'"), f"set the window to {window}"


def _add_condition(text: str, rng: Random) -> tuple[str, str] | None:
    unused = [condition for condition in _CONDITIONS if condition not in text]
    found = re.search(r"^where .*$", text, re.MULTILINE)
    if found is None or len(unused) < 4:
        return None
    condition = rng.choice(unused)
    return _at(text, found, f"{found[0]}\n  and {condition}"), f"kept only rows where {condition}"


def _drop_condition(text: str, rng: Random) -> tuple[str, str] | None:
    used = [condition for condition in _CONDITIONS if f"\n  and {condition}" in text]
    if not used:
        return None
    condition = rng.choice(used)
    return text.replace(f"\n  and {condition}", ""), f"dropped the condition {condition}"


def _add_column(text: str, rng: Random) -> tuple[str, str] | None:
    unused = [(sql, name) for sql, name in _COLUMNS if name not in text]
    found = re.search(r"^  sum\(.*\) as .*,$", text, re.MULTILINE)
    if found is None or not unused:
        return None
    sql, name = rng.choice(unused)
    return _at(text, found, f"{found[0]}\n  {sql},"), f"added the column {name}"


def _change_join(text: str, _rng: Random) -> tuple[str, str] | None:
    if "inner join" in text:
        return text.replace("inner join", "left join", 1), "made the inner join a left join"
    if "left join" in text:
        return text.replace("left join", "inner join", 1), "made the left join an inner join"
    return None


def _add_remark(text: str, rng: Random) -> tuple[str, str] | None:
    if not re.match(r"(analyze|create|delete|insert|merge|select|with) (?!connect)", text):
        return None
    return f"{rng.choice(_REMARKS)}\n{text}", "added a comment"


def _change_limit(text: str, rng: Random) -> tuple[str, str] | None:
    found = re.search(r"limit (\d+)", text)
    if found is None:
        return None
    limit = rng.choice([10, 20, 25, 50, 100])
    return _at(text, found, f"limit {limit}"), f"limited to {limit} rows"


def _change_number(text: str, rng: Random) -> tuple[str, str] | None:
    found = _NUMBERS.search(text)
    if found is None:
        return None
    name, number = found.groups()
    value = rng.choice([choice for choice in _CHOICES[name] if choice != number])
    return _at(text, found, f"{name} = {value}"), f"set {name} to {value}"


def _change_timeout(text: str, rng: Random) -> tuple[str, str] | None:
    found = re.search(r"timeout=(\d+)", text)
    if found is None:
        return None
    seconds = rng.choice([15, 30, 60, 90, 120])
    return _at(text, found, f"timeout={seconds}"), f"set the timeout to {seconds} s"


def _change_jobs(text: str, rng: Random) -> tuple[str, str] | None:
    found = re.search(r"--jobs=(\d+)", text)
    if found is None:
        return None
    jobs = rng.choice([2, 4, 6, 8])
    return _at(text, found, f"--jobs={jobs}"), f"set --jobs to {jobs}"


def _change_age(text: str, rng: Random) -> tuple[str, str] | None:
    found = re.search(r"-mtime \+(\d+)", text)
    if found is None:
        return None
    days = rng.choice([3, 7, 14, 30])
    return _at(text, found, f"-mtime +{days}"), f"set how long files are kept to {days} days"


def _rewrite_greeting(text: str, rng: Random) -> tuple[str, str] | None:
    found = re.match(r"(Good morning|Hello|Dear all),$", text, re.MULTILINE)
    if found is None:
        return None
    greeting = rng.choice(["Good morning", "Hello", "Dear all"])
    return _at(text, found, f"{greeting},"), f"changed the greeting to “{greeting}”"


def _at(text: str, found: re.Match[str], replacement: str) -> str:
    return text[: found.start()] + replacement + text[found.end() :]


_EDITS: tuple[TextEdit, ...] = (
    _change_window,
    _add_condition,
    _add_condition,
    _drop_condition,
    _add_column,
    _change_join,
    _add_remark,
    _change_limit,
    _change_number,
    _change_timeout,
    _change_jobs,
    _change_age,
    _rewrite_greeting,
)
