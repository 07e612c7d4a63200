"""``GET /<organisation>/api/events/<id>``: one event, as exports have it."""

from http import HTTPStatus
from typing import Final, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from audit.api import problems
from audit.api.authentication import Bearer, CallerRequest
from audit.api.batches import JSON_TYPE
from audit.api.problems import Problem
from audit.browsing.exports.formats import event_json
from audit.browsing.exports.reading import Exported
from audit.models import Event, Scope, Snapshot

router = Router(tags=["Reading"])

_ANSWERS: Final = {
    200: {
        "description": "The event, with recorded_at and organization beside its own fields.",
        "content": {JSON_TYPE: {"schema": {"$ref": "#/components/schemas/Event"}}},
    }
} | problems.described(
    {
        401: "No API key, or one that is unknown, revoked or expired.",
        403: "The key lacks the scope events:read.",
        404: "There is no event of this id, or the key is for no organisation of that name.",
        429: "More than the key may send; Retry-After says for how long.",
        503: "The log can't be reached just now.",
    }
)


@router.get(
    "/events/{uuid:id}",
    operation_id="readEvent",
    summary="Read an event",
    auth=Bearer(Scope.EVENTS_READ),
    openapi_extra={"responses": _ANSWERS},
)
def read_event(request: HttpRequest, id: UUID) -> HttpResponse:
    """One event by its id, with its documents as they were sent."""
    organization = cast(CallerRequest, request).auth.organization
    event = Event.objects.in_organization(organization.pk).filter(id=id).first()
    if event is None:
        raise Problem(HTTPStatus.NOT_FOUND, "There is no event of this id.")
    snapshot = Snapshot.objects.filter(organization=organization, id=id).first() or Snapshot()
    exported = Exported(event, snapshot.before, snapshot.after)
    return HttpResponse(event_json(exported, organization.slug), content_type=JSON_TYPE)
