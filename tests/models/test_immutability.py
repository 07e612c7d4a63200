"""Nobody changes a recorded event: not the application, not the owner, not a superuser."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from django.db.backends.utils import CursorWrapper

from audit.diff import loads
from audit.models import Event, Organization, Snapshot, event_id
from audit.recording.storing import ensure_partitions
from tests.factories import START, EventFactory

CHANGES = (
    pytest.param("UPDATE {} SET id = id", id="update"),
    pytest.param("UPDATE {} SET id = id WHERE false", id="update of nothing"),
    pytest.param("DELETE FROM {}", id="delete"),
    pytest.param("TRUNCATE {}", id="truncate"),
    pytest.param("MERGE INTO {} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE", id="merge"),
)


@pytest.fixture
def event(organization: Organization) -> Event:
    return EventFactory.create(organization=organization, before={"a": 1}, after={"a": 2})


def partition_of(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tableoid::regclass::text FROM {table} LIMIT 1")
        (name,) = cursor.fetchone()
    return str(name)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("table", ["audit_event", "audit_snapshot"])
def test_the_application_has_no_right_to_try(event: Event, table: str, change: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(change.format(table))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("table", ["audit_event", "audit_snapshot"])
@pytest.mark.parametrize("where", ["parent", "partition"])
@pytest.mark.parametrize("replication_role", ["origin", "replica"])
def test_a_superuser_is_refused_on_every_partition(
    event: Event,
    owner_cursor: CursorWrapper,
    table: str,
    change: str,
    where: str,
    replication_role: str,
) -> None:
    target = table if where == "parent" else partition_of(table)
    owner_cursor.execute(f"SET LOCAL session_replication_role = {replication_role}")
    with pytest.raises(DatabaseError, match="audit events are immutable"), transaction.atomic():
        owner_cursor.execute(change.format(target))


def test_the_application_can_not_disable_the_guard(event: Event) -> None:
    for statement in (
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "DROP TABLE audit_event",
        f"ALTER TABLE audit_event DETACH PARTITION {partition_of('audit_event')}",
        "SELECT audit_guard('audit_event')",
    ):
        with pytest.raises(ProgrammingError), transaction.atomic():
            connection.cursor().execute(statement)


def test_saving_a_recorded_event_again_is_refused(event: Event) -> None:
    event.summary = "Nothing to see here"
    with pytest.raises(DatabaseError), transaction.atomic():
        event.save()


ANOTHER_TIME = event_id(START + timedelta(milliseconds=1))
ANOTHER_VERSION = UUID(int=event_id(START).int ^ (7 ^ 4) << 76)


@pytest.mark.parametrize("id", [ANOTHER_TIME, ANOTHER_VERSION])
def test_an_id_that_is_not_its_time_is_refused(
    event: Event, organization: Organization, id: UUID
) -> None:
    ensure_partitions([START])
    with pytest.raises(IntegrityError, match="audit_event_id_is_its_time"), transaction.atomic():
        Event(
            organization=organization,
            id=id,
            occurred_at=START,
            actor_kind="user",
            actor_id="x",
            event_type="x",
        ).save(force_insert=True)


def test_snapshots_keep_key_order_and_spelling(organization: Organization) -> None:
    text = '{"b":1.00,"a":1e400,"n":12345678901234567890,"x":"\\u0000\\ud800é"}'
    event = EventFactory.create(organization=organization, after=loads(text))
    assert Snapshot.objects.get(id=event.id).after == text
