from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.browsing import PRESETS
from audit.browsing.moments import InvalidMoment, describe_moment, parse_moment

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
WARSAW = ZoneInfo("Europe/Warsaw")


def parse(text: str, name: str = "since") -> datetime:
    return parse_moment(name, text, now=NOW, zone=WARSAW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T14:00:00Z", datetime(2026, 11, 22, 14, tzinfo=UTC)),
        ("2026-11-22T14:00:00.250+05:30", datetime(2026, 11, 22, 8, 30, 0, 250_000, tzinfo=UTC)),
        ("2026-11-22T14:00", datetime(2026, 11, 22, 13, tzinfo=UTC)),
        ("2026-11-22", datetime(2026, 11, 21, 23, tzinfo=UTC)),
        ("now", NOW),
        ("now-90s", NOW - timedelta(seconds=90)),
        ("now-15m", NOW - timedelta(minutes=15)),
        ("now-24h", NOW - timedelta(hours=24)),
        ("now-7d", NOW - timedelta(days=7)),
        ("now-2w", NOW - timedelta(days=14)),
    ],
)
def test_a_moment_is_read(text: str, expected: datetime) -> None:
    assert parse(text) == expected
    assert parse(text).tzinfo is UTC


def test_a_day_alone_is_all_of_it() -> None:
    assert parse("2026-11-22", "until") - parse("2026-11-22", "since") == timedelta(days=1)


def test_an_hour_that_comes_twice_is_both_of_them() -> None:
    twice = "2026-10-25T02:30"
    assert parse(twice, "until") - parse(twice, "since") == timedelta(hours=1)


@pytest.mark.parametrize(
    "text",
    ["yesterday", "now-", "now-1y", "now-1", "now+1h", "2026-13-01", "2026-11-22T25:00", "1", " ",
     "now-999999w", "20261122", "2026-W47-1",
     "9999-12-31T23:59:59-23:00", "now-٣d", "2026-11-22T14:00[x]"],
)  # fmt: skip
def test_what_is_no_moment_is_an_error_that_names_the_parameter(text: str) -> None:
    with pytest.raises(InvalidMoment, match=r"^until must be a time, as in "):
        parse(text, "until")


@given(st.text())
def test_any_text_is_a_moment_or_an_error(text: str) -> None:
    with suppress(InvalidMoment):
        assert parse(text).tzinfo is UTC


def test_presets_are_moments() -> None:
    assert [parse(value) < NOW for _, value in PRESETS if value] == [True] * 6


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("since", "now-24h", "last 24 hours"),
        ("since", "now-1d", "last day"),
        ("until", "now-1d", "until 1 day ago"),
        ("until", "now", "until now"),
        ("since", "2026-11-22T13:00:00Z", "since 22 Nov 2026, 14:00"),
        ("until", "2026-11-22T14:00:05.250", "until 22 Nov 2026, 14:00:05.250"),
    ],
)
def test_a_moment_is_described_in_the_zone_of_the_viewer(name: str, text: str, words: str) -> None:
    assert describe_moment(name, text, parse(text, name), WARSAW) == words
