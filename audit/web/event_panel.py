"""What the panel of an event shows: its words, its facts, its diff."""

from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from audit import browsing
from audit.access import OrganizationRequest
from audit.browsing import Comparison
from audit.browsing.filters import Value
from audit.browsing.highlighting import Marker
from audit.diff import Fold, Row, Summary, fold
from audit.event_types import registry
from audit.models import Event, Snapshot
from audit.web.user_agents import readable
from audit.web.zone import COOKIE, PARAMETER, zone_named

VIEW_COOKIE: Final = "diff_view"
_VIEWS: Final = ("split", "unified")

# Lines of a diff, which a browser must be able to lay out. Most documents of the greatest size
# recorded, 1 MiB, have fewer; of others the rest is left out, and the panel says so.
MOST_ROWS: Final = 60_000

# From this many rows on the browser lays out only those in sight, which is not worth the
# imprecise scroll bar of it for fewer.
_LONG: Final = 1_000

# More folds than this are not unfolded one by one; a URL cannot ask for unbounded work.
_MOST_UNFOLDED: Final = 200


def panel_context(request: OrganizationRequest, event: Event) -> dict[str, Any]:
    """What ``_panel.html`` shows of an event, under the name ``panel``. One query."""
    comparison = compare(event)
    full = "full" in request.GET
    found = comparison.diff
    rows: list[Row | Fold] = []
    key = event.id.hex[-8:]
    page = reverse("audit:event-detail", args=[request.organization.slug, event.id])
    if found:
        rows = [*found.rows] if full else fold(found.rows, opened=_unfolded(request.GET))
    return {
        "event": event,
        "label": registry.label(event.event_type),
        "title": _title(event),
        "sentence": _sentence(event),
        "actor_kind": event.get_actor_kind_display(),
        "client": readable(event.user_agent),
        "delay": _delay(event.recorded_at - event.occurred_at),
        "tags": [
            (key, value, {"tag": str(Value(f"{key}:{value}"))})
            for key, value in event.details.items()
        ],
        "comparison": comparison,
        "counts": _counts(found.summary) if found else [],
        "diff": found,
        "rows": rows,
        "is_long": len(rows) > _LONG,
        "view": _view(request),
        "key": key,
        "anchor": f"line-{key[-4:]}-",
        "has_folds": any(isinstance(row, Fold) for row in rows),
        "moments": _moments(request, event.occurred_at),
        "frozen": {PARAMETER: timezone.get_current_timezone_name()},
        "filters": _filters(event),
        "full": full,
        "page": page,
        "marker": Marker.of_text(request.GET.get("q", "")),
        "links": _links(request, event, page, full=full),
    }


def compare(event: Event, most_rows: int = MOST_ROWS) -> Comparison:
    """Read and compare the snapshots of an event. One query."""
    snapshot = Snapshot.objects.filter(pk=event.pk).first() or Snapshot()
    return browsing.compare(event.event_type, snapshot.before, snapshot.after, most_rows=most_rows)


# --- The parts of a panel -----------------------------------------------------------------------


def _title(event: Event) -> str:
    """What the event is about, "Schedule Nightly revenue"; without a resource, what it is."""
    resource = event.resource_name or event.resource_id
    if not resource:
        return registry.label(event.event_type)
    title = f"{event.resource_type.replace('_', ' ')} {resource}".strip()
    return title[:1].upper() + title[1:]


def _sentence(event: Event) -> str:
    actor = event.actor_name or event.actor_id
    resource = event.resource_name or event.resource_id
    return registry.describe(event.event_type, actor, resource, event.deployment)


def _counts(summary: Summary) -> list[tuple[str, str]]:
    """What changed in numbers, each with its CSS class."""
    retyped = f" ({summary.retyped:,} in type)" if summary.retyped else ""
    counts = (
        ("plus", summary.added, f"+{summary.added:,} added"),
        ("minus", summary.removed, f"−{summary.removed:,} removed"),
        ("", summary.changed, f"{summary.changed:,} changed{retyped}"),
        ("", summary.moved, f"{summary.moved:,} moved"),
    )
    return [(name, text) for name, count, text in counts if count]


