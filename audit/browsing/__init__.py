"""How events are found: filters, choices for them, pages of the log, and counts over it."""

from audit.browsing.buckets import Width
from audit.browsing.choices import Choice, choices, offered
from audit.browsing.comparing import Comparison, compare
from audit.browsing.criteria import Criterion, Period
from audit.browsing.documents import Documents, TooManyDocuments
from audit.browsing.fields import FIELDS, InvalidValue
from audit.browsing.filters import Chip, EventFilterSet, Value
from audit.browsing.histogram import Bar, Histogram, histogram
from audit.browsing.moments import PRESETS
from audit.browsing.overview import Count, FacetCounts, Overview, overview
from audit.browsing.pagination import (
    PAGE_SIZE,
    EventPage,
    MalformedCursor,
    newest_first,
    next_older,
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
from audit.browsing.timeline import Timeline, timeline

__all__ = [
    "FIELDS",
    "PAGE_SIZE",
    "PRESETS",
    "Arrivals",
    "Bar",
    "Chip",
    "Choice",
    "Comparison",
    "Count",
    "Criterion",
    "Documents",
    "EventFilterSet",
    "EventPage",
    "FacetCounts",
    "FellBehind",
    "Histogram",
    "InvalidValue",
    "Limits",
    "MalformedCursor",
    "MalformedPosition",
    "Overview",
    "Period",
    "Position",
    "Timeline",
    "TooManyDocuments",
    "TookTooLong",
    "Value",
    "Width",
    "arrivals",
    "choices",
    "compare",
    "current_position",
    "histogram",
    "newest_first",
    "next_older",
    "offered",
    "overview",
    "parse_cursor",
    "timeline",
]
