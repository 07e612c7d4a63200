"""What is asked of the log beside a page of it: what arrives, what may be typed next, how many."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import Final

from audit.browsing import (
    EventFilterSet,
    Overview,
    Timeline,
    arrivals,
    current_position,
    timeline,
)
from audit.browsing.completions import offer
from audit.browsing.histogram import histogram
from audit.browsing.overview import overview
from audit.management.bench.cases import CASES, Draw, Log
from audit.management.bench.measuring import timed

# What each of them may take, in milliseconds, whatever is filtered by.
TARGET_MS: Final = 100

FILTERS: Final = (
    "no filter", "the last day", "common tag", "actor:", "event_type:", "unique tag", "name",
    "all but two common tags", "two common tags that never meet", "tag retired long ago",
)  # fmt: skip


type _Work = Callable[[], object]


def _tail(draw: Draw) -> _Work:
    """One look at what arrived in the last second."""
    return lambda: arrivals(draw.events, current_position())


def _completions(draw: Draw) -> _Work:
    """The values that may follow ``actor:``, and how often the rest of the query has each."""
    rest = EventFilterSet(draw.filters, queryset=draw.everything)
    return lambda: offer(draw.organization, "actor:", len("actor:"), rest, datetime.now(UTC))


def _overview(draw: Draw) -> _Work:
    return lambda: _counted(draw)


def _histogram(draw: Draw) -> _Work:
    """As the view draws it, which has the overview by then."""
    along, counted = _counted(draw)
    return lambda: histogram(draw.events, along, counted=counted)


def _counted(draw: Draw) -> tuple[Timeline | None, Overview | None]:
    along = timeline(draw.events, now=datetime.now(UTC), zone=UTC)
    return along, overview(draw.events, timeline=along)


WORKS: Final[Mapping[str, Callable[[Draw], _Work]]] = {
    "what arrived": _tail,
    "completions, counted": _completions,
    "total and facets": _overview,
    "histogram": _histogram,
}


@dataclass(slots=True)
class Beside:
    """Milliseconds by what was asked, all with one kind of filter."""

    name: str
    times: dict[str, list[float]] = field(default_factory=dict)


def measure_beside(log: Log, draws: int) -> Iterator[Beside]:
    for case in (case for case in CASES if case.name in FILTERS):
        beside = Beside(case.name)
        for _ in range(draws):
            draw = log.draw(case)
            for name, prepared in WORKS.items():
                beside.times.setdefault(name, []).append(timed(prepared(draw))[0])
        yield beside


def report_beside(results: Sequence[Beside]) -> Iterator[str]:
    """A table in Markdown."""
    yield (
        f"Beside a page, in milliseconds, median (worst); each may take {TARGET_MS} in the median."
    )
    yield ""
    yield f"|search|{'|'.join(WORKS)}|"
    yield f"|-|{'-:|' * len(WORKS)}"
    for result in results:
        yield f"|{result.name}|{'|'.join(_cell(times) for times in result.times.values())}|"


def _cell(times: Sequence[float]) -> str:
    verdict = " **over**" if median(times) > TARGET_MS else ""
    return f"{median(times):.1f} ({max(times):.0f}){verdict}"
