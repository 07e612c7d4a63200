from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from audit.templatetags import timestamp as tags

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
AT = datetime(2026, 11, 22, 13, 32, 7, 418_999, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def shown(at: datetime, zone: str = "UTC", **options: str) -> str:
    with timezone.override(ZoneInfo(zone)):
        return tags.timestamp(at, **options)


def test_a_moment_is_told_to_the_millisecond_in_the_zone_of_the_page() -> None:
    html = shown(AT, "Europe/Warsaw")
    assert '<time datetime="2026-11-22T13:32:07.418Z">14:32:07.418</time>' in html
    assert "2026-11-22 13:32:07.418 UTC\nShown in Europe/Warsaw, UTC+01:00\n1 hour ago" in html


@pytest.mark.parametrize(
    ("at", "zone", "day"),
    [
        (AT, "UTC", "Today"),
        (AT - timedelta(days=1), "UTC", "Yesterday"),
        (AT - timedelta(days=2), "UTC", "Fri 20 Nov"),
        (AT - timedelta(days=400), "UTC", "18 Oct 2025"),
        # Just before midnight in UTC is tomorrow already in Tokyo, where it is 23 November.
        (datetime(2026, 11, 21, 23, 30, tzinfo=UTC), "UTC", "Yesterday"),
        (datetime(2026, 11, 22, 0, 30, tzinfo=UTC), "Asia/Tokyo", "Yesterday"),
        (NOW + timedelta(hours=20), "UTC", "Mon 23 Nov"),
    ],
)
def test_the_day_is_the_viewers(at: datetime, zone: str, day: str) -> None:
    assert f"<small>{day}</small>" in shown(at, zone)


def test_a_link_describes_itself_by_its_tip() -> None:
    html = shown(AT, href="/x?a=1&b=2", id="e1")
    assert 'href="/x?a=1&amp;b=2" aria-describedby="at-e1"' in html
    assert 'role="tooltip" id="at-e1"' in html
    assert 'tabindex="0"' in shown(AT)


@pytest.mark.parametrize(
    ("elapsed", "told"),
    [
        (timedelta(0), "now"),
        (timedelta(seconds=1), "1 second ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=47), "1 day ago"),
        (timedelta(days=20), "2 weeks ago"),
        (timedelta(days=800), "2 years ago"),
        (timedelta(seconds=-2), "in the future"),
    ],
)
def test_how_long_ago(elapsed: timedelta, told: str) -> None:
    assert tags.ago(elapsed) == told
