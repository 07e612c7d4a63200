import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from audit.models import ApiKey, Organization, Scope

EVENTS = "/acme/api/events"


@pytest.fixture
def key(organization: Organization) -> str:
    """The text of a key that may record."""
    return ApiKey.objects.issue(organization, name="tests", scopes=[Scope.EVENTS_WRITE])[1]


@pytest.fixture
def reader(organization: Organization) -> str:
    """The text of a key that may read."""
    return ApiKey.objects.issue(organization, name="reader", scopes=[Scope.EVENTS_READ])[1]


@pytest.fixture
def post(key: str) -> Callable[..., Any]:
    """``post(body, Header_Name=…)``: record over HTTP; what is no bytes is sent as JSON."""

    def post(
        body: object,
        *,
        path: str = EVENTS,
        content_type: str = "application/json",
        key: str | None = key,
        **headers: str,
    ) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        shown = {} if key is None else {"Authorization": f"Bearer {key}"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client(enforce_csrf_checks=True).post(
            path, data, content_type=content_type, headers=shown | named
        )

    return post
