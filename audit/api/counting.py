"""Counts over a search, and the catalogue of event types."""

from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any, Final, cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from audit import browsing
from audit.api.authentication import Bearer, CallerRequest
from audit.api.batches import JSON_TYPE
from audit.api.conditional import answer
from audit.api.problems import Problem
from audit.api.reading import REFUSALS
from audit.api.search_parameters import FILTERING, as_problem, search_of
from audit.api.searching import InvalidSearch
from audit.browsing import EventFilterSet
from audit.browsing.exports.formats import moment
from audit.browsing.overview import FacetCounts
from audit.diff import JSON, dumps
from audit.event_types import EventType, registry
from audit.models import Scope

router = Router(tags=["Reading"])

_INTEGER: Final = {"type": "integer"}
_TEXT: Final = {"type": "string"}
_FLAG: Final = {"type": "boolean"}


def _object(**properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _array(**properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": _object(**properties)}


def _answers(description: str, schema: Mapping[str, Any]) -> dict[int, Any]:
    content = {JSON_TYPE: {"schema": schema}}
    return {200: {"description": description, "content": content}} | REFUSALS


_FACET: Final = _object(
    values=_array(value=_TEXT, label=_TEXT, count=_INTEGER),
    other_values=_INTEGER,
    other_events=_INTEGER,
)
_FACETS: Final = _object(
    total=_object(count=_INTEGER, is_exact=_FLAG),
    counted=_INTEGER,
    is_complete=_FLAG,
    facets={"type": "object", "additionalProperties": _FACET},
)
_MOMENT: Final = {"type": ["string", "null"], "format": "date-time"}
_HISTOGRAM: Final = _object(
    since=_MOMENT,
    until=_MOMENT,
    width={"type": ["string", "null"]},
    is_exact=_FLAG,
    bars=_array(since=_MOMENT, until=_MOMENT, count=_INTEGER, deleted=_INTEGER, failed=_INTEGER),
)
_TYPES: Final = _object(
    event_types=_array(
        slug=_TEXT,
        label=_TEXT,
        description=_TEXT,
        category=_TEXT,
        origin=_TEXT,
        alias=_TEXT,
        resource_type=_TEXT,
        change=_TEXT,
        details=_array(name=_TEXT, description=_TEXT),
    )
)


@router.get(
    "/facets",
    operation_id="readFacets",
    summary="Count matches and their values",
    auth=Bearer(Scope.EVENTS_READ),
    openapi_extra={
        "parameters": FILTERING,
        "responses": _answers("The total, and the values of the newest matches.", _FACETS),
    },
)
def read_facets(request: HttpRequest) -> HttpResponse:
    """How many events a search finds, and the most frequent values of each field.

    Counts are of the newest so many as counted says; is_complete says whether those are all.
    """
    filters = _filters(request)
    found = browsing.overview(filters.qs, asked=filters.facet_values)
    if found is None:
        raise Problem(HTTPStatus.BAD_REQUEST, "Counting took too long. Narrow the range.")
    body: JSON = {
        "total": {"count": found.total.count, "is_exact": found.total.is_exact},
        "counted": found.counted,
        "is_complete": found.has_all,
        "facets": {field: _facet(field, counts) for field, counts in found.facets.items()},
    }
    return answer(request, dumps(body))


@router.get(
    "/histogram",
    operation_id="readHistogram",
    summary="Count matches over time",
    auth=Bearer(Scope.EVENTS_READ),
    openapi_extra={
        "parameters": FILTERING,
        "responses": _answers("About 60 bars; none where there is nothing.", _HISTOGRAM),
    },
)
def read_histogram(request: HttpRequest) -> HttpResponse:
    """How many events a search finds over time; estimated from a sample where not is_exact."""
    events, zone = _filters(request).qs, timezone.get_current_timezone()
    found = browsing.histogram(events, browsing.timeline(events, now=timezone.now(), zone=zone))
    bars: list[JSON] = [
        {
            "since": moment(bar.since),
            "until": moment(bar.until),
            "count": bar.count,
            "deleted": bar.deleted,
            "failed": bar.failed,
        }
        for bar in (found.bars if found else ())
    ]
    body: JSON = {
        "since": moment(found.since) if found else None,
        "until": moment(found.until) if found else None,
        "width": str(found.width) if found else None,
        "is_exact": found.is_exact if found else True,
        "bars": bars,
    }
    return answer(request, dumps(body))


@router.get(
    "/event-types",
    operation_id="listEventTypes",
    summary="List event types",
    auth=Bearer(Scope.EVENTS_READ),
    openapi_extra={"responses": _answers("The catalogue.", _TYPES)},
)
def list_event_types(request: HttpRequest) -> HttpResponse:
    """All event types of the catalogue. An event may be of another one, if it is allowed to."""
    types: list[JSON] = [_event_type(each) for each in registry]
    return answer(request, dumps({"event_types": types}))


def _filters(request: HttpRequest) -> EventFilterSet:
    try:
        return search_of(request, cast(CallerRequest, request).auth).filters()
    except InvalidSearch as error:
        raise as_problem(error) from None


def _facet(field: str, counts: FacetCounts) -> JSON:
    label = registry.label if field == "event_type" else str
    return {
        "values": [
            {"value": each.value, "label": each.label or label(each.value), "count": each.count}
            for each in counts.values
        ],
        "other_values": counts.other_values,
        "other_events": counts.other_events,
    }


def _event_type(declared: EventType) -> JSON:
    return {
        "slug": declared.slug,
        "label": declared.label,
        "description": declared.description,
        "category": declared.category,
        "origin": declared.origin,
        "alias": declared.alias,
        "resource_type": declared.resource_type,
        "change": declared.change,
        "details": [asdict(key) for key in declared.details],
    }
