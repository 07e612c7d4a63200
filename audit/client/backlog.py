"""The events that wait in memory: bounded in number and in bytes."""

import time
from collections import deque
from threading import Condition

from audit.client.limits import CALL_BYTES, CALL_EVENTS, Limits
from audit.client.parcel import Batch


class Backlog:
    """A queue that many threads fill and whose batches the client's own threads take.

    Its lock may be taken again by the thread that has it: a signal handler or a finalizer that
    records something may interrupt ``put``.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lines: deque[bytes] = deque()
        self._bytes = 0
        self._oldest_at = 0.0
        self._hurried = False
        self._changed = Condition()

    def __len__(self) -> int:
        return len(self._lines)

    def put(self, line: bytes, timeout: float = 0.0) -> bool:
        """Whether there was room for ``line``, or came to be within ``timeout`` seconds."""
        with self._changed:
            if not self._has_room(line) and not (
                timeout > 0 and self._changed.wait_for(lambda: self._has_room(line), timeout)
            ):
                return False
            if not self._lines:
                self._oldest_at = time.monotonic()
            self._lines.append(line)
            self._bytes += len(line)
            if len(self._lines) == 1 or self._is_call():
                self._changed.notify_all()
            return True

    def take(self) -> Batch:
        """The oldest, as many as go into one call; none if nothing waits."""
        with self._changed:
            batch: list[bytes] = []
            size = 0
            while self._lines and len(batch) < CALL_EVENTS:
                size += len(self._lines[0]) + 1
                if size > CALL_BYTES and batch:
                    break
                batch.append(self._lines.popleft())
            self._bytes -= sum(map(len, batch))
            self._oldest_at = time.monotonic()
            self._hurried = self._hurried and bool(self._lines)
            self._changed.notify_all()
            return batch

    def put_back(self, batch: Batch) -> None:
        """What could not be taken after all, before all else; there is room for it in any case."""
        with self._changed:
            self._lines.extendleft(reversed(batch))
            self._bytes += sum(map(len, batch))
            self._changed.notify_all()

    def wait(self, timeout: float) -> bool:
        """Until a batch is due: a call's worth waits, one waits long enough, or is hurried.

        Whether one is; after ``timeout`` seconds at the latest.
        """
        until = time.monotonic() + timeout
        with self._changed:
            while (left := until - time.monotonic()) > 0 and not self.is_due:
                age = time.monotonic() - self._oldest_at
                due_in = self._limits.linger_s - age if self._lines else left
                self._changed.wait(min(left, max(due_in, 0.001)))
            return self.is_due

    def hurry(self) -> None:
        """What waits is due now."""
        with self._changed:
            self._hurried = True
            self._changed.notify_all()

    def _has_room(self, line: bytes) -> bool:
        return (
            len(self._lines) < self._limits.queue_events
            and self._bytes + len(line) <= self._limits.queue_bytes
        )

    def _is_call(self) -> bool:
        return len(self._lines) >= CALL_EVENTS or self._bytes >= CALL_BYTES

    @property
    def is_due(self) -> bool:
        """Whether a batch should go now."""
        if self._hurried or self._is_call():
            return True
        age = time.monotonic() - self._oldest_at
        return bool(self._lines) and age >= self._limits.linger_s
