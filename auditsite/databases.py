"""The two ways into the one database: ``default`` for the application, ``owner`` for its schema."""

from pathlib import Path
from typing import Any

from django.db import DatabaseError, NotSupportedError, OperationalError

from auditsite import embedded, env
from auditsite.env import DatabaseURL

_CONNECT_TIMEOUT_S = 10


def app_role() -> str:
    """The name of the runtime role, which ``migrate`` creates and grants its few rights."""
    return env.text("AUDITSITE_APP_ROLE", embedded.APP_ROLE)


def configured(embedded_data: Path, role: str) -> dict[str, dict[str, Any]]:
    """Django's DATABASES.

    With DATABASE_OWNER_URL, DATABASE_URL is a login of its own, a member of the runtime role.
    With DATABASE_URL alone, that login owns the schema and the application steps down to the
    runtime role as it connects. With neither, the embedded server of ``embedded_data`` is used.
    """
    login, owner = env.database_url("DATABASE_URL"), env.database_url("DATABASE_OWNER_URL")
    if owner and not login:
        raise env.WrongEnvironment("DATABASE_OWNER_URL is set, but DATABASE_URL is not.")
    if login is None:
        login, owner = embedded.expected_urls(embedded_data)
    default = _connection(login)
    if owner is None:
        # Of the session, not of a SET: it holds for every connection of the pool, and RESET
        # ROLE comes back to it.
        given = default["OPTIONS"].get("options", "")
        default["OPTIONS"]["options"] = f"{given} -c role={role}".strip()
    if pool := env.integer("AUDITSITE_POOL_SIZE", 8):
        default["OPTIONS"]["pool"] = {"min_size": 1, "max_size": pool, "timeout": 10}
    return {"default": default, "owner": _connection(owner or login, TEST={"MIRROR": "default"})}


def explanation(error: DatabaseError) -> str | None:
    """One sentence for what an operator can put right; None for what is a fault of ours."""
    if isinstance(error, NotSupportedError):
        return str(error)
    reason = " ".join(str(error).split())
    if 'invalid value for parameter "role"' in reason:
        return "The database is not prepared yet; run “manage.py migrate” first."
    is_answer = getattr(error.__cause__, "sqlstate", None) is not None
    if isinstance(error, OperationalError) and not is_answer:
        return f"The database can't be reached: {reason}"
    return None


def _connection(url: DatabaseURL, **settings: object) -> dict[str, Any]:
    return {
        "ENGINE": "auditsite.postgresql",
        "NAME": url.name,
        "USER": url.user,
        "PASSWORD": url.password,
        "HOST": url.host,
        "PORT": url.port,
        # Plans made without the values of a query are a thousand times slower here, so
        # parameters are never bound by the server.
        "OPTIONS": {"connect_timeout": _CONNECT_TIMEOUT_S, "server_side_binding": False}
        | url.options,
        **settings,
    }
