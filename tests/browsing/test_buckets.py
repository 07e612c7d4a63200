from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.browsing.buckets import MOST_BUCKETS, buckets

ZONES = ["UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Havana"]
WARSAW = ZoneInfo("Europe/Warsaw")
AT = datetime(2026, 11, 22, 13, 7, 12, tzinfo=UTC)

moments = st.integers(0, 70 * 365 * 86_400_000).map(
    lambda n: datetime(1971, 1, 1, tzinfo=UTC) + timedelta(milliseconds=n)
)
lengths = st.one_of(
    st.integers(1, 60 * 366 * 86_400).map(lambda n: timedelta(seconds=n)),
    st.integers(1, 100_000).map(lambda n: timedelta(milliseconds=n)),
)


@given(moments, lengths, st.sampled_from(ZONES).map(ZoneInfo))
def test_buckets_cover_the_range_without_gap_or_overlap(
    since: datetime, length: timedelta, zone: ZoneInfo
) -> None:
    until = since + length
    found = buckets(since, until, zone)
    bounds = found.bounds
    assert list(bounds) == sorted(set(bounds))
    assert bounds[0] <= since < bounds[1]
    assert bounds[-2] < until <= bounds[-1]
    assert len(bounds) - 1 <= MOST_BUCKETS + 1


@pytest.mark.parametrize(
    ("length", "width", "count"),
    [
        (timedelta(seconds=1), "1 second", 1),
        (timedelta(minutes=15), "15 seconds", 61),
        (timedelta(hours=1), "1 minute", 61),
        (timedelta(days=1), "30 minutes", 49),
        (timedelta(days=7), "3 hours", 57),
        (timedelta(days=30), "12 hours", 61),
        (timedelta(days=90), "2 days", 46),
        (timedelta(days=365), "1 week", 53),
        (timedelta(days=3 * 365), "1 month", 37),
        (timedelta(days=50 * 365), "1 year", 51),
    ],
)
def test_widths_are_round_units(length: timedelta, width: str, count: int) -> None:
    found = buckets(AT, AT + length, WARSAW)
    assert str(found.width) == width
    assert abs(len(list(found)) - count) <= 1


def test_buckets_begin_at_round_times_of_the_zone() -> None:
    kathmandu = ZoneInfo("Asia/Kathmandu")  # UTC+05:45
    starts = [
        at.astimezone(kathmandu) for at in buckets(AT, AT + timedelta(days=7), kathmandu).bounds
    ]
    assert all((at.hour % 3, at.minute, at.second) == (0, 0, 0) for at in starts)
    weeks = buckets(AT, AT + timedelta(days=365), WARSAW).bounds
    assert {at.astimezone(WARSAW).weekday() for at in weeks} == {0}


@pytest.mark.parametrize(
    ("day", "hours"),
    [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 6, 1), 24)],
    ids=["short", "long", "usual"],
)
def test_a_day_has_as_many_hours_as_the_clock_gives_it(
    day: tuple[int, int, int], hours: int
) -> None:
    midnight = datetime(*day, tzinfo=WARSAW)
    since, until = midnight.astimezone(UTC), (midnight + timedelta(days=1)).astimezone(UTC)
    halves = buckets(since, until, WARSAW)
    assert str(halves.width) == "30 minutes"
    assert len(list(halves)) == 2 * hours
    assert halves.bounds[-1] == until
    month = buckets(since - timedelta(days=40), until + timedelta(days=40), WARSAW)
    around = [(start, end) for start, end in month if start <= since < end]
    assert str(month.width) == "2 days"
    assert (around[0][1] - around[0][0]) / timedelta(hours=1) == 24 + hours
