"""When people work."""

from datetime import UTC, date, datetime

from audit.simulation import calendar
from audit.simulation.company import ACME

WEEKEND = (5, 6)


def test_offices_close_at_weekends_and_on_holidays() -> None:
    assert calendar.is_workday(date(2026, 11, 10), "PL", WEEKEND)
    assert not calendar.is_workday(date(2026, 11, 11), "PL", WEEKEND)  # Independence Day
    assert not calendar.is_workday(date(2026, 11, 26), "US", WEEKEND)  # Thanksgiving
    assert not calendar.is_workday(date(2026, 11, 22), "PL", WEEKEND)


def test_a_weekend_may_fall_on_other_days() -> None:
    ahmed = ACME.person("ahmed.elsayed")

    assert ahmed.works_on(date(2026, 11, 22))  # a Sunday
    assert not ahmed.works_on(date(2026, 11, 20))


def test_hours_are_local() -> None:
    misaki = ACME.person("misaki.sato")

    assert misaki.is_working_at(datetime(2026, 11, 24, 1, 0, tzinfo=UTC))  # ten in Tokyo
    assert not misaki.is_working_at(datetime(2026, 11, 24, 12, 0, tzinfo=UTC))


def test_nine_in_the_morning_stays_nine_when_clocks_change() -> None:
    # Ended summer time on 25 October 2026.
    assert calendar.at(date(2026, 10, 24), 9, "Europe/Warsaw").hour == 7
    assert calendar.at(date(2026, 10, 25), 9, "Europe/Warsaw").hour == 8
    assert calendar.at(date(2026, 10, 25), 9.5, "Europe/Warsaw").minute == 30
