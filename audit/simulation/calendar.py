"""When people work: weekends, public holidays, working hours in their own time zone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_MONDAY, _THURSDAY = 0, 3

# Fixed-date holidays by country: (month, day). Enough for a believable calendar, not a legal one.
_FIXED: dict[str, tuple[tuple[int, int], ...]] = {
    "BR": ((1, 1), (4, 21), (5, 1), (9, 7), (10, 12), (11, 2), (11, 15), (11, 20), (12, 25)),
    "CA": ((1, 1), (7, 1), (9, 30), (11, 11), (12, 25), (12, 26)),
    "DE": ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26)),
    "EG": ((1, 7), (1, 25), (4, 25), (5, 1), (7, 23), (10, 6)),
    "ES": ((1, 1), (1, 6), (5, 1), (8, 15), (10, 12), (11, 1), (12, 6), (12, 8), (12, 25)),
    "FR": ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)),
    "GB": ((1, 1), (12, 25), (12, 26)),
    "GH": ((1, 1), (3, 6), (5, 1), (8, 4), (9, 21), (12, 25), (12, 26)),
    "HR": ((1, 1), (5, 1), (5, 30), (8, 5), (8, 15), (11, 1), (11, 18), (12, 25), (12, 26)),
    "IE": ((1, 1), (3, 17), (12, 25), (12, 26)),
    "IN": ((1, 26), (8, 15), (10, 2), (12, 25)),
    "IS": ((1, 1), (5, 1), (6, 17), (12, 25), (12, 26)),
    "IT": ((1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26)),
    "JP": ((1, 1), (2, 11), (2, 23), (4, 29), (5, 3), (5, 5), (8, 11), (11, 3), (11, 23)),
    "MA": ((1, 1), (1, 11), (5, 1), (7, 30), (8, 14), (8, 20), (11, 6), (11, 18)),
    "MX": ((1, 1), (5, 1), (9, 16), (12, 25)),
    "NG": ((1, 1), (5, 1), (6, 12), (10, 1), (12, 25), (12, 26)),
    "NO": ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26)),
    "PL": ((1, 1), (1, 6), (5, 1), (5, 3), (8, 15), (11, 1), (11, 11), (12, 25), (12, 26)),
    "PT": ((1, 1), (4, 25), (5, 1), (6, 10), (10, 5), (11, 1), (12, 1), (12, 8), (12, 25)),
    "SE": ((1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26)),
    "UA": ((1, 1), (3, 8), (5, 1), (8, 24), (12, 25)),
    "US": ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25)),
    "VN": ((1, 1), (4, 30), (5, 1), (9, 2)),
}

# Holidays on the n-th weekday of a month: (month, weekday, n).
_FLOATING: dict[str, tuple[tuple[int, int, int], ...]] = {
    "CA": ((9, _MONDAY, 1), (10, _MONDAY, 2)),
    "GB": ((5, _MONDAY, 1),),
    "IE": ((5, _MONDAY, 1), (8, _MONDAY, 1)),
    "JP": ((1, _MONDAY, 2), (9, _MONDAY, 3), (10, _MONDAY, 2)),
    "US": ((1, _MONDAY, 3), (9, _MONDAY, 1), (11, _THURSDAY, 4)),
}


@lru_cache(maxsize=512)
def holidays(country: str, year: int) -> frozenset[date]:
    """Public holidays of a country in a year; empty for a country not listed."""
    fixed = (date(year, month, day) for month, day in _FIXED.get(country, ()))
    floating = (_nth(year, *rule) for rule in _FLOATING.get(country, ()))
    return frozenset((*fixed, *floating))


def is_workday(day: date, country: str, weekend: tuple[int, ...]) -> bool:
    """Whether offices are open; ``weekend`` lists weekdays, Monday is 0."""
    return day.weekday() not in weekend and day not in holidays(country, day.year)


def local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))


def at(day: date, hour: float, zone: str) -> datetime:
    """``hour`` o'clock (7.5 is half past seven) of a local day, as UTC."""
    midnight = datetime.combine(day, time(0), ZoneInfo(zone))
    # Wall-clock arithmetic, so that 09:00 stays 09:00 on the days the clocks change.
    return (midnight + timedelta(seconds=round(hour * 3600))).astimezone(UTC)


def days_between(first: datetime, last: datetime) -> Iterator[date]:
    """Every UTC date from ``first`` to ``last``, both included."""
    day = first.astimezone(UTC).date()
    while day <= last.astimezone(UTC).date():
        yield day
        day += timedelta(days=1)


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    offset = (weekday - first.weekday()) % 7
    return first + timedelta(days=offset + 7 * (n - 1))
