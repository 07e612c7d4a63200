"""How events are found: filters, choices for them, and pages of the log."""

from audit.browsing.choices import Choice, choices, offered
from audit.browsing.criteria import Criterion, Period
from audit.browsing.fields import FIELDS, InvalidValue
from audit.browsing.filters import Chip, EventFilterSet, Value
from audit.browsing.moments import PRESETS
from audit.browsing.pagination import (
    PAGE_SIZE,
    EventPage,
    MalformedCursor,
    newest_first,
    parse_cursor,
)
from audit.browsing.search import Limits, TookTooLong
from audit.browsing.tail import (
    Arrivals,
    FellBehind,
    MalformedPosition,
    Position,
    arrivals,
    current_position,
)

__all__ = [
    "FIELDS",
    "PAGE_SIZE",
    "PRESETS",
    "Arrivals",
    "Chip",
    "Choice",
    "Criterion",
    "EventFilterSet",
    "EventPage",
    "FellBehind",
    "InvalidValue",
    "Limits",
    "MalformedCursor",
    "MalformedPosition",
    "Period",
    "Position",
    "TookTooLong",
    "Value",
    "arrivals",
    "choices",
    "current_position",
    "newest_first",
    "offered",
    "parse_cursor",
]
