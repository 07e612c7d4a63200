"""What a load balancer asks, and the headers everybody gets."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from auditsite import health


@pytest.fixture(autouse=True)
def _forget_that_migrations_were_applied() -> Iterator[None]:
    health._require_migrations.cache_clear()
    yield
    health._require_migrations.cache_clear()


def test_the_process_answers_without_a_database(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_ready_while_the_database_is_migrated(client: Client, owner_cursor: Any) -> None:
    owner_cursor.execute("SELECT audit_ensure_partition(now())")
    owner_cursor.execute("SELECT audit_ensure_partition(now() + interval '1 month')")
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"database": "ok", "migrations": "ok", "next_partition": "ok"}


def test_a_missing_next_partition_is_told_but_keeps_the_site_in_service(
    client: Client, owner_cursor: Any
) -> None:
    owner_cursor.execute("SELECT name FROM audit_partition WHERE ends_at > now()")
    for (partition,) in owner_cursor.fetchall():
        owner_cursor.execute(f"DROP TABLE {partition}")
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["next_partition"] == "missing"


def test_not_ready_before_the_last_migration(client: Client, owner_cursor: Any) -> None:
    MigrationRecorder.Migration.objects.filter(app="audit").order_by("name").last().delete()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["migrations"] == "missing"


def test_not_ready_without_a_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(connection: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(health, "MigrationExecutor", unreachable)
    assert client.get("/readyz").status_code == 503


def test_pages_may_load_nothing_from_elsewhere_nor_be_framed(client: Client) -> None:
    headers = client.get("/accounts/login/").headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_https_is_asked_for_but_not_of_load_balancers(client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/accounts/login/").headers["Location"].startswith("https://")
    assert client.get("/healthz").status_code == 200
