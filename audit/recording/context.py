"""What is known of the call that runs now: who acts, from where, for which organisation.

``record`` takes from here what a call leaves out. The context is a ``contextvars`` variable: it
follows into async views, ``asyncio`` tasks and ``sync_to_async``; threads and other processes are
given it by hand (``current().as_dict()`` here, ``audit_context(**saved)`` there).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, replace
from typing import Any

from audit.models import Organization
from audit.recording.actors import Actor, program


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditContext:
    """Fields of an event that many calls share. Empty is "not known".

    ``organization`` is a slug. ``actor`` is as an event has it, with the impersonator in it.
    """

    organization: str = ""
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


# The context is asked for anew each time, for within a request people sign in and out.
type Source = Callable[[], AuditContext]

_source: ContextVar[Source] = ContextVar("audit_context", default=AuditContext)


def current() -> AuditContext:
    """The context of this call. May query for the user of the request, as ``request.user`` does:
    in async code, ask with ``sync_to_async(current)``."""
    return _source.get()()


@contextmanager
def audit_context(
    *, organization: Organization | str | None = None, **known: Any
) -> Iterator[None]:
    """Within the block or the function, ``known`` is known too; the rest stays as it is around.

    ``known`` are the fields of ``AuditContext``. Raises TypeError for any other.
    """
    if organization is not None:
        known["organization"] = getattr(organization, "slug", organization)
    replace(AuditContext(), **known)  # a name that is wrong is wrong here, not where it is used
    around = _source.get()
    with context_from(lambda: replace(around(), **known)):
        yield


@contextmanager
def context_from(source: Source) -> Iterator[None]:
    """Within the block, the context is what ``source`` answers at the time it is asked."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


def completed(event: Mapping[str, object]) -> dict[str, object]:
    """``event`` with what it leaves out taken from the context, and an actor in any case."""
    known = current().as_dict()
    known.pop("organization", None)
    known.setdefault("actor", program())
    return {**event, **{name: v for name, v in known.items() if event.get(name) is None}}
