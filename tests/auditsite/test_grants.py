"""What the running site may do in the database, and what not."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction

from audit.models import Event, Snapshot
from auditsite.models import User

pytestmark = pytest.mark.django_db

IMMUTABLE = [Event._meta.db_table, Snapshot._meta.db_table]
ALL_RIGHTS = {
    "SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN",
}  # fmt: skip


def rights(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r FROM unnest(%s::text[]) AS r WHERE has_table_privilege(%s, r)",
            [list(ALL_RIGHTS), table],
        )
        return {right for (right,) in cursor.fetchall()}


def test_tests_run_with_the_rights_of_the_site() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("auditsite_app", False)


@pytest.mark.parametrize("table", IMMUTABLE)
def test_events_can_be_added_and_read_only(table: str) -> None:
    assert rights(table) == {"SELECT", "INSERT"}


def test_other_rows_can_be_changed_but_their_tables_cannot() -> None:
    assert rights(User._meta.db_table) == {"SELECT", "INSERT", "UPDATE", "DELETE"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET organization_id = 1",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "DROP TABLE {}",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
    ],
)
@pytest.mark.parametrize("table", IMMUTABLE)
def test_the_site_cannot_touch_recorded_events(table: str, statement: str) -> None:
    refused = pytest.raises(ProgrammingError, match=r"must be owner|permission denied")
    with connection.cursor() as cursor, refused, transaction.atomic():
        cursor.execute(statement.format(table))


def test_migrating_again_takes_away_what_was_granted_by_hand(owner_cursor: Any) -> None:
    owner_cursor.execute("GRANT UPDATE, DELETE ON audit_event TO auditsite_app")
    owner_cursor.execute("GRANT ALL ON audit_event TO PUBLIC")
    call_command("migrate", database="default", verbosity=0)
    owner_cursor.execute("SET ROLE auditsite_app")
    assert rights("audit_event") == {"SELECT", "INSERT"}


def test_partitions_can_be_made_ahead_without_owning_anything() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_ensure_partition(now() + interval '300 days')")
        assert cursor.fetchone() == (True,)
