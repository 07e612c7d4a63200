"""The API as a whole: its operations, its errors and its description."""

import logging
from http import HTTPStatus
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from audit.api import (
    browser_events,
    browser_tokens,
    counting,
    event_rules,
    events,
    ingest,
    reading,
)
from audit.api.event_schema import EVENT
from audit.api.problems import PROBLEM, Problem, problem_response

_log = logging.getLogger(__name__)

_RETRY_AFTER_S = 5


class AuditAPI(NinjaAPI):
    def get_openapi_schema(self, **given: Any) -> OpenAPISchema:
        """The document, with the schemas that no operation's signature brings along."""
        schema = super().get_openapi_schema(**given)
        schema["components"]["schemas"] |= {"Event": EVENT, "Problem": PROBLEM}
        return schema


api = AuditAPI(
    title="Auditsite",
    version="1",
    description="Record what happened in an organisation's audit log, and read it.",
    urls_namespace="api",
    openapi_url="openapi.json",
    docs_url=None,  # a page of our own: ninja's need scripts that our policy refuses
)
api.add_router("", ingest.router)
api.add_router("", events.router)
api.add_router("", reading.router)
api.add_router("", counting.router)
api.add_router("", browser_tokens.router)
api.add_router("", browser_events.router)
api.add_router("", event_rules.router)


@api.exception_handler(Problem)
def answer_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem_response(problem)


@api.exception_handler(ValidationError)
def answer_wrong_parameter(request: HttpRequest, error: ValidationError) -> HttpResponse:
    wrong = "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in error.errors)
    return problem_response(Problem(HTTPStatus.BAD_REQUEST, f"A parameter is wrong: {wrong}."))


@api.exception_handler(HttpError)
def answer_unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    detail = f"The call can't be read: {error}."
    return problem_response(Problem(HTTPStatus(error.status_code), detail))


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
def answer_without_database(
    request: HttpRequest, error: OperationalError | InterfaceError
) -> HttpResponse:
    _log.error("A call could not reach the database: %s", error)
    return problem_response(
        Problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "The log can't be reached just now; send the call again, with the same"
            " Idempotency-Key or the same ids.",
            headers={"Retry-After": str(_RETRY_AFTER_S)},
        )
    )
