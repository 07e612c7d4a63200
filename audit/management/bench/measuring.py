"""Times a page three ways in turn: bare SQL, the search for it, and the whole view."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from audit.browsing import PAGE_SIZE, newest_first
from audit.browsing.criteria import HIGHEST
from audit.management.bench.cases import Case, Draw, Log
from audit.models import Event, Membership, Organization, Role
from audit.recording.tracking import unrecorded

_BARE = f"""
SELECT {", ".join(str(field.column) for field in Event._meta.concrete_fields)} FROM audit_event
WHERE organization_id = %s AND id < %s ORDER BY id DESC LIMIT %s
"""  # noqa: S608 -- the columns are constants

# What stands between a test client and the page, and costs no time in it.
_IN_PROCESS = override_settings(
    ALLOWED_HOSTS=["testserver"],
    SECURE_SSL_REDIRECT=False,
    WHITENOISE_AUTOREFRESH=True,
    WHITENOISE_USE_FINDERS=True,
    STORAGES={"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
)


@dataclass(slots=True)
class Measured:
    """Milliseconds of each draw of a case."""

    case: Case
    bare: list[float] = field(default_factory=list)
    page: list[float] = field(default_factory=list)
    view: list[float] = field(default_factory=list)
    statements: int = 0  # the most that one page took
    cut: int = 0  # pages whose search was cut short

    @property
    def ratio(self) -> float:
        return median(self.page) / median(self.bare)


def measure(log: Log, cases: Sequence[Case], draws: int) -> Iterator[Measured]:
    with _IN_PROCESS:
        client = _signed_in(log.organizations)
        for case in cases:
            measured = Measured(case)
            _measure_one(measured, log.draw(case), client)  # warms caches of code, not of data
            measured = Measured(case)
            for _ in range(draws):
                _measure_one(measured, log.draw(case), client)
            yield measured


def _measure_one(measured: Measured, draw: Draw, client: Client) -> None:
    found = draw.events
    measured.bare.append(timed(lambda: _bare(draw))[0])
    with _counted() as statements:
        milliseconds, page = timed(lambda: newest_first(found, cursor=draw.cursor))
    measured.page.append(milliseconds)
    measured.statements = max(measured.statements, len(statements))
    measured.cut += page.continue_at is not None
    address = _address(draw)
    measured.view.append(timed(lambda: _get(client, address))[0])


def _bare(draw: Draw) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_BARE, [draw.organization.pk, draw.cursor or HIGHEST, PAGE_SIZE])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _get(client: Client, address: str) -> None:
    response = client.get(address, secure=True)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}.")


def _address(draw: Draw) -> str:
    path = reverse("audit:event-list", args=[draw.organization.slug])
    parameters = draw.filters.copy()
    if draw.cursor:
        parameters["cursor"] = str(draw.cursor)
    return f"{path}?{parameters.urlencode()}"


def timed[T](work: Callable[[], T]) -> tuple[float, T]:
    """In milliseconds, with what came of it."""
    started = time.perf_counter()
    result = work()
    return (time.perf_counter() - started) * 1000, result


@contextmanager
def _counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def count(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        statements.append(sql)
        return execute(sql, *args)

    with connection.execute_wrapper(count):
        yield statements


@unrecorded()
def _signed_in(organizations: Sequence[Organization]) -> Client:
    users: Any = get_user_model()
    name = {users.USERNAME_FIELD: "bench@auditsite.invalid"}
    user = users.objects.filter(**name).first() or users.objects.create_user(**name)
    for organization in organizations:
        Membership.objects.get_or_create(
            user=user, organization=organization, defaults={"role": Role.ADMIN}
        )
    client = Client()
    client.force_login(user)
    return client
