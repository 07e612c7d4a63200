"""Pages of django-auditlog's admin, each beside the page of ours that answers the same question."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from statistics import median
from typing import Any, Final

from django.db import connections

from audit.management.bench.cases import Case, Log, Parameters
from audit.management.bench.measuring import measure

# A page of the peer takes seconds.
_MOST_DRAWS: Final = 3
TIMEOUT_S: Final = 30  # for a statement
_CONNECTION: Final = ("NAME", "USER", "PASSWORD", "HOST", "PORT")


@dataclass(frozen=True, slots=True)
class Pair:
    """One question: how the address of each asks it."""

    name: str
    theirs: dict[str, str]
    ours: Parameters
    is_deep: bool = False

    @property
    def case(self) -> Case:
        return Case(self.name, 0, lambda log, organization: self.ours, self.is_deep)


@dataclass(slots=True)
class Compared:
    """Milliseconds of whole pages; infinite where one was given up."""

    name: str
    theirs: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)


def compare(log: Log, draws: int) -> tuple[int, list[Compared]]:
    """How many entries the peer has, and what each page took: ours first, then theirs."""
    largest = replace(log, organizations=log.organizations[:1])
    pairs = list(_pairs(largest))
    measured = measure(largest, [pair.case for pair in pairs], draws)
    compared = [Compared(each.case.name, ours=each.view) for each in measured]
    asked = {
        "organization": largest.organizations[0].pk,
        "draws": min(draws, _MOST_DRAWS),
        "timeout_s": TIMEOUT_S,
        "queries": [pair.theirs for pair in pairs],
    }
    answer = _ask_peer(asked)
    for each, times in zip(compared, answer["times"], strict=True):
        each.theirs = [inf if taken is None else taken for taken in times]
    return answer["entries"], compared


def _pairs(log: Log) -> Iterator[Pair]:
    event = log.some(log.organizations[0], lambda event: event)
    if event is None:
        raise ValueError("There is no event to ask about.")
    actor, model, session = event.actor_id, event.resource_type, event.session
    yield Pair("first page", {}, {})
    yield Pair("a page half-way down the log", {"p": "half"}, {}, is_deep=True)
    yield Pair("by action: update", {"action__exact": "1"}, {"change": ["updated"]})
    yield Pair(f"by model: {model}", {"resource_type": model}, {"resource_type": [model]})
    yield Pair("by user", {"actor": actor}, {"actor": [actor]})
    yield Pair("by session (correlation id)", {"cid": session}, {"session": [session]})
    yield Pair("search for an e-mail address", {"q": actor}, {"q": [f'"{actor}"']})
    yield Pair("search for two words", {"q": "Flow 246"}, {"q": ["Flow 246"]})
    yield Pair("search for a word there is not", {"q": "zyzzyva"}, {"q": ["zyzzyva"]})


def _ask_peer(asked: dict[str, Any]) -> dict[str, Any]:
    settings = connections["owner"].settings_dict
    database = json.dumps({name: settings[name] for name in _CONNECTION})
    done = subprocess.run(
        [sys.executable, "-m", "audit.management.bench.peer"],
        input=json.dumps(asked),
        env={**os.environ, "PEER_DATABASE": database},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def report(entries: int, results: Sequence[Compared]) -> Iterator[str]:
    """A table in Markdown."""
    yield (
        f"{entries:,} events of the largest organisation: the admin of django-auditlog with its own"
        f" indexes and 100 rows a page, beside our page of 50 with all organisations' events in the"
        f" same database. A page with a statement of {TIMEOUT_S} s was given up."
    )
    yield ""
    yield "|whole page, ms|django-auditlog|Auditsite|× faster|"
    yield "|-|-:|-:|-:|"
    for each in results:
        theirs, ours = median(each.theirs), median(each.ours)
        if theirs == inf:
            taken, ratio = f"over {TIMEOUT_S} s", f"over {TIMEOUT_S * 1000 / ours:,.0f}"
        else:
            taken, ratio = f"{theirs:,.0f}", f"{theirs / ours:,.0f}"
        yield f"|{each.name}|{taken}|{ours:,.0f}|{ratio}|"
