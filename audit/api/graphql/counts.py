"""Counts over a search: how many events, which values, when."""

from datetime import datetime

import strawberry
from django.utils import timezone

from audit import browsing
from audit.api.searching import Search
from audit.browsing.overview import FacetCounts
from audit.event_types import registry


@strawberry.type(description="How many events match; if not exact, at least so many.")
class Count:
    count: int
    is_exact: bool


@strawberry.type
class FacetValue:
    value: str
    label: str
    count: int


@strawberry.type(description="The most frequent values of one field.")
class Facet:
    field: str = strawberry.field(description="actor, event_type, …; of details, details.<key>.")
    values: list[FacetValue]
    other_values: int = strawberry.field(description="How many values are not listed.")
    other_events: int = strawberry.field(description="How many events have one of those.")


@strawberry.type(description="The values of the newest matches.")
class Facets:
    total: Count
    counted: int = strawberry.field(description="The newest so many were counted.")
    is_complete: bool = strawberry.field(description="Whether those are all matches.")
    facets: list[Facet]


@strawberry.type(description="Events from since up to, not including, until.")
class Bar:
    since: datetime
    until: datetime
    count: int
    deleted: int
    failed: int = strawberry.field(description="Those that failed or were denied.")


@strawberry.type(description="Matches over time.")
class Histogram:
    since: datetime
    until: datetime
    width: str = strawberry.field(description="How long a bar is, as in “6 hours”.")
    is_exact: bool = strawberry.field(description="Else the bars are estimated from a sample.")
    bars: list[Bar]


def facets(search: Search) -> Facets | None:
    """None where counting took too long. Raises InvalidSearch."""
    filters = search.filters()
    found = browsing.overview(filters.qs, asked=filters.facet_values)
    if found is None:
        return None
    return Facets(
        total=Count(count=found.total.count, is_exact=found.total.is_exact),
        counted=found.counted,
        is_complete=found.has_all,
        facets=[_facet(field, counts) for field, counts in found.facets.items()],
    )


def _facet(field: str, counts: FacetCounts) -> Facet:
    label = registry.label if field == "event_type" else str
    return Facet(
        field=field,
        values=[
            FacetValue(value=each.value, label=each.label or label(each.value), count=each.count)
            for each in counts.values
        ],
        other_values=counts.other_values,
        other_events=counts.other_events,
    )


def histogram(search: Search) -> Histogram | None:
    """None where there is nothing in the range, or it took too long. Raises InvalidSearch."""
    events, zone = search.filters().qs, timezone.get_current_timezone()
    found = browsing.histogram(events, browsing.timeline(events, now=timezone.now(), zone=zone))
    if found is None:
        return None
    return Histogram(
        since=found.since,
        until=found.until,
        width=str(found.width),
        is_exact=found.is_exact,
        bars=[
            Bar(
                since=bar.since,
                until=bar.until,
                count=bar.count,
                deleted=bar.deleted,
                failed=bar.failed,
            )
            for bar in found.bars
        ],
    )
