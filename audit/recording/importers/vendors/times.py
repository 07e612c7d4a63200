"""When something happened, as vendors write it: RFC 3339, its relatives, and numbers."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from audit.diff import JSON
from audit.event_id import EPOCH
from audit.recording.importers.item import Refused
from audit.recording.importers.vendors.facts import Facts, Path, text_of

_NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]{1,12})?")
_ZONE_WORDS = re.compile(r"\s*(UTC|GMT|\+0000 UTC)$")
_OFFSET = re.compile(r"\s+([+-][0-9]{2}:?[0-9]{2})$")
# Units of a second by size: a number of the next unit would lie before 1973 or after 5138.
_UNITS = ((10**17, 10**9), (10**14, 10**6), (10**11, 10**3), (0, 1))
_SHOWN = 60  # characters of what is no time


def take_time(facts: Facts, *paths: Path) -> datetime:
    """The first of these times, else the operator's; raises Refused, naming them, for none.

    A time without a zone is in the zone the operator names, by default UTC, in which every one
    of these vendors says that it writes.
    """
    fault = f"has no time: there is no {' or '.join(map(named, paths))}"
    for path in paths:
        if (value := facts.get(path)) is None:
            continue
        if moment := moment_of(value):
            facts.take(path)
            return moment if moment.tzinfo else moment.replace(tzinfo=facts.zone or UTC)
        shown = text_of(value)[:_SHOWN] or "an object"
        fault = f"{named(path)}: “{shown}” is no time that can be read"
        break
    if facts.fallback_time:
        return facts.fallback_time
    raise Refused(fault)


def named(path: Path) -> str:
    return path if isinstance(path, str) else ".".join(path)


def moment_of(value: JSON) -> datetime | None:
    """The time a value says; without a zone where it has none. None if it is none.

    Numbers are seconds, milliseconds, microseconds or nanoseconds since 1970, by their size.
    """
    text = text_of(value)
    if _NUMBER.fullmatch(text):
        return _since_epoch(Decimal(text))
    text = _OFFSET.sub(r"\1", _ZONE_WORDS.sub("Z", text))
    if len(text) < len("2026-11-25T10:00"):
        return None  # a day, which is no moment
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _since_epoch(number: Decimal) -> datetime | None:
    unit = next(unit for least, unit in _UNITS if number >= least)
    try:
        return EPOCH + timedelta(microseconds=int(number * 10**6 / unit))
    except OverflowError:
        return None
