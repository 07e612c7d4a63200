"""``GET /<organisation>/api/events/<id>``: one event, as exports have it, and its diff."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Any, Final, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from audit import browsing
from audit.api import problems
from audit.api.authentication import Bearer, CallerRequest
from audit.api.batches import JSON_TYPE
from audit.api.conditional import UNCHANGED, answer
from audit.api.problems import Problem
from audit.browsing.exports.formats import event_json
from audit.browsing.exports.reading import Exported
from audit.diff import JSON, MAX_DEPTH, Line, dumps
from audit.models import Event, Scope, Snapshot

router = Router(tags=["Reading"])

_ENVELOPE_DEPTH: Final = 8  # what documents are nested in, in an answer

# Lines of a diff; of documents that have more the rest is left out, and limitation says so.
_MOST_ROWS: Final = 20_000

_REFUSALS: Final = problems.described(
    {
        401: "No API key, or one that is unknown, revoked or expired.",
        403: "The key lacks the scope events:read.",
        404: "There is no event of this id, or the key is for no organisation of that name.",
        429: "More than the key may send; Retry-After says for how long.",
        503: "The log can't be reached just now.",
    }
)

_EVENT: Final = {
    200: {
        "description": "The event, with recorded_at and organization beside its own fields.",
        "content": {JSON_TYPE: {"schema": {"$ref": "#/components/schemas/Event"}}},
    }
}
_LINE: Final[dict[str, Any]] = {
    "type": ["object", "null"],
    "properties": {
        "number": {"type": "integer", "description": "From 1."},
        "text": {"type": "string"},
        "note": {"type": "string", "description": "What is said about the line, or empty."},
        "pointer": {"type": "string", "description": "Where its value stands (RFC 6901)."},
    },
}
_DIFF: Final = {
    200: {
        "description": "The rows of the diff, and the JSON Patch.",
        "content": {
            JSON_TYPE: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "summary": {
                            "type": "object",
                            "description": "How many values were added, removed, changed, moved,"
                            " and retyped, which are some of the changed ones.",
                            "additionalProperties": {"type": "integer"},
                        },
                        "limitation": {
                            "type": "string",
                            "description": "What was left out; empty if nothing was.",
                        },
                        "rows": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": {
                                    "kind": {"type": "string"},
                                    "before": _LINE,
                                    "after": _LINE,
                                },
                            },
                        },
                        "patch": {
                            "type": "array",
                            "items": {"type": "object"},
                            "description": "RFC 6902.",
                        },
                    },
                    "required": ["summary", "limitation", "rows", "patch"],
                }
            }
        },
    }
}


@router.get(
    "/events/{uuid:id}",
    operation_id="readEvent",
    summary="Read an event",
    auth=Bearer(Scope.EVENTS_READ),
    openapi_extra={"responses": _EVENT | UNCHANGED | _REFUSALS},
)
def read_event(request: HttpRequest, id: UUID) -> HttpResponse:
    """One event by its id, with its documents as they were sent."""
    event, snapshot = _found(request, id)
    exported = Exported(event, snapshot.before, snapshot.after)
    organization = cast(CallerRequest, request).auth.organization
    return answer(request, event_json(exported, organization.slug))


@router.get(
    "/events/{uuid:id}/diff",
    operation_id="readEventDiff",
    summary="Compare the documents of an event",
    auth=Bearer(Scope.EVENTS_READ),
    openapi_extra={"responses": _DIFF | UNCHANGED | _REFUSALS},
)
def read_event_diff(request: HttpRequest, id: UUID) -> HttpResponse:
    """What changed between before and after: line by line, and as a JSON Patch.

    At most 20,000 rows. An event without documents has no diff, which is 404.
    """
    event, snapshot = _found(request, id)
    compared = browsing.compare(
        event.event_type, snapshot.before, snapshot.after, most_rows=_MOST_ROWS
    )
    if compared.diff is None:
        raise Problem(HTTPStatus.NOT_FOUND, compared.problem or "There are no documents.")
    body: JSON = {
        "summary": asdict(compared.diff.summary),
        "limitation": compared.diff.limitation,
        "rows": [
            {"kind": row.kind, "before": _line(row.before), "after": _line(row.after)}
            for row in compared.diff.rows
        ],
        "patch": [*compared.diff.patch()],
    }
    return answer(request, dumps(body, max_depth=MAX_DEPTH + _ENVELOPE_DEPTH))


def _found(request: HttpRequest, id: UUID) -> tuple[Event, Snapshot]:
    """Raises Problem 404."""
    event = cast(CallerRequest, request).auth.events.filter(id=id).first()
    if event is None:
        raise Problem(HTTPStatus.NOT_FOUND, "There is no event of this id.")
    return event, Snapshot.objects.filter(pk=event.pk).first() or Snapshot()


def _line(line: Line | None) -> JSON:
    if line is None:
        return None
    return {
        "number": line.number,
        "text": line.text,
        "note": line.note,
        "pointer": line.pointer,
    }
