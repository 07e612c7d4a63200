"""Answers that are no success: RFC 9457, "Problem Details for HTTP APIs"."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpResponse, JsonResponse

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """Ends a call with this status; ``detail`` is a sentence that says what to do about it.

    ``headers`` go with the answer, ``more`` are members of it beside those of every problem.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail
        self.headers, self.more = headers or {}, more or {}


def problem_response(problem: Problem) -> HttpResponse:
    body = {"title": problem.status.phrase, "status": problem.status, "detail": problem.detail}
    return JsonResponse(
        body | dict(problem.more),
        status=problem.status,
        content_type=MEDIA_TYPE,
        headers=dict(problem.headers),
    )


#: The schemas of these answers; a rejection is a problem that tells what became of each event.
PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457.",
    "properties": {
        "title": {"type": "string", "description": "The name of the status."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, and what to do about it."},
    },
    "required": ["title", "status", "detail"],
}
_PROBLEM_REF: Final = {"$ref": "#/components/schemas/Problem"}


def described(responses: Mapping[int, str]) -> dict[int, dict[str, Any]]:
    """OpenAPI's response objects for these statuses."""
    content = {MEDIA_TYPE: {"schema": _PROBLEM_REF}}
    return {
        status: {"description": description, "content": content}
        for status, description in responses.items()
    }
