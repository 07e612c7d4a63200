"""System checks: does the database keep what the log promises?

They ask the database, so they run with ``check --database default`` and before serving.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DatabaseError

# An event a day ahead of the clock is accepted, and a night's upkeep may fail twice.
PARTITION_NEEDED_AHEAD = timedelta(days=3)

UNGUARDED = """
SELECT c.relname FROM pg_class c
WHERE (c.oid IN ('audit_event'::regclass, 'audit_snapshot'::regclass)
       OR c.oid IN (SELECT inhrelid FROM pg_inherits
                    WHERE inhparent IN ('audit_event'::regclass, 'audit_snapshot'::regclass)))
  AND c.relkind IN ('r', 'p')
  AND (SELECT count(*) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
       WHERE t.tgrelid = c.oid AND p.proname = 'audit_refuse_change' AND t.tgenabled = 'A') < 2
ORDER BY c.relname
"""
PARTITION_AT = """
SELECT count(DISTINCT parent) FROM audit_partition WHERE starts_at <= %s AND %s < ends_at
"""
# Any of these can change or remove recorded events.
POWERS = """
SELECT r.rolsuper
    OR pg_has_role(r.oid, c.relowner, 'USAGE')
    OR has_table_privilege(r.oid, c.oid, 'UPDATE')
    OR has_table_privilege(r.oid, c.oid, 'DELETE')
    OR has_table_privilege(r.oid, c.oid, 'TRUNCATE')
FROM pg_roles r, pg_class c WHERE r.rolname = {role} AND c.oid = 'audit_event'::regclass
"""
# One login for everything: it made the tables, and nothing steps down from it.
IS_OWNER = """
SELECT current_user = session_user AND pg_has_role(relowner, 'USAGE')
FROM pg_class WHERE oid = 'audit_event'::regclass
"""


@register(Tags.database)
def check_event_storage(
    *, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Guards on every table, a partition for what comes next, and a role without power."""
    if "default" not in (databases or ()):
        return []
    connection = connections["default"]
    try:
        if "audit_event" not in connection.introspection.table_names():
            return []  # not migrated yet: migrate runs the checks too
        return [*_guards(connection), *_partitions(connection), *_role(connection)]
    except DatabaseError as error:
        return [Error(f"The event storage cannot be checked: {error}", id="audit.E004")]


def _guards(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    with connection.cursor() as cursor:
        cursor.execute(UNGUARDED)
        unguarded = [name for (name,) in cursor.fetchall()]
    return [
        Error(
            f"The table {name} accepts changes to recorded events.",
            hint="Its guard was dropped or disabled: find out by whom, then run as owner"
            f" SELECT audit_guard('{name}') or enable the trigger with ENABLE ALWAYS.",
            id="audit.E001",
        )
        for name in unguarded
    ]


def _partitions(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    needed = datetime.now(UTC) + PARTITION_NEEDED_AHEAD
    with connection.cursor() as cursor:
        cursor.execute(PARTITION_AT, [needed, needed])
        if cursor.fetchone() == (2,):
            return []
    return [
        Warning(
            f"There is no partition yet for events of {needed:%Y-%m-%d}.",
            hint="Run manage.py make_partitions, best once a day.",
            id="audit.W002",
        )
    ]


def _role(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    if _has_power(connection, "current_user"):
        if _is_owner(connection):
            return [
                Warning(
                    "The application owns the log, so only its guards protect recorded events.",
                    hint="They hold against mistakes. Against somebody who can run SQL, migrate"
                    " with another login and grant this one what it needs (docs/recording.md).",
                    id="audit.W004",
                )
            ]
        return [
            Error(
                "The application's database role may change or remove recorded events.",
                hint="Let it connect as a role that has only INSERT and SELECT on them"
                " (README, “Database roles”).",
                id="audit.E003",
            )
        ]
    if _has_power(connection, "session_user"):
        return [
            Warning(
                "The application's database login could take back the right to change events.",
                hint="Give it a login of its own and set DATABASE_OWNER_URL for migrations"
                " (README, “Database roles”).",
                id="audit.W003",
            )
        ]
    return []


def _is_owner(connection: BaseDatabaseWrapper) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(IS_OWNER)
        return bool(cursor.fetchone() == (True,))


def _has_power(connection: BaseDatabaseWrapper, role: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(POWERS.format(role=role))
        return bool(cursor.fetchone() == (True,))
