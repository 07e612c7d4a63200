"""Writing validated events: one statement for a few, COPY for many.

Events with a fresh id cannot be there already, so many of them are copied straight into the
log, each as soon as it is validated: PostgreSQL takes it in while the next one is made. Events
that may come twice pass through a temporary table and ``ON CONFLICT DO NOTHING``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from audit.models import as_tags
from audit.recording.validation import NewEvent

#: Below this a multi-row INSERT is quicker than setting up a COPY (measured: they meet near 20).
COPY_FROM = 20

_EVENT_COLUMNS = (
    "organization_id, id, occurred_at, actor_kind, actor_id, actor_name, impersonator, "
    "event_type, change, outcome, resource_type, resource_id, resource_name, deployment, "
    "branch_deployment, details, summary, session, ip, user_agent, request_id, changed_paths, words"
)
_SNAPSHOT_COLUMNS = "organization_id, id, before, after"

_STAGES = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS audit_event_stage ON COMMIT DELETE ROWS
  AS SELECT {_EVENT_COLUMNS} FROM audit_event WITH NO DATA;
CREATE TEMPORARY TABLE IF NOT EXISTS audit_snapshot_stage ON COMMIT DELETE ROWS
  AS SELECT {_SNAPSHOT_COLUMNS} FROM audit_snapshot WITH NO DATA;
TRUNCATE audit_event_stage, audit_snapshot_stage;
"""  # noqa: S608 -- constants only
_MERGE_EVENTS = f"""
INSERT INTO audit_event ({_EVENT_COLUMNS}) SELECT {_EVENT_COLUMNS} FROM audit_event_stage
ORDER BY id ON CONFLICT DO NOTHING RETURNING id
"""  # noqa: S608
_MERGE_SNAPSHOTS = f"""
INSERT INTO audit_snapshot ({_SNAPSHOT_COLUMNS})
SELECT {_SNAPSHOT_COLUMNS} FROM audit_snapshot_stage WHERE id = ANY(%s) ORDER BY id
"""  # noqa: S608

_ESCAPED = re.compile(r'["\\]')
# Days whose partition is known to be there, as this process has committed or seen it.
_days_with_partition: set[date] = set()


def store(organization_id: int, events: Sequence[NewEvent]) -> dict[UUID, datetime | None]:
    """Store events that are not there yet; all of them, or none if the database objects.

    Returns the ids stored, with the time of recording where that was cheap to learn. An id
    that is missing from the answer was there before.
    """
    unique = {event.id: event for event in reversed(events)}
    if not unique:
        return {}
    with transaction.atomic():
        ensure_partitions(event.occurred_at for event in unique.values())
        if len(unique) < COPY_FROM:
            return _insert(organization_id, list(unique.values()))
        return dict.fromkeys(_merge(organization_id, list(unique.values())))


def store_while_made(organization_id: int, events: Iterable[NewEvent]) -> list[UUID]:
    """Store many events that are still being made, as ``store`` does; returns the ids stored.

    Whoever makes them must not use the database meanwhile: the connection is busy.
    """
    repeatable: list[NewEvent] = []
    with transaction.atomic():
        copied = _copy_fresh(organization_id, _fresh(events, repeatable))
        _copy_snapshots(organization_id, copied, "audit_snapshot")
        return [*(event.id for event in copied), *store(organization_id, repeatable)]


def _fresh(events: Iterable[NewEvent], repeatable: list[NewEvent]) -> Iterator[NewEvent]:
    """Those that cannot be there already; the others are set apart."""
    for event in events:
        if event.repeatable:
            repeatable.append(event)
        else:
            yield event


def _copy_fresh(organization_id: int, events: Iterator[NewEvent]) -> list[NewEvent]:
    """Copy the events into the log, interrupted only where a partition may be missing."""
    copied: list[NewEvent] = []
    days = set(_days_with_partition)
    following = next(events, None)
    while following is not None:
        ensure_partitions([following.occurred_at])
        days.add(following.occurred_at.date())
        following = _copy_of_days(organization_id, chain([following], events), days, copied)
    return copied


