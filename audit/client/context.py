"""What is known of the call that runs now, for what ``record`` is not told.

The same names as ``audit.recording.audit_context`` has in Django, without the organisation, which
the client's URL says. A ``contextvars`` variable: it follows into ``asyncio`` tasks and
``asyncio.to_thread``; other threads and processes are given it by hand (``current().as_dict()``
here, ``audit_context(**saved)`` there).
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

type Actor = Mapping[str, Any]

_RUNNERS = frozenset({"manage.py", "django-admin", "__main__.py"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditContext:
    """Fields of an event that many calls share. Empty is "not known"."""

    actor: Actor | None = None
    deployment: str = ""
    session: str = ""
    ip: str = ""
    user_agent: str = ""
    request_id: str = ""

    def as_dict(self) -> dict[str, Any]:
        """What is known, as JSON can hold it, for ``audit_context(**saved)`` somewhere else."""
        known = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: dict(v) if isinstance(v, Mapping) else v for name, v in known if v}


_NOTHING = AuditContext()
_known: ContextVar[AuditContext] = ContextVar("audit_client_context", default=_NOTHING)


def current() -> AuditContext:
    """The context of this call."""
    return _known.get()


@contextmanager
def audit_context(**known: Any) -> Iterator[None]:
    """Within the block or the function, ``known`` is known too; the rest stays as it is around.

    ``known`` are the fields of ``AuditContext``. Raises TypeError for any other.
    """
    token = _known.set(replace(_known.get(), **known))
    try:
        yield
    finally:
        _known.reset(token)


def completed(event: Mapping[str, object]) -> dict[str, object]:
    """``event`` with what it leaves out taken from the context, and an actor in any case."""
    known = current().as_dict()
    known.setdefault("actor", program())
    return {**event, **{name: v for name, v in known.items() if event.get(name) is None}}


def program() -> Actor:
    """This process, where nobody else is known to act: ``celery``, ``manage.py migrate``."""
    name = Path(sys.argv[0]).name or "python" if sys.argv else "python"
    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    return {"kind": "system", "id": f"{name} {command}".strip() if name in _RUNNERS else name}
