from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.backends.utils import CursorWrapper

from audit import checks
from audit.checks import check_event_storage
from audit.custody.partitions import make_partitions
from audit.models import Organization
from tests.factories import EventFactory


@pytest.fixture
def found(organization: Organization) -> Callable[[], set[str]]:
    make_partitions(ahead=timedelta(days=62))
    EventFactory.create(organization=organization)

    def ids() -> set[str]:
        return {str(message.id) for message in check_event_storage(databases=["default"])}

    return ids


def test_the_running_role_has_no_power_over_events(found: Callable[[], set[str]]) -> None:
    # Tests sign in as the owner and step down, which is what the warning is about.
    assert found() == {"audit.W003"}


def test_nothing_is_asked_of_the_database_unless_django_says_so() -> None:
    assert check_event_storage(databases=None) == []


@pytest.mark.parametrize("table", ["audit_event", "audit_snapshot", "a partition"])
@pytest.mark.parametrize("act", ["DISABLE TRIGGER", "ENABLE TRIGGER", "DROP"])
def test_a_missing_or_weakened_guard_is_reported(
    found: Callable[[], set[str]], owner_cursor: CursorWrapper, table: str, act: str
) -> None:
    if table == "a partition":
        owner_cursor.execute("SELECT tableoid::regclass::text FROM audit_event LIMIT 1")
        (table,) = owner_cursor.fetchone()
    owner_cursor.execute(
        f"DROP TRIGGER audit_immutable ON {table}"
        if act == "DROP"
        else f"ALTER TABLE {table} {act} audit_immutable"
    )
    messages = check_event_storage(databases=["default"])
    assert any(m.id == "audit.E001" and table in m.msg for m in messages)


def test_an_application_that_owns_the_log_is_warned(
    found: Callable[[], set[str]], owner_cursor: CursorWrapper
) -> None:
    assert found() == {"audit.W004"}  # the owner's cursor took the owner's rights


@pytest.mark.parametrize("right", ["UPDATE", "DELETE", "TRUNCATE"])
def test_a_single_right_too_many_is_reported(
    found: Callable[[], set[str]], owner_cursor: CursorWrapper, right: str
) -> None:
    owner_cursor.execute(f"GRANT {right} ON audit_event TO auditsite_app")
    owner_cursor.execute("RESET ROLE")
    assert "audit.E003" in found()


def test_a_missing_next_partition_is_reported(
    found: Callable[[], set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "PARTITION_NEEDED_AHEAD", timedelta(days=200))
    assert "audit.W002" in found()


def test_a_broken_schema_is_an_error_and_not_a_traceback(
    found: Callable[[], set[str]], owner_cursor: CursorWrapper
) -> None:
    owner_cursor.execute("DROP VIEW audit_partition")
    assert found() == {"audit.E004"}
