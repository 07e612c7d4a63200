"""The fixtures that other tests rest on: committed rows go away, the guards come back."""

from typing import Any

import pytest
from django.db import connection

from audit.models import Organization

_GUARDS_DOWN = """
SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'audit_immutable%%'
AND tgenabled <> 'A'
"""


@pytest.mark.parametrize("run", ["first", "second"])
def test_committed_rows_do_not_outlive_their_test(committed_db: None, run: str) -> None:
    assert not Organization.objects.exists()
    Organization.objects.create(slug="acme", name="Acme")


def test_guards_stand_after_such_a_test(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_GUARDS_DOWN)
        assert cursor.fetchone() == (0,)


def test_the_owner_cursor_has_the_owners_rights(owner_cursor: Any) -> None:
    owner_cursor.execute("SELECT has_table_privilege('audit_event', 'TRUNCATE')")
    assert owner_cursor.fetchone() == (True,)
