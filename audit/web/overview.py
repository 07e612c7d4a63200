"""Counts over the log, which the list of events loads once it is there."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from audit import browsing
from audit.access import OrganizationRequest, organization_admin_required
from audit.browsing import EventFilterSet, Overview
from audit.models import Event
from audit.web.chart import chart
from audit.web.htmx import page_or_fragment
from audit.web.rail import rail
from audit.web.refinement import Refinement
from audit.web.suggestions import CountedSuggestions

_NOTHING = Overview(browsing.Count(0, is_exact=False))


@require_safe
@organization_admin_required
def event_overview(request: OrganizationRequest) -> HttpResponse:
    """What the address asks for in numbers: a page, or the parts that the list is missing."""
    refinement = Refinement(request.GET)
    filters = EventFilterSet(
        request.GET, queryset=Event.objects.visible_to(request.membership), request=request
    )
    events, zone = filters.qs, timezone.get_current_timezone()
    timeline = browsing.timeline(events, now=timezone.now(), zone=zone)
    counted = browsing.overview(events, asked=filters.facet_values, timeline=timeline)
    histogram = browsing.histogram(events, timeline, counted=counted)
    suggested = CountedSuggestions(counted or _NOTHING, browsing.offered(request.organization))
    context = {
        "refinement": refinement,
        "errors": [error for of_field in filters.errors.values() for error in of_field],
        "overview": counted,
        "chart": chart(histogram, filters, refinement) if histogram else None,
        "rail": rail(suggested, filters, refinement),
    }
    status = 400 if context["errors"] else 200
    return page_or_fragment(request, "audit/events/overview.html", "counts", context, status=status)
