"""Reads what to measure from standard input and writes what it took, both as JSON."""

import json
import os
import sys
import time
from typing import Any, TextIO

import django
from django.db import OperationalError

_PER_PAGE = 100  # the admin's own

os.environ["DJANGO_SETTINGS_MODULE"] = "audit.management.bench.peer.settings"


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    from audit.management.bench.peer import filling

    entries = filling.fill(asked["organization"])
    client = _signed_in(asked["timeout_s"])
    times = [
        [_timed(client, _resolved(query, entries)) for _ in range(asked["draws"])]
        for query in asked["queries"]
    ]
    return {"entries": entries, "times": times}


def _signed_in(timeout_s: int) -> Any:
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client

    user: Any = User.objects.get_or_create(username="bench", is_superuser=True, is_staff=True)[0]
    client = Client()
    client.force_login(user)
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = '{timeout_s}s'")
    return client


def _resolved(query: dict[str, str], entries: int) -> dict[str, Any]:
    """A user and a model by name, and a page, as the numbers that the admin's links have."""
    from django.contrib.auth.models import User
    from django.contrib.contenttypes.models import ContentType

    resolved: dict[str, Any] = {**query}
    if "actor" in query:
        resolved["actor__id__exact"] = User.objects.get(username=resolved.pop("actor")).pk
    if "resource_type" in query:
        resolved["resource_type"] = ContentType.objects.get(model=query["resource_type"]).pk
    if "p" in query:
        resolved["p"] = entries // 2 // _PER_PAGE
    return resolved


def _timed(client: Any, query: dict[str, Any]) -> float | None:
    """Milliseconds; None where a statement was stopped."""
    started = time.perf_counter()
    try:
        response = client.get("/admin/auditlog/logentry/", query)
    except OperationalError:
        return None
    if response.status_code != 200:
        raise RuntimeError(f"The admin answered {query} with {response.status_code}.")
    return (time.perf_counter() - started) * 1000


def main(given: TextIO, taken: TextIO) -> None:
    django.setup()
    json.dump(answer(json.load(given)), taken)


if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
