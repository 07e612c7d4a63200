"""The API does what its OpenAPI document says, whatever it is sent: schemathesis looks for a
request that says otherwise."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig

from audit.models import ApiKey, Event, Organization, Scope
from auditsite.wsgi import application

CONFIG = Path(__file__).with_name("schemathesis.toml")

# Of a year that is in reach, or hardly an event would get as far as the log.
schemathesis.openapi.format(
    "date-time",
    st.datetimes(datetime(1970, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
        datetime.isoformat
    ),
)


@schemathesis.serializer("application/x-ndjson")
def as_lines(_: Any, value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


schema = schemathesis.openapi.from_wsgi(
    "/acme/api/openapi.json",
    application,
    config=SchemathesisConfig.from_path(CONFIG),
    headers={"Host": "testserver"},
)


@pytest.fixture(autouse=True)
def unlimited(settings: Any) -> Iterator[None]:
    settings.AUDIT_API_CALLS_PER_MINUTE = settings.AUDIT_API_EVENTS_PER_MINUTE = 10**9
    # As Django's own test client does: the connection holds the test's transaction.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_no_request_finds_a_fault(case: Any, organization: Organization) -> None:
    _, key = ApiKey.objects.issue(organization, name="schemathesis", scopes=Scope.values)
    case.call_and_validate(headers={"Authorization": f"Bearer {key}", "Host": "testserver"})


def test_the_document_says_how_to_record(organization: Organization, post: Any) -> None:
    """So that the test above can be trusted to have recorded something."""
    example = schema.raw_schema["components"]["schemas"]["Event"]["examples"][0]
    assert post(example).status_code == 201
    assert Event.objects.exists()
