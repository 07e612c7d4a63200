"""When a schedule fires."""

from datetime import UTC, datetime, timedelta

import pytest

from audit.simulation.cron import cron

SUNDAY = datetime(2026, 11, 22, 17, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "zone", "expected"),
    [
        ("0 2 * * *", "UTC", "2026-11-23T02:00"),
        ("30 4 * * *", "Europe/Warsaw", "2026-11-23T03:30"),
        ("*/15 * * * *", "UTC", "2026-11-22T17:30"),
        ("5 */6 * * *", "UTC", "2026-11-22T18:05"),
        ("0 9 * * 1-5", "Asia/Tokyo", "2026-11-23T00:00"),
        ("0 1 * * 0", "UTC", "2026-11-29T01:00"),
        ("0 1 * * 7", "UTC", "2026-11-29T01:00"),
        ("30 3 1 * *", "UTC", "2026-12-01T03:30"),
        ("0 12,18 * * *", "UTC", "2026-11-22T18:00"),
    ],
)
def test_it_fires_next_at(expression: str, zone: str, expected: str) -> None:
    fires_at = cron(expression).next_after(SUNDAY, zone)

    assert fires_at == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_it_stays_at_its_local_time_when_clocks_change() -> None:
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    due = cron("0 6 * * *")
    first = due.next_after(before, "Europe/Warsaw")
    assert first is not None
    second = due.next_after(first + timedelta(minutes=1), "Europe/Warsaw")

    assert first == datetime(2026, 10, 25, 5, tzinfo=UTC)
    assert second == datetime(2026, 10, 26, 5, tzinfo=UTC)
    assert due.next_after(before - timedelta(days=1), "Europe/Warsaw") == datetime(
        2026, 10, 24, 4, tzinfo=UTC
    )


def test_what_never_fires_has_no_next_time() -> None:
    assert cron("0 0 31 2 *").next_after(SUNDAY, "UTC") is None


def test_it_knows_how_often_it_runs() -> None:
    assert cron("0 */6 * * *").runs_per_week() == 28
    assert cron("0 9 * * 1-5").runs_per_week() == 5


@pytest.mark.parametrize("expression", ["", "0 2 * *", "60 2 * * *", "0 5-2 * * *", "x 2 * * *"])
def test_nonsense_is_refused(expression: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- its message says which part
        cron(expression)
