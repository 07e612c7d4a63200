"""A range of time cut into about 60 stretches that begin at round times of the viewer's zone.

Up to an hour they are equally long, and begin so many of them after midnight. Longer ones follow
the clock on the wall: where it is changed, six hours may last five or seven, and a day 23 or 25.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import count, pairwise
from typing import Final, Literal

# So that a month has its days and half a day its 10 minutes; fewer than 30 there are only where
# a range has no more seconds.
MOST_BUCKETS: Final = 72

type Unit = Literal["second", "minute", "hour", "day", "month"]

_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "month": 2_629_746}
_ROUND: Final[dict[Unit, tuple[int, ...]]] = {
    "second": (1, 2, 5, 10, 15, 30),
    "minute": (1, 2, 5, 10, 15, 30),
    "hour": (1, 2, 3, 6, 12),
    "day": (1, 2, 7, 14),
    "month": (1, 3, 12, 120),
}


@dataclass(frozen=True, slots=True)
class Width:
    """How long each stretch is: ``6 hours``."""

    count: int
    unit: Unit

    @property
    def seconds(self) -> int:
        """On average."""
        return self.count * _SECONDS[self.unit]

    def __str__(self) -> str:
        if (self.count, self.unit) in _NAMES:
            return _NAMES[self.count, self.unit]
        return f"{self.count} {self.unit}s" if self.count > 1 else f"1 {self.unit}"


_NAMES: Final[dict[tuple[int, Unit], str]] = {
    (7, "day"): "1 week",
    (14, "day"): "2 weeks",
    (12, "month"): "1 year",
    (120, "month"): "10 years",
}
_WIDTHS: Final = [Width(n, unit) for unit, counts in _ROUND.items() for n in counts]


@dataclass(frozen=True, slots=True)
class Buckets:
    """``bounds`` are one more than there are buckets: each ends where the next begins."""

    width: Width
    bounds: tuple[datetime, ...]

    def __iter__(self) -> Iterator[tuple[datetime, datetime]]:
        return pairwise(self.bounds)


def buckets(since: datetime, until: datetime, zone: tzinfo) -> Buckets:
    """The stretches that hold everything from ``since`` up to, not including, ``until``."""
    length = max(until - since, timedelta(seconds=1)).total_seconds()
    # One more is needed where the range does not begin at a round time.
    fitting = (w for w in _WIDTHS if length / w.seconds <= MOST_BUCKETS - 1)
    width = next(fitting, _WIDTHS[-1])
    return Buckets(width, tuple(_bounds(width, since, until, zone)))


def _bounds(width: Width, since: datetime, until: datetime, zone: tzinfo) -> Iterator[datetime]:
    """Ascending, from the last one not after ``since`` to the first not before ``until``."""
    last: datetime | None = None
    for at in _moments(width, since, zone):
        if last is not None and since < at > last:
            yield last
            if last >= until:
                return
        last = at


def _moments(width: Width, since: datetime, zone: tzinfo) -> Iterator[datetime]:
    """Round times from a little before ``since``; where the clock is changed, one may be twice."""
    day = since.astimezone(zone).date()
    if width.unit == "month":
        yield from _months(width.count, day, zone)
    elif width.unit == "day":
        first = day - timedelta(days=(day.toordinal() - 1) % width.count)  # a Monday, of weeks
        yield from (_at(first + timedelta(days=n), zone) for n in count(0, width.count))
    elif width.unit == "hour" and width.count > 1:
        for n in count():
            hours = range(0, 24, width.count)
            yield from (_at(day + timedelta(days=n), zone, hour) for hour in hours)
    else:
        yield from _steps(timedelta(seconds=width.seconds), since, day, zone)


def _steps(step: timedelta, since: datetime, day: date, zone: tzinfo) -> Iterator[datetime]:
    at = _at(day, zone)
    at += max((since - at) // step, 0) * step
    for n in count(1):
        midnight = _at(day + timedelta(days=n), zone)
        while at < midnight:
            yield at
            at += step
        at = midnight


def _months(length: int, day: date, zone: tzinfo) -> Iterator[datetime]:
    months = day.year * 12 + day.month - 1
    for n in count(months - months % length, length):
        yield _at(date(n // 12, n % 12 + 1, 1), zone)


def _at(day: date, zone: tzinfo, hour: int = 0) -> datetime:
    return datetime.combine(day, time(hour), zone).astimezone(UTC)
