"""The two ends of a time range, as a URL writes them.

``2026-11-22T14:00:00Z`` (RFC 3339), ``2026-11-22T14:00`` and ``2026-11-22`` in the viewer's
zone, or relative to now: ``now``, ``now-15m``, ``now-24h``, ``now-7d``.
"""

import re
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

PRESETS: Final = (
    ("15 min", "now-15m"),
    ("1 h", "now-1h"),
    ("24 h", "now-24h"),
    ("7 d", "now-7d"),
    ("30 d", "now-30d"),
    ("90 d", "now-90d"),
    ("All", ""),
)

_RELATIVE = re.compile(r"now(?:-(\d{1,6})([smhdw]))?", re.ASCII)
_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}
_ABSOLUTE = re.compile(r"\d{4}-\d{2}-\d{2}(?P<time>[T ].+)?", re.ASCII)
_FORMS = "as in 2026-11-22T14:00, 2026-11-22T13:00:00Z or now-24h"


class InvalidMoment(ValueError):
    """Not a moment. The message is a sentence that names the parameter."""


def parse_moment(name: str, text: str, *, now: datetime, zone: tzinfo) -> datetime:
    """The moment in UTC. ``name`` is ``since``, or ``until`` or ``as_of``, which end a range.

    A range takes in all it may mean.

    So a day alone is its first moment or its end, and an hour that the clocks go through twice
    the first time or the second.
    """
    try:
        if relative := _RELATIVE.fullmatch(text):
            return now - _distance(relative)
        return _absolute(text, zone, is_end=name != "since").astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidMoment(f"{name} must be a time, {_FORMS}, not “{text}”.") from None


def describe_moment(name: str, text: str, at: datetime, zone: tzinfo) -> str:
    """What a chip says: “last 24 hours”, “since 22 Nov 2026, 14:00”."""
    relative, said = _RELATIVE.fullmatch(text), name.replace("_", " ")
    if relative is None:
        local = at.astimezone(zone)
        return f"{said} {local.day} {local:%b %Y, %H:%M}{_seconds(local)}"
    if relative[1] is None:
        return f"{said} now"
    unit, is_one = _UNITS[relative[2]], int(relative[1]) == 1
    if name == "since":
        return f"last {unit}" if is_one else f"last {int(relative[1]):,} {unit}s"
    return f"{said} {int(relative[1]):,} {unit}{'' if is_one else 's'} ago"


def _distance(relative: re.Match[str]) -> timedelta:
    if relative[1] is None:
        return timedelta()
    return timedelta(**{f"{_UNITS[relative[2]]}s": int(relative[1])})


def _absolute(text: str, zone: tzinfo, *, is_end: bool) -> datetime:
    written = _ABSOLUTE.fullmatch(text)
    if written is None:
        raise ValueError("not an ISO 8601 date with dashes")
    at = datetime.fromisoformat(text)
    if written["time"] is None:
        at = datetime.combine(at.date() + timedelta(days=is_end), time())
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone, fold=int(is_end))
    return at


def _seconds(at: datetime) -> str:
    if not (at.second or at.microsecond):
        return ""
    milliseconds = f".{at.microsecond // 1000:03}" if at.microsecond else ""
    return f":{at.second:02}{milliseconds}"
