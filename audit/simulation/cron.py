"""Cron expressions, as far as a scheduler's demo needs them: five fields, local time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAYS_AHEAD = 400  # a yearly expression fires within it; beyond, the expression never fires


@dataclass(frozen=True, slots=True)
class Cron:
    """Minute, hour, day of month, month and day of week (0 or 7 is Sunday), as sets."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]

    def next_after(self, moment: datetime, zone: str) -> datetime | None:
        """The first time it fires after ``moment``, as UTC; None if it never does."""
        day = moment.astimezone(ZoneInfo(zone)).date()
        for offset in range(_DAYS_AHEAD):
            for fires_at in self._times_on(day + timedelta(days=offset), zone):
                if fires_at > moment:
                    return fires_at
        return None

    def runs_per_week(self) -> float:
        """How often it fires in an average week."""
        per_day = len(self.minutes) * len(self.hours)
        return per_day * len(self.weekdays) * (len(self.days) / 31) * (len(self.months) / 12)

    def _times_on(self, day: date, zone: str) -> list[datetime]:
        if day.month not in self.months or day.day not in self.days:
            return []
        if day.isoweekday() % 7 not in self.weekdays:
            return []
        return _local_times(day, self.hours, self.minutes, zone)


@lru_cache(maxsize=256)
def cron(expression: str) -> Cron:
    """Parse ``expression``; raises ``ValueError`` unless it has five valid fields."""
    fields = expression.split()
    if len(fields) != 5:
        raise ValueError(f"A cron expression has five fields, {expression!r} has {len(fields)}.")
    minute, hour, day, month, weekday = fields
    return Cron(
        minutes=_numbers(minute, 0, 59),
        hours=_numbers(hour, 0, 23),
        days=_numbers(day, 1, 31),
        months=_numbers(month, 1, 12),
        weekdays=tuple(sorted({number % 7 for number in _numbers(weekday, 0, 7)})),
    )


def _local_times(
    day: date, hours: tuple[int, ...], minutes: tuple[int, ...], zone: str
) -> list[datetime]:
    tzinfo = ZoneInfo(zone)
    return [
        datetime.combine(day, time(hour, minute), tzinfo).astimezone(UTC)
        for hour in hours
        for minute in minutes
    ]


def _numbers(field: str, lowest: int, highest: int) -> tuple[int, ...]:
    chosen: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, last = _span(span, lowest, highest)
        if not lowest <= first <= last <= highest:
            raise ValueError(f"{part!r} is not within {lowest}-{highest}.")
        chosen.update(range(first, last + 1, int(step or 1)))
    return tuple(sorted(chosen))


def _span(span: str, lowest: int, highest: int) -> tuple[int, int]:
    if span == "*":
        return lowest, highest
    first, _, last = span.partition("-")
    return int(first), int(last or first)