def _copy_of_days(
    organization_id: int, events: Iterable[NewEvent], days: set[date], copied: list[NewEvent]
) -> NewEvent | None:
    """Copy events up to the first one of another day, which is returned."""
    with connection.cursor() as cursor, cursor.copy(_copy_into("audit_event")) as copy:
        for event in events:
            if event.occurred_at.date() not in days:
                return event
            copy.write_row(_event_row(organization_id, event))
            copied.append(event)
    return None


def ensure_partitions(moments: Iterable[datetime]) -> None:
    """Make the partitions these moments fall into, where they are missing."""
    days = {moment.astimezone(UTC).date() for moment in moments} - _days_with_partition
    if not days:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_ensure_partition(day AT TIME ZONE 'UTC')"
            " FROM unnest(%s::timestamp[]) AS day",
            [[datetime(day.year, day.month, day.day) for day in sorted(days)]],  # noqa: DTZ001
        )
    transaction.on_commit(lambda: _days_with_partition.update(days))


def _insert(organization_id: int, events: list[NewEvent]) -> dict[UUID, datetime | None]:
    rows = [_event_row(organization_id, event) for event in events]
    one = f"({', '.join(['%s'] * len(rows[0]))})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO audit_event ({_EVENT_COLUMNS}) VALUES {', '.join([one] * len(rows))}"  # noqa: S608
            " ON CONFLICT DO NOTHING RETURNING id, recorded_at",
            [value for row in rows for value in row],
        )
        stored: dict[UUID, datetime | None] = dict(cursor.fetchall())
        for row in _snapshot_rows(organization_id, events):
            if row[1] in stored:
                cursor.execute(
                    f"INSERT INTO audit_snapshot ({_SNAPSHOT_COLUMNS}) VALUES (%s, %s, %s, %s)",  # noqa: S608
                    row,
                )
    return stored


def _merge(organization_id: int, events: list[NewEvent]) -> list[UUID]:
    """In order of id, which keeps the primary key's pages full."""
    events = sorted(events, key=lambda event: event.id)
    with connection.cursor() as cursor:
        cursor.execute(_STAGES)
        with cursor.copy(_copy_into("audit_event_stage")) as copy:
            for event in events:
                copy.write_row(_event_row(organization_id, event))
        _copy_snapshots(organization_id, events, "audit_snapshot_stage")
        cursor.execute(_MERGE_EVENTS)
        stored = [id for (id,) in cursor.fetchall()]
        cursor.execute(_MERGE_SNAPSHOTS, [stored])
    return stored


def _copy_snapshots(organization_id: int, events: list[NewEvent], table: str) -> None:
    into = f"COPY {table} ({_SNAPSHOT_COLUMNS}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        for row in _snapshot_rows(organization_id, events):
            copy.write_row(row)


def _copy_into(table: str) -> str:
    return f"COPY {table} ({_EVENT_COLUMNS}) FROM STDIN"


def _event_row(organization_id: int, event: NewEvent) -> tuple[Any, ...]:
    return (
        organization_id,
        event.id,
        event.occurred_at,
        event.actor_kind,
        event.actor_id,
        event.actor_name,
        event.impersonator,
        event.event_type,
        event.change,
        event.outcome,
        event.resource_type,
        event.resource_id,
        event.resource_name,
        event.deployment,
        event.branch_deployment,
        _array(as_tags(event.details)),
        event.summary,
        event.session,
        event.ip,
        event.user_agent,
        event.request_id,
        _array(event.changed_paths),
        event.words,
    )


def _array(texts: list[str]) -> str:
    """``text[]`` as PostgreSQL reads it; the driver takes four times as long to write it."""
    if not texts:
        return "{}"
    quoted = '","'.join(texts)
    if "\\" in quoted or any('"' in text for text in texts):
        quoted = '","'.join(_ESCAPED.sub(r"\\\g<0>", text) for text in texts)
    return f'{{"{quoted}"}}'


def _snapshot_rows(
    organization_id: int, events: Iterable[NewEvent]
) -> Iterable[tuple[int, UUID, str | None, str | None]]:
    return (
        (organization_id, event.id, event.before, event.after)
        for event in events
        if event.before is not None or event.after is not None
    )
