"""Times in a query: which words are one, and which moments they mean."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo

from audit.browsing.moments import InvalidMoment, parse_moment

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME_OF_DAY = re.compile(r"\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?", re.ASCII)
_ZONE = re.compile(r"(?:Z|[+-]\d{2}:\d{2})$", re.ASCII)
# Whether words are a time depends neither on now nor, but for the first and last day of the
# calendar, on the zone.
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)

#: Since and until, in UTC; None is unbounded.
type Period = tuple[datetime | None, datetime | None]


def is_day(text: str) -> bool:
    return _DAY.fullmatch(text) is not None


def check_range(since: str, until: str) -> None:
    """Raises InvalidMoment, with a sentence. Either may be empty."""
    resolve(since, until, now=_ANY_TIME, zone=UTC)


def split_range(text: str) -> tuple[str, str]:
    """The ends of ``a..b``, of which one may be missing; a day alone is both.

    An end that is only a time of day is on the day of the beginning, in its zone. Raises
    InvalidMoment.
    """
    since, dots, until = text.partition("..")
    if not dots and is_day(text):
        return text, text
    if not dots or not (since or until):
        raise InvalidMoment(
            f"time must be a day or a range, as in 2026-11-22T14:00..16:00, not “{text}”."
        )
    if _TIME_OF_DAY.fullmatch(until) and (day := _DAY.match(since)):
        zone = "" if is_day(since) else _zone(since)
        return since, f"{day[0]}T{until}{zone}"
    return since, until


def resolve(since: str, until: str, *, now: datetime, zone: tzinfo) -> Period:
    """The two moments, in UTC; None is unbounded. Raises InvalidMoment."""
    return (
        parse_moment("since", since, now=now, zone=zone) if since else None,
        parse_moment("until", until, now=now, zone=zone) if until else None,
    )


def intersection(periods: Iterable[Period]) -> Period:
    pairs = list(periods)
    return (
        max((since for since, _ in pairs if since), default=None),
        min((until for _, until in pairs if until), default=None),
    )


def _zone(moment: str) -> str:
    found = _ZONE.search(moment, len("2026-11-22T"))
    return found[0] if found else ""
