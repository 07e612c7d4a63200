"""``POST /<organisation>/api/events``: recording over HTTP."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, Literal, cast
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Query, Router, Schema

from audit.api import problems
from audit.api.authentication import Bearer, CallerRequest
from audit.api.batches import JSON_TYPE, LINES_TYPE, Item, read_batch
from audit.api.bodies import read_body
from audit.api.idempotency import HEADER, MAX_KEY, fingerprint, key_of, once
from audit.api.problems import Problem, problem_response
from audit.api.rate_limits import EVENTS, take
from audit.models import Organization, Scope
from audit.recording import FieldError, record_many
from audit.recording.limits import MAX_CALL_EVENTS

router = Router(tags=["Recording"])

OnError = Literal["others", "none"]


class RejectedField(Schema):
    """Why one event was not recorded; one that is wrong in two fields has two of these."""

    index: int = Field(
        description="The event's place in the call, from 0. Blank lines don't count."
    )
    field: str = Field(description="The field that is wrong; empty where it is the whole event.")
    reason: str = Field(description="What is wrong with it.")


class Recording(Schema):
    """What became of the events of a call."""

    recorded: int = Field(description="How many are in the log now that were not before.")
    duplicates: int = Field(description="How many were there already, or came twice in the call.")
    suppressed: int = Field(
        description="How many were right, but are of a kind that the organisation does not record"
        " (GET event-rules says which). Don't send them again."
    )
    rejected: list[RejectedField] = Field(description="What was not recorded, and why.")
    ids: list[UUID | None] = Field(
        description="The id of each event, in the order of the call; null where it was rejected or"
        " suppressed."
    )


_EVENT_REF: Final = {"$ref": "#/components/schemas/Event"}
#: What a call holds.
BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        JSON_TYPE: {
            "schema": {
                "anyOf": [
                    _EVENT_REF,
                    {
                        "type": "array",
                        "items": _EVENT_REF,
                        "minItems": 1,
                        "maxItems": MAX_CALL_EVENTS,
                    },
                ]
            }
        },
        LINES_TYPE: {
            "schema": {"type": "string", "pattern": r"\S", "description": "An Event a line."}
        },
    },
}
# What became of each event, as a problem; of a key that was used before it is only a problem.
_REJECTION: Final = {
    "anyOf": [
        {
            "allOf": [
                {"$ref": "#/components/schemas/Problem"},
                {"$ref": "#/components/schemas/Recording"},
            ]
        },
        {"$ref": "#/components/schemas/Problem"},
    ]
}
_READ_LINK: Final = {
    "operationId": "readEvent",
    "parameters": {"id": "$response.body#/ids/0"},
}
_KEY_PARAMETER: Final[dict[str, Any]] = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_KEY,
        "pattern": r"^[\x21-\x7e]+$",
    },
    "description": "Any text of your own, new for each call. Sent again within 24 hours, the call"
    " is answered as it was, with Idempotency-Replayed: true, and nothing is recorded twice.",
}


@router.post(
    "/events",
    operation_id="recordEvents",
    summary="Record events",
    auth=Bearer(Scope.EVENTS_WRITE),
    response={HTTPStatus.CREATED: Recording, HTTPStatus.MULTI_STATUS: Recording},
    openapi_extra={
        "requestBody": BODY,
        "parameters": [_KEY_PARAMETER],
        "responses": problems.described(
            {
                400: "The body or a header can't be read.",
                401: "No API key, or one that is unknown, revoked or expired.",
                403: "The key lacks the scope events:write.",
                404: "The key is for no organisation of that name.",
                409: "A call with this Idempotency-Key is under way.",
                413: "Too many events or too many bytes for one call.",
                415: "Another content type or encoding than these.",
                429: "More than the key may send; Retry-After says for how long.",
                503: "The log can't be reached just now; send the call again.",
            }
        )
        | {
            201: {"links": {"ReadEvent": _READ_LINK}},
            422: {
                "description": "No event was recorded, and rejected says why; or the"
                " Idempotency-Key was used for another call.",
                "content": {problems.MEDIA_TYPE: {"schema": _REJECTION}},
            },
        },
    },
)
def record_events(request: HttpRequest, on_error: Query[OnError] = "others") -> HttpResponse:
    """Record one event, an array of them, or one a line.

    At most 1,000 events and 5 MiB a call, gzip (Content-Encoding: gzip) or plain. When this
    answers with 201, all events are in the log and stay there, whatever crashes next, but for
    those that the organisation does not record. With 207 those in rejected are not; with
    on_error=none it is all events or none.
    """
    request = cast(CallerRequest, request)
    caller, key = request.auth, key_of(request)
    body = read_body(request)
    content_type = request.content_type or ""
    batch = read_batch(body, content_type)
    take(caller.identity, EVENTS, len(batch))

    def perform() -> HttpResponse:
        return answer(record_batch(caller.organization, batch, on_error))

    if key is None:
        return perform()
    same = fingerprint((content_type.encode(), on_error.encode(), body))
    return once(caller.identity, key, same, perform)


def record_batch(
    organization: Organization, batch: list[Item], on_error: OnError = "others"
) -> Recording:
    """Record what can be recorded, and say what became of each."""
    places = [place for place, item in enumerate(batch) if not isinstance(item, str)]
    rejected = [
        RejectedField(index=place, field="", reason=item)
        for place, item in enumerate(batch)
        if isinstance(item, str)
    ]
    ids: list[UUID | None] = [None] * len(batch)
    with transaction.atomic():
        events = (cast(Mapping[str, object], batch[place]) for place in places)
        result = record_many(organization, events, keep_ids=True)
        for rejection in result.rejected:
            rejected += _rejected(places[rejection.index], rejection.errors)
        if rejected and on_error == "none":
            transaction.set_rollback(True)
            return Recording(
                recorded=0, duplicates=0, suppressed=0, rejected=_in_order(rejected), ids=ids
            )
    for place, id in zip(places, result.ids or (), strict=True):
        ids[place] = id
    return Recording(
        recorded=result.recorded,
        duplicates=result.duplicates,
        suppressed=result.suppressed,
        rejected=_in_order(rejected),
        ids=ids,
    )


def _rejected(place: int, errors: tuple[FieldError, ...]) -> list[RejectedField]:
    return [RejectedField(index=place, field=error.field, reason=error.reason) for error in errors]


def _in_order(rejected: list[RejectedField]) -> list[RejectedField]:
    return sorted(rejected, key=lambda each: each.index)


def answer(recording: Recording) -> HttpResponse:
    """A client that looks at nothing but the status learns of a loss: 2xx is all, or says 207."""
    body = recording.model_dump(mode="json")
    if not recording.rejected:
        return JsonResponse(body, status=HTTPStatus.CREATED)
    if any(recording.ids) or recording.suppressed:
        return JsonResponse(body, status=HTTPStatus.MULTI_STATUS)
    wrong = len({each.index for each in recording.rejected})
    detail = f"No event was recorded: {wrong:,} of {len(recording.ids):,} are not valid."
    return problem_response(Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, more=body))
