"""What the application's role may do in the database, derived from the models."""

from collections.abc import Iterator

from django.apps import apps
from django.db import IntegrityError, ProgrammingError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.introspection import TableInfo
from django.db.backends.utils import CursorWrapper
from psycopg import errors, sql

# Beside the tables of the models: what the application reads and calls of the schema's own.
_READABLE = ("django_migrations", "audit_partition")
_CALLABLE = ("audit_ensure_partition", "audit_analyze")


class NotAllowed(Exception):
    """The owner's login lacks a right; the message holds the SQL for somebody who has it."""


def ensure_role(connection: BaseDatabaseWrapper, role: str) -> None:
    """Create the runtime role, which cannot sign in by itself, unless it exists."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone():
            return
        try:
            _run(cursor, "CREATE ROLE {} NOLOGIN", role)
        except (IntegrityError, ProgrammingError) as error:
            # Roles are the server's, not the database's: another migration may have been quicker.
            if not isinstance(error.__cause__, errors.DuplicateObject | errors.UniqueViolation):
                raise


def grant_runtime_rights(connection: BaseDatabaseWrapper, role: str, login: str) -> None:
    """Grant ``role`` what it needs and no more, and ``login`` the role. Safe to repeat."""
    present = {table.name for table in _tables_and_views(connection)}
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        _run(cursor, "GRANT USAGE ON SCHEMA public TO {}", role)
        for table, immutable in _model_tables():
            if table in present:
                _grant_table(cursor, table, role, immutable=immutable)
        for table in present.intersection(_READABLE):
            _run(cursor, "GRANT SELECT ON {} TO {}", table, role)
        _run(cursor, "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}", role)
        cursor.execute("SELECT proname FROM pg_proc WHERE proname = ANY(%s)", [list(_CALLABLE)])
        for (function,) in cursor.fetchall():
            _run(cursor, "GRANT EXECUTE ON FUNCTION {} TO {}", function, role)
        if login and not _may_become(cursor, login, role):
            _run(cursor, "GRANT {} TO {}", role, login)


def _grant_table(cursor: CursorWrapper, table: str, role: str, *, immutable: bool) -> None:
    if immutable:
        _run(cursor, "REVOKE ALL ON {} FROM {}, PUBLIC", table, role)
        _run(cursor, "GRANT SELECT, INSERT ON {} TO {}", table, role)
    else:
        _run(cursor, "GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {}", table, role)


def _model_tables() -> Iterator[tuple[str, bool]]:
    """Every model's table, and whether its rows can never change."""
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.proxy:
            yield model._meta.db_table, getattr(model, "immutable", False)


def _tables_and_views(connection: BaseDatabaseWrapper) -> list[TableInfo]:
    with connection.cursor() as cursor:
        return connection.introspection.get_table_list(cursor)


def _may_become(cursor: CursorWrapper, login: str, role: str) -> bool:
    cursor.execute(
        "SELECT pg_has_role(rolname, %s, 'SET') FROM pg_roles WHERE rolname = %s", [role, login]
    )
    row = cursor.fetchone()
    return bool(row and row[0])


def _run(cursor: CursorWrapper, statement: str, *names: str) -> None:
    composed = sql.SQL(statement).format(*(sql.Identifier(name) for name in names))
    readable = composed.as_string(None)
    try:
        cursor.execute(readable)
    except ProgrammingError as error:
        if not isinstance(error.__cause__, errors.InsufficientPrivilege):
            raise
        raise NotAllowed(
            f"The database login may not run “{readable}”; have an administrator run it,"
            " then migrate again."
        ) from None
