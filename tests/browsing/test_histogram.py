from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings

from audit.browsing import Criterion, Histogram, Period, Timeline, histogram, overview, timeline
from audit.browsing.histogram import Bounds
from audit.browsing.overview import Bounds as OverviewBounds
from audit.models import Event, Organization
from tests.browsing import logs
from tests.browsing.test_overview import anything, events_of
from tests.factories import EventFactory

SLOW = 60_000
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 7, 1, tzinfo=UTC)


def along(events: Any) -> Timeline | None:
    return timeline(events, now=NOW, zone=BERLIN)


def drawn(events: Any, **bounds: int) -> Histogram | None:
    """By itself, without an overview."""
    return histogram(events, along(events), bounds=Bounds(**{"statement_ms": SLOW} | bounds))


def drawn_as_counted(events: Any, **bounds: int) -> Histogram | None:
    found = along(events)
    counted = overview(events, timeline=found, bounds=OverviewBounds(statement_ms=SLOW))
    assert counted
    return histogram(events, found, counted=counted)


def expected(events: Sequence[Event], found: Histogram) -> list[tuple[int, int, int]]:
    inside = [[e for e in events if bar.since <= e.occurred_at < bar.until] for bar in found.bars]
    return [
        (
            len(own),
            sum(e.change == "deleted" and e.outcome == "success" for e in own),
            sum(e.outcome != "success" for e in own),
        )
        for own in inside
    ]


@pytest.mark.parametrize(
    ("draw", "walk"),
    [(drawn, 500), (drawn, 10), (drawn_as_counted, 500)],
    ids=["few events", "by index", "as counted"],
)
def test_bars_are_what_brute_force_counts(
    db: None, draw: Callable[..., Histogram | None], walk: int
) -> None:
    organization, _ = logs.make_log()
    everything = list(Event.objects.filter(organization=organization))

    @given(anything)
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    def check(asked: list[Criterion | Period]) -> None:
        matching = logs.matching(everything, asked)
        found = draw(events_of(organization, *asked), walk=walk)
        assert found
        assert found.is_exact
        told = [(bar.count, bar.deleted, bar.failed) for bar in found.bars]
        assert told == expected(matching, found)
        assert sum(count for count, *_ in told) == len(matching)

    check()


def test_a_sample_is_near_the_truth_and_says_so(db: None) -> None:
    call_command(
        "generate_events", organization="bench", count=30_000, days=20, jobs=1, verbosity=0
    )
    organization = Organization.objects.get(slug="bench")
    events = events_of(organization)
    found = histogram(
        events,
        timeline(events, now=datetime.now(UTC), zone=BERLIN),
        bounds=Bounds(walk=100, sample=400, statement_ms=SLOW),
    )
    assert found
    assert found.sampled
    assert 1_000 < found.sampled < 20_000
    total = sum(bar.count for bar in found.bars)
    assert total == pytest.approx(30_000, rel=0.15)
    truth = expected(list(events_of(organization)), found)
    wrong = sum(abs(bar.count - n) for bar, (n, *_) in zip(found.bars, truth, strict=True))
    assert wrong < 0.3 * 30_000


def test_where_a_sample_finds_few_they_are_counted(db: None) -> None:
    organization, _ = logs.make_log()
    asked = Criterion("actor", ("ada",))
    found = drawn(events_of(organization, asked), walk=10, few_matches=5, sample=1)
    assert found
    assert found.is_exact
    exact = logs.matching(list(events_of(organization)), [asked])
    assert sum(bar.count for bar in found.bars) == len(exact)


@pytest.mark.parametrize("asked", [[], [Criterion("actor", ("ada",))]])
def test_where_all_were_counted_nothing_is_searched_for(db: None, asked: list[Criterion]) -> None:
    organization, _ = logs.make_log(size=60)
    events = events_of(organization, *asked)
    found = along(events)
    counted = overview(events, timeline=found, bounds=OverviewBounds(statement_ms=SLOW))
    with CaptureQueriesContext(connection) as queries:
        told = histogram(events, found, counted=counted)
    assert len(queries) == 0
    assert told == drawn(events)


def test_what_was_counted_in_part_is_not_taken_for_all(db: None) -> None:
    organization, _ = logs.make_log(size=60)
    events = events_of(organization)
    found = along(events)
    counted = overview(events, timeline=found, bounds=OverviewBounds(matches=9, statement_ms=SLOW))
    assert counted
    assert not counted.has_all
    told = histogram(events, found, counted=counted, bounds=Bounds(statement_ms=SLOW))
    assert told
    assert sum(bar.count for bar in told.bars) == 60


def test_the_range_is_what_is_asked_for_or_what_there_is(organization: Organization) -> None:
    first = EventFactory.create(organization=organization).occurred_at
    since = datetime(2026, 1, 1, tzinfo=UTC)
    open_ = drawn(events_of(organization))
    assert open_
    assert (open_.since, open_.until) == (first, NOW)
    asked = drawn(events_of(organization, Period(since, since + timedelta(days=100))))
    assert asked
    assert (asked.since, asked.until) == (since, since + timedelta(days=100))
    ahead = drawn(events_of(organization, Period(since, datetime(9999, 1, 1, tzinfo=UTC))))
    assert ahead
    assert ahead.until == NOW


def test_a_day_on_which_the_clock_is_changed_has_its_hours(organization: Organization) -> None:
    """26 October 2025 in Berlin: the hour from two to three is there twice."""
    for minutes in (-1, 0, 89, 90, 24 * 60 + 59, 25 * 60):
        at = datetime(2025, 10, 26, tzinfo=BERLIN).astimezone(UTC) + timedelta(minutes=minutes)
        EventFactory.create(organization=organization, occurred_at=at)
    day = datetime(2025, 10, 26, tzinfo=BERLIN).astimezone(UTC)
    found = drawn(events_of(organization, Period(day, day + timedelta(hours=25))))
    assert found
    assert len(found.bars) == 50
    assert [n for n, bar in enumerate(found.bars) if bar.count] == [0, 2, 3, 49]


def test_nothing_in_the_range_draws_nothing(organization: Organization) -> None:
    EventFactory.create()
    assert drawn(events_of(organization)) is None


@pytest.mark.parametrize("asked", [[], [Criterion("actor", ("ada",))]])
def test_it_takes_few_statements(db: None, asked: list[Criterion]) -> None:
    organization, _ = logs.make_log(size=60)
    events = events_of(organization, *asked)
    with CaptureQueriesContext(connection) as queries:
        drawn(events, walk=5, few_matches=1, matches=1, sample=1)
    assert len([q for q in queries if "audit_" in q["sql"]]) <= 6


def test_the_longest_range_is_drawn(organization: Organization) -> None:
    EventFactory.create(organization=organization)
    found = drawn(events_of(organization, Period(datetime(1, 1, 2, tzinfo=UTC), None)))
    assert found