def _delay(delay: timedelta) -> str:
    """How long after the event it was recorded: "+37 ms", "+4 days"."""
    sign = "−" if delay < timedelta() else "+"
    seconds = abs(delay).total_seconds()
    for limit, divisor, unit in _DELAYS:
        if seconds < limit:
            return f"{sign}{seconds / divisor:,.0f} {unit}"
    return f"{sign}{seconds / 86_400:,.0f} days"


_DELAYS: Final = (
    (1, 0.001, "ms"),
    (120, 1, "s"),
    (2 * 3600, 60, "min"),
    (2 * 86_400, 3600, "h"),
)


def _moments(request: OrganizationRequest, at: datetime) -> list[tuple[str, str, str]]:
    """The event's time in the viewer's zone, in that of the link, and in UTC, each once."""
    own = zone_named(request.COOKIES.get(COOKIE, "")) or timezone.get_current_timezone()
    linked = zone_named(request.GET.get(PARAMETER, "")) or own
    zones = {"UTC": "", str(linked): "Time of the link, ", str(own): "Your time, "}
    if len(zones) == 1:
        zones["UTC"] = ""
    moments = [(label + name, at.astimezone(ZoneInfo(name))) for name, label in zones.items()]
    return [(label, moment.isoformat(), _in_words(moment)) for label, moment in moments[::-1]]


def _in_words(moment: datetime) -> str:
    # Not the template's business, which would turn it into the page's zone.
    milliseconds = moment.microsecond // 1000
    return f"{moment:%a} {moment.day} {moment:%b %Y, %H:%M:%S}.{milliseconds:03}"


def _view(request: OrganizationRequest) -> str:
    view = request.GET.get("view") or request.COOKIES.get(VIEW_COOKIE)
    return view if view in _VIEWS else _VIEWS[0]


def _unfolded(query: QueryDict) -> set[int]:
    given = query.getlist("unfold")[:_MOST_UNFOLDED]
    return {int(index) for index in given if index.isascii() and index.isdigit()}


def _filters(event: Event) -> dict[str, dict[str, str]]:
    """For ``{% querystring %}``: the list of what shares one of the event's values."""
    resource = f"{event.resource_type}/{event.resource_id}" if event.resource_id else ""
    given = {
        "actor": event.actor_id,
        "impersonator": event.impersonator,
        "event_type": event.event_type,
        "resource": resource,
        "deployment": event.deployment,
        "branch_deployment": event.branch_deployment,
        "session": event.session,
        "ip": event.ip,
        "request_id": event.request_id,
    }
    return {name: {name: str(Value(text))} for name, text in given.items() if text}


def _links(request: OrganizationRequest, event: Event, page: str, *, full: bool) -> dict[str, str]:
    """Where the links in the diff lead: on the page it stands on, and by htmx.

    ``unfold`` and ``fragment`` end where the index of a fold goes.
    """
    here = request.GET.copy()
    for name in ("rows", "full"):
        here.pop(name, None)
    unfolded = f"{here.urlencode()}&" if here else ""
    here.pop("unfold", None)
    place = [request.organization.slug, event.id]
    words = {"q": request.GET["q"]} if "q" in request.GET else {}
    return {
        "folded_panel": f"{page}?{urlencode(words)}" if words else page,
        "full_panel": f"{page}?{urlencode({'full': 1, **words})}",
        "before": reverse("audit:event-before", args=place),
        "after": reverse("audit:event-after", args=place),
        "unfold": f"{request.path}?{unfolded}unfold=",
        "fragment": f"{page}?rows=",
        "everything": "" if full else f"{request.path}?{_with(here, full='1')}",
        "folded": f"{request.path}?{here.urlencode()}",
        "split": f"{request.path}?{_with(request.GET, view='split')}",
        "unified": f"{request.path}?{_with(request.GET, view='unified')}",
    }


def _with(query: QueryDict, **parameters: str) -> str:
    query = query.copy()
    for name, value in parameters.items():
        query[name] = value
    return query.urlencode()
