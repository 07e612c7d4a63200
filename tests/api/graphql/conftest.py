import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

type Ask = Callable[..., Any]


@pytest.fixture
def ask(reader: str) -> Ask:
    """``ask(document, **variables)``: the answer as JSON, by a key that may read."""

    def ask(
        query: str, /, *, path: str = "/acme/graphql", key: str = reader, **variables: Any
    ) -> Any:
        response = Client(enforce_csrf_checks=True).post(
            path,
            json.dumps({"query": query, "variables": variables}),
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )
        return response.json()

    return ask
