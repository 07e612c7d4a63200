"""How fast events get in: over HTTP and by ``record_many``, against COPY into the same tables.

Each run is rolled back, so that nothing of it stays.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched, islice
from statistics import median
from typing import Final

from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import reverse

from audit.diff import JSON, dumps
from audit.models import ApiKey, Event, Organization, Scope, Snapshot
from audit.recording import record_many
from audit.recording.storing import ensure_partitions
from audit.simulation import simulate

_EVENTS: Final = 20_000
_BATCH: Final = 500  # events in one call
_ROUNDS: Final = 5
_UNTIL: Final = datetime(2026, 11, 1, tzinfo=UTC)
_NO_LIMIT: Final = 10**9

type Events = Sequence[dict[str, JSON]]


@dataclass(frozen=True, slots=True)
class Way:
    """One way in, and how many events a second it took in each round."""

    name: str
    rates: list[float]


def measure_throughput(organization: Organization) -> list[Way]:
    """The ways in, each in turn, round by round. COPY comes first."""
    events = _events()
    ready = _as_rows(organization, events)
    key = ApiKey.objects.issue(organization, name="bench", scopes=[Scope.EVENTS_WRITE])[1]
    bodies = [dumps(list(batch)) for batch in batched(events, _BATCH)]
    runs: dict[str, Callable[[], object]] = {
        "COPY of rows that are ready": lambda: _copy(ready),
        "`record_many`": lambda: record_many(organization, events),
        f"HTTP, {_BATCH} events a call, one process": lambda: _post(organization, key, bodies),
    }
    ways = [Way(name, []) for name in runs]
    for _ in range(_ROUNDS):
        for way, run in zip(ways, runs.values(), strict=True):
            way.rates.append(len(events) / _seconds(run))
    ApiKey.objects.filter(organization=organization, name="bench").delete()
    return ways


def report_throughput(ways: Sequence[Way]) -> Iterator[str]:
    """A table in Markdown."""
    copied = median(ways[0].rates)
    yield f"{_EVENTS:,} events of the simulation, medians of {_ROUNDS} rounds."
    yield ""
    yield "|way in|events/s|× COPY|"
    yield "|-|-:|-:|"
    for way in ways:
        yield f"|{way.name}|{median(way.rates):,.0f}|{median(way.rates) / copied:.2f}|"


def _events() -> Events:
    """As a sender gives them: JSON, without ids, so that each is new every time."""
    made = simulate(seed=1, ends_at=_UNTIL, days=60)
    kept = ({k: v for k, v in e.items() if k not in _IDENTITY} for e in made)
    return list(islice(kept, _EVENTS))


_IDENTITY: Final = frozenset({"id", "idempotency_key"})


def _as_rows(organization: Organization, events: Events) -> dict[str, bytes]:
    """The events as COPY has them, by what it is told; made by recording them once."""
    ready = {}
    ensure_partitions(datetime.fromisoformat(str(event["occurred_at"])) for event in events)
    with transaction.atomic(), connection.cursor() as cursor:
        record_many(organization, events)
        for model in (Event, Snapshot):
            columns = ", ".join(field.attname for field in model._meta.concrete_fields)
            rows = f"SELECT {columns} FROM {model._meta.db_table} WHERE organization_id = %s"  # noqa: S608
            newest = f"{rows} ORDER BY id DESC LIMIT {len(events)}"
            with cursor.copy(f"COPY ({newest}) TO STDOUT", [organization.pk]) as copy:
                ready[f"{model._meta.db_table} ({columns})"] = b"".join(map(bytes, copy))
        transaction.set_rollback(True)
    return ready


def _copy(ready: Mapping[str, bytes]) -> None:
    with connection.cursor() as cursor:
        for table, rows in ready.items():
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(rows)


def _seconds(run: Callable[[], object]) -> float:
    with transaction.atomic():
        started = time.perf_counter()
        run()
        with connection.cursor() as cursor:  # what a commit would check
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        taken = time.perf_counter() - started
        transaction.set_rollback(True)
    return taken


def _post(organization: Organization, key: str, bodies: Sequence[str]) -> None:
    """Through all of the request's handling in this process, but for the socket."""
    client = Client(headers={"authorization": f"Bearer {key}"})
    address = reverse("api:docs", args=[organization.slug]) + "events"
    with override_settings(
        ALLOWED_HOSTS=["testserver"],
        AUDIT_API_CALLS_PER_MINUTE=_NO_LIMIT,
        AUDIT_API_EVENTS_PER_MINUTE=_NO_LIMIT,
    ):
        for body in bodies:
            response = client.post(address, body, content_type="application/json", secure=True)
            if response.status_code != 201:
                raise RuntimeError(f"{response.status_code}: {response.text[:500]}")
