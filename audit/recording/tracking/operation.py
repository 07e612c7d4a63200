"""One operation and the events of all rows it changed, which are recorded together."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from audit.models import Organization
from audit.recording.many import BATCH_SIZE
from audit.recording.modes import Mode, deliver


@dataclass(slots=True)
class Operation:
    """What one call of a project's code changes: a row, or many with all that hangs on them.

    ``known`` are organisations that have been looked up already, by slug.
    """

    known: dict[str, Organization] = field(default_factory=dict)
    _batch: str = field(default_factory=lambda: uuid4().hex)
    _changes: int = 0
    _waiting: list[tuple[Organization, Mode, dict[str, Any]]] = field(default_factory=list)

    def add(
        self, event: Mapping[str, object], organizations: list[Organization], mode: Mode
    ) -> None:
        """The event of one more change, for the logs of these organisations."""
        self._changes += 1
        self._waiting += [(organization, mode, dict(event)) for organization in organizations]
        if len(self._waiting) >= BATCH_SIZE:
            self.record()

    def record(self) -> None:
        """Record what has been added. Events of several changes share the detail ``batch``."""
        events = defaultdict(list)
        for organization, mode, event in self._waiting:
            if self._changes > 1:
                event["details"] = {**event["details"], "batch": self._batch}
            events[organization, mode].append(event)
        self._waiting.clear()
        for (organization, mode), of_one in events.items():
            deliver(organization, of_one, mode)


_operation: ContextVar[Operation | None] = ContextVar("audit_operation", default=None)


@contextmanager
def one_operation() -> Iterator[Operation]:
    """All changes within the block belong together. One within another is part of it."""
    if operation := _operation.get():
        yield operation
        return
    operation = Operation()
    token = _operation.set(operation)
    try:
        yield operation
        operation.record()
    finally:
        _operation.reset(token)
