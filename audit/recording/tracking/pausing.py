"""Whether changes are recorded by themselves at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from audit.recording import configuration

_paused: ContextVar[bool] = ContextVar("audit_paused", default=False)


@contextmanager
def unrecorded() -> Iterator[None]:
    """Within the block or the function, changes of tracked models and sign-ins record no events.

    For data that tell of themselves, such as fixtures. ``record`` still records.
    """
    token = _paused.set(True)
    try:
        yield
    finally:
        _paused.reset(token)


def is_recording() -> bool:
    return not _paused.get() and configuration.records_changes()
