"""Log lines say what happened and where, not to whom."""

import logging

import pytest
from django.test import RequestFactory
from django.urls import resolve

from auditsite.logs import RouteOnly

PATH = "/acme/events/0199d5a0-0000-7000-8000-000000000000/"


@pytest.mark.parametrize(
    ("resolved", "line"),
    [
        (True, "Not Found GET on /<slug:organization>/events/<uuid:id>/"),
        (False, "Not Found GET on an unknown path"),
    ],
)
def test_a_request_is_logged_by_its_route(resolved: bool, line: str) -> None:
    request = RequestFactory().get(PATH, {"actor": "ada@acme.example"})
    request.resolver_match = resolve(PATH) if resolved else None
    record = logging.makeLogRecord(
        {"msg": "%s: %s", "args": ("Not Found", PATH), "request": request}
    )
    assert RouteOnly().filter(record)
    assert record.getMessage() == line


def test_other_lines_stay_as_they_are() -> None:
    record = logging.makeLogRecord({"msg": "Started: %s", "args": ("now",)})
    assert RouteOnly().filter(record)
    assert record.getMessage() == "Started: now"
