"""The histogram as it is drawn: bars in percent of its width, times in words, links to zoom."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.utils import timezone

from audit.browsing import Bar, EventFilterSet, Histogram, Width
from audit.web.refinement import Refinement

HEIGHT: Final = 64  # pixels that the highest bar takes
_LEAST: Final = 3  # pixels; else a few deletions among many events would not be seen
_MOST_TICKS: Final = 7
_LAST_TICK: Final = 93  # percent; further right a label has no room
_MICROSECOND: Final = timedelta(microseconds=1)

# What begins at a time that is round in this sense gets a label; the first that is rare enough.
_ROUND: Final[tuple[Callable[[datetime], bool], ...]] = (
    lambda at: at.second == 0,
    lambda at: at.second == 0 and at.minute % 5 == 0,
    lambda at: at.second == 0 and at.minute % 15 == 0,
    lambda at: at.second == at.minute == 0,
    lambda at: at.second == at.minute == at.hour % 3 == 0,
    lambda at: at.second == at.minute == at.hour % 6 == 0,
    lambda at: at.second == at.minute == at.hour == 0,
    lambda at: at.hour == at.weekday() == 0,
    lambda at: at.day == 1,
    lambda at: at.day == at.month == 1,
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar; ``y`` is its upper edge."""

    kind: str  # failed, deleted or others
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """``x`` and ``width`` are in percent."""

    name: str
    href: str
    since: str
    until: str
    x: str
    width: str
    segments: list[Segment]


@dataclass(frozen=True, slots=True)
class Chart:
    """``ticks`` are places in percent and their labels."""

    bars: list[DrawnBar]
    ticks: list[tuple[str, str]]
    period: str
    width: str
    sampled: int | None
    deleted: int
    failed: int
    busiest: str
    earlier: str
    later: str


def chart(histogram: Histogram, filters: EventFilterSet, refinement: Refinement) -> Chart:
    bars, names = histogram.bars, _Names(histogram)
    earlier, later = _steps(histogram, filters, refinement)
    busiest = max(bars, key=lambda bar: bar.count)
    return Chart(
        bars=list(_drawn(histogram, filters, refinement, names)),
        ticks=list(_ticks(histogram)),
        period=names.period(),
        width=str(histogram.width),
        sampled=histogram.sampled,
        deleted=sum(bar.deleted for bar in bars),
        failed=sum(bar.failed for bar in bars),
        busiest=names.of(busiest) if busiest.count else "",
        earlier=earlier,
        later=later,
    )


def _drawn(
    histogram: Histogram, filters: EventFilterSet, refinement: Refinement, names: "_Names"
) -> Iterator[DrawnBar]:
    highest = max(bar.count for bar in histogram.bars)
    step = 100 / len(histogram.bars)
    for place, bar in enumerate(histogram.bars):
        since = _in_address(max(bar.since, filters.since or bar.since))
        until = _in_address(min(bar.until, filters.until or bar.until))
        yield DrawnBar(
            name=names.of(bar),
            href=refinement.setting(since=since, until=until),
            since=since,
            until=until,
            x=f"{place * step:.3f}",
            width=f"{step:.3f}",
            segments=list(_segments(bar, highest)),
        )


def _segments(bar: Bar, highest: int) -> Iterator[Segment]:
    """From the ground up: what failed, what was deleted, the rest."""
    ground = HEIGHT
    rest = bar.count - bar.deleted - bar.failed
    for kind, count in (("failed", bar.failed), ("deleted", bar.deleted), ("others", rest)):
        if count > 0:
            height = min(max(round(HEIGHT * count / highest), _LEAST), ground)
            ground -= height
            yield Segment(kind, ground, height)


def _ticks(histogram: Histogram) -> Iterator[tuple[str, str]]:
    starts = [timezone.localtime(bar.since) for bar in histogram.bars]
    for place in _labelled(starts):
        x = 100 * place / len(starts)
        if x <= _LAST_TICK:
            yield f"{x:.3f}", _label(starts[place], histogram.width)


def _labelled(starts: list[datetime]) -> list[int]:
    """The places of bars that begin at the finest round times of which there are few enough."""
    round_ones = [[n for n, at in enumerate(starts) if is_round(at)] for is_round in _ROUND]
    many = [places for places in round_ones if len(places) > 1]
    few = [places for places in many if len(places) <= _MOST_TICKS]
    places = next(iter(few), many[-1] if many else list(range(len(starts))))
    return places[:: -(-len(places) // _MOST_TICKS)]


def _label(at: datetime, width: Width) -> str:
    if width.unit == "month":
        return f"{at:%b %Y}" if width.count < 12 else f"{at:%Y}"
    if width.unit == "day":
        return f"{at.day} {at:%b %Y}" if width.count > 2 else f"{at.day} {at:%b}"
    if at.hour == at.minute == at.second == 0:
        return f"{at.day} {at:%b}"
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


@dataclass(frozen=True, slots=True)
class _Names:
    histogram: Histogram

    def of(self, bar: Bar) -> str:
        """``12 events, 3 deletions, 1 failed or denied, 17 Nov, 14:00 – 15:00``."""
        about = "" if self.histogram.is_exact else "about "
        parts = [f"{about}{bar.count:,} event{'' if bar.count == 1 else 's'}"]
        if bar.deleted:
            parts.append(f"{bar.deleted:,} deletion{'' if bar.deleted == 1 else 's'}")
        if bar.failed:
            parts.append(f"{bar.failed:,} failed or denied")
        return ", ".join([*parts, self._stretch(bar.since, bar.until)])

    def period(self) -> str:
        return self._stretch(self.histogram.since, self.histogram.until, is_range=True)

    def _stretch(self, since: datetime, until: datetime, *, is_range: bool = False) -> str:
        start, end = timezone.localtime(since), timezone.localtime(until)
        if self.histogram.width.unit in ("day", "month"):
            first, last = _day(start), _day(timezone.localtime(until - _MICROSECOND))
            return first if first == last else f"{first} – {last}"
        seconds = ":%S" if self.histogram.width.unit == "second" else ""
        of_end = f"{end:%H:%M{seconds}}"
        if is_range and start.date() != end.date():
            of_end = f"{_day(end)}, {of_end}"
        return f"{_day(start)}, {start:%H:%M{seconds}} – {of_end}"


def _day(at: datetime) -> str:
    is_this_year = at.year == timezone.localdate().year
    return f"{at.day} {at:%b}" if is_this_year else f"{at.day} {at:%b %Y}"


def _steps(
    histogram: Histogram, filters: EventFilterSet, refinement: Refinement
) -> tuple[str, str]:
    """The ranges of the same length before and after the one that is asked for."""
    if not (filters.since or filters.until) or any(filters.query.times):
        return "", ""

    def at(since: datetime, until: datetime) -> str:
        return refinement.setting(since=_in_address(since), until=_in_address(until))

    since, until = histogram.since, histogram.until
    length = until - since
    later = at(until, until + length) if until < timezone.now() - _MICROSECOND else ""
    return at(since - length, since), later


def _in_address(at: datetime) -> str:
    """RFC 3339, in UTC: ``2026-11-22T13:00:00Z``."""
    told = at.astimezone(UTC).replace(tzinfo=None)
    return f"{told.isoformat(timespec='milliseconds' if told.microsecond else 'seconds')}Z"
