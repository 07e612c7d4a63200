"""The address of the very rows a page shows, however the log goes on.

It asks for the log as of the moment of the page (``as_of``: nothing recorded later, whatever its
own time), with the time range as moments, in the zone, at the place and with the columns of the
page.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connections
from django.http import QueryDict
from django.utils import timezone

from audit.access import OrganizationRequest
from audit.browsing import EventFilterSet, EventPage
from audit.browsing.grammar import Query, TimeTerm
from audit.models import Event, time_of
from audit.web import columns
from audit.web.columns import Column
from audit.web.refinement import Refinement
from audit.web.zone import PARAMETER

_MILLISECOND: Final = timedelta(milliseconds=1)


def clock(using: str) -> datetime:
    """Now, by the clock that says when an event was recorded. One query."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at: datetime = cursor.fetchone()[0]
        return at


def frozen(
    request: OrganizationRequest,
    filters: EventFilterSet,
    page: EventPage,
    shown: Sequence[Column],
    at: datetime,
) -> str:
    """The query of the address; ``at`` is the moment just before the page was read.

    What is being recorded in that very moment may be in it or not. An address that is too long
    for a server is not made: then it is empty.
    """
    as_of = filters.as_of or max([at, *(event.recorded_at for event in page.events)])
    since, until = filters.period.since, filters.period.until
    query = QueryDict(mutable=True)
    query.update(request.GET)
    query["q"] = str(Query(tuple(t for t in filters.query.terms if not isinstance(t, TimeTerm))))
    query["since"] = _written(since) if since else ""
    query["until"] = _written(_earlier(until, _end(page.events, as_of)))
    query["as_of"] = _written(as_of)
    query[PARAMETER] = timezone.get_current_timezone_name()
    query[columns.PARAMETER] = columns.write(shown)
    for name in ("view", "live"):
        query.pop(name, None)
    return Refinement(query).here


def _earlier(until: datetime | None, end: datetime) -> datetime:
    return min(until, end) if until else end


def _end(events: Sequence[Event], as_of: datetime) -> datetime:
    """Without it, all that happens from now on would stand in the way of the search.

    A sender's clock may be ahead, so the first of the rows may have occurred after ``as_of``.
    """
    return max([as_of, *(time_of(event.id) + _MILLISECOND for event in events[:1])])


def _written(at: datetime) -> str:
    """RFC 3339, in UTC, to the microsecond."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
