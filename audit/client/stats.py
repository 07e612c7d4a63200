"""What became of the events, counted, and said in the log of the application now and then."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition
from typing import Final

# Of each kind of warning: the log must not drown in what stands in the counters.
_SILENCE_S: Final = 60.0
# Between two looks at what other processes may have done.
_LOOK_S: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Events of this process since it began, but for ``queued``, which wait in memory now.

    ``sent`` are in the log; ``spooled`` were written to the disk, sent since or not; ``rejected``
    were refused by the server as they are; ``suppressed`` were not wanted by its rules;
    ``dropped`` are lost, for want of room or time. ``torn`` lines broke off on the disk.
    """

    queued: int = 0
    sent: int = 0
    spooled: int = 0
    rejected: int = 0
    suppressed: int = 0
    dropped: int = 0
    torn: int = 0


class Counters:
    """Counts that threads add to, and wait for."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._changed = Condition()

    def __getitem__(self, name: str) -> int:
        return self._counts[name]

    def add(self, name: str, count: int = 1) -> None:
        with self._changed:
            self._counts[name] += count
            self._changed.notify_all()

    def wait_for(self, is_true: Callable[[], bool], timeout: float) -> bool:
        """Whether it comes to be so within ``timeout`` seconds, by these counts or otherwise."""
        until = time.monotonic() + timeout
        with self._changed:
            while not (so := is_true()) and (left := until - time.monotonic()) > 0:
                self._changed.wait(min(left, _LOOK_S))
            return so


class Complaints:
    """Warnings in the application's log: one a minute of each kind, and never of an event's
    contents."""

    def __init__(self, logger: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._logger, self._clock = logger, clock
        self._said_at: dict[str, float] = {}

    def warn(self, message: str, *arguments: object) -> None:
        now = self._clock()
        if now - self._said_at.get(message, float("-inf")) >= _SILENCE_S:
            self._said_at[message] = now
            self._logger.warning(message, *arguments)
