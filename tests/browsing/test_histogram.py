from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings

from audit.browsing import Count, Criterion, Histogram, Period, histogram
from audit.browsing.histogram import Bounds
from audit.models import Event, Organization
from tests.browsing import logs
from tests.browsing.test_overview import anything, events_of
from tests.factories import EventFactory

SLOW = 60_000
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 7, 1, tzinfo=UTC)


def drawn(events: Any, **bounds: int) -> Histogram | None:
    return histogram(events, now=NOW, zone=BERLIN, bounds=Bounds(**{"statement_ms": SLOW} | bounds))


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


@pytest.mark.parametrize("walk", [500, 10], ids=["few events", "by index"])
def test_bars_are_what_brute_force_counts(db: None, walk: int) -> None:
    organization, _ = logs.make_log()
    everything = list(Event.objects.filter(organization=organization))

    @given(anything)
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    def check(asked: list[Criterion | Period]) -> None:
        matching = logs.matching(everything, asked)
        found = drawn(events_of(organization, *asked), walk=walk)
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
    found = histogram(
        events_of(organization),
        now=datetime.now(UTC),
        zone=BERLIN,
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
    found = drawn(events_of(organization, asked), walk=10, matches=5, sample=1)
    assert found
    assert found.is_exact
    exact = logs.matching(list(events_of(organization)), [asked])
    assert sum(bar.count for bar in found.bars) == len(exact)


def test_a_total_that_is_too_much_spares_the_look_for_all(db: None) -> None:
    organization, _ = logs.make_log(size=60)
    events = events_of(organization, Criterion("actor", ("ada",)))
    bounds = Bounds(walk=1, matches=1, statement_ms=SLOW)

    def statements(total: Count | None) -> int:
        with CaptureQueriesContext(connection) as queries:
            found = histogram(events, now=NOW, zone=BERLIN, total=total, bounds=bounds)
        assert found
        assert found.is_exact
        return len([q for q in queries if "width_bucket" in q["sql"]])

    assert statements(Count(1, is_exact=False)) == statements(None) - 1


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
        drawn(events, walk=5, matches=1, many_matches=1, sample=1)
    assert len([q for q in queries if "audit_" in q["sql"]]) <= 6


def test_the_longest_range_is_drawn(organization: Organization) -> None:
    EventFactory.create(organization=organization)
    found = drawn(events_of(organization, Period(datetime(1, 1, 2, tzinfo=UTC), None)))
    assert found
