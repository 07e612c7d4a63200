"""Recording in the background: what is recorded waits in memory, and threads see to the rest.

One thread calls the server. Where there is a spool, another writes what waits to the disk, and
the first sends what is there. So a slow server keeps nothing
from the disk, and a slow disk keeps nobody who records.
"""

import logging
import os
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import util
from pathlib import Path
from threading import Event as Flag
from threading import RLock, Thread, local
from typing import TYPE_CHECKING, Final

import httpx

from audit.client.backlog import Backlog
from audit.client.calls import Server
from audit.client.delivery import Delivery, OnRejected
from audit.client.encoding import Event, Redact, encoded, identified, utc_now
from audit.client.limits import CALL_BYTES, Limits
from audit.client.parcel import Parcel
from audit.client.rules import EventRules
from audit.client.stats import Complaints, Counters, Stats

if TYPE_CHECKING:
    from audit.client.spool import Spool

logger = logging.getLogger("audit.client")

# Seconds after which a thread looks whether another process has left something.
_IDLE_S: Final = 30.0
# Seconds after which what failed here, and not at the server, is tried again.
_AGAIN_S: Final = 5.0

_this_thread = local()


def in_own_thread() -> bool:
    """Whether this thread is one of a client's own, whose messages are no news of the program."""
    return getattr(_this_thread, "is_clients", False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What ``Client`` is made with; its docstring tells what each means."""

    url: str
    key: str
    spool: Path | None
    limits: Limits
    redact: Redact | None
    on_rejected: OnRejected | None
    transport: httpx.BaseTransport | None


class Recorder:
    """The queue, the threads and the counters of one client in one process.

    Threads are started by the first event or flush. A forked child begins with none, an empty
    queue and counters at 0: what its parent has recorded, its parent sends.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._spool = _opened(options.spool, options.limits) if options.spool else None
        self._begin()
        _recorders.add(self)

    def _begin(self) -> None:
        options = self._options
        self._backlog, self._counters = Backlog(options.limits), Counters()
        self._complaints = Complaints(logger)
        self._threads: list[Thread] = []
        self._starting = RLock()
        self._closing, self._spooled, self._all_kept = Flag(), Flag(), Flag()
        self._disk_fails = False
        self._unsent: Parcel | None = None
        self._server = Server(options.url, options.key, options.limits.call_s, options.transport)
        self._rules = EventRules(self._server)
        self._delivery = Delivery(
            self._server, self._counters, self._complaints, options.on_rejected
        )

    @property
    def exit_s(self) -> float:
        return self._options.limits.exit_s

    def begin_in_child(self) -> None:
        if self._spool:
            self._spool.disown()
        self._begin()

    # --- For those who record ----------------------------------------------------------------

    def record(self, event: Event, timeout: float) -> bool:
        """Take an event; whether there was room, within ``timeout`` seconds.

        Raises TypeError and ValueError for what can't be an event.
        """
        if self._rules.suppress(event):
            self._counters.add("suppressed")
            return True
        redact = self._options.redact
        kept = redact(event) if redact else event
        if kept is None:
            self._counters.add("suppressed")
            return True
        line = encoded(identified(kept, utc_now()))
        if len(line) > CALL_BYTES:
            raise ValueError(f"the event has {len(line):,} bytes, at most {CALL_BYTES:,} can go")
        if self._closing.is_set() or not self._backlog.put(line, timeout):
            self._drop(1)
            return False
        self._counters.add("taken")
        self._start()
        return True

    @property
    def stats(self) -> Stats:
        names = ("sent", "spooled", "rejected", "suppressed", "dropped")
        counts = {name: self._counters[name] for name in names}
        torn = self._spool.torn if self._spool else 0
        return Stats(queued=self._waiting(), torn=torn, **counts)

    def flush(self, timeout: float) -> bool:
        """Whether everything recorded so far has come to the server within ``timeout`` seconds."""
        until = time.monotonic() + timeout
        taken = self._counters["taken"]
        self._start()  # an earlier process may have left something
        self._backlog.hurry()
        if not self._counters.wait_for(lambda: self._counters["handled"] >= taken, timeout):
            return False
        if self._spool is None:
            return True
        left = self._spool.names()
        return self._counters.wait_for(
            lambda: not any(path.exists() for path in left), until - time.monotonic()
        )

    def close(self, timeout: float) -> None:
        """Send or keep what waits, within ``timeout`` seconds; what is recorded then is dropped."""
        until = time.monotonic() + timeout
        self._closing.set()
        self._delivery.resume()
        self._backlog.hurry()
        self._spooled.set()
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        if not any(thread.is_alive() for thread in self._threads):
            self._server.close()
        if lost := self._waiting():
            self._drop(lost)
            self._counters.add("handled", lost)

    def _waiting(self) -> int:
        return max(0, self._counters["taken"] - self._counters["handled"])

    def _drop(self, count: int) -> None:
        self._counters.add("dropped", count)
        self._complaints.warn(
            "Events for the audit log were dropped, %d so far", self._counters["dropped"]
        )

    # --- The threads ---------------------------------------------------------------------------

    def _start(self) -> None:
        if self._threads:
            return
        with self._starting:
            if self._threads:
                return
            work: list[Callable[[], None]] = [self._send]
            if self._spool:
                work.append(partial(self._keep, self._spool))
            with suppress(RuntimeError):  # too late: the interpreter starts no more of them
                for each in work:
                    thread = Thread(
                        target=self._on_its_own, args=[each], name="audit-client", daemon=True
                    )
                    thread.start()
                    self._threads.append(thread)
            # Unlike atexit's, it is called at the end of multiprocessing's children, too.
            util.Finalize(None, self.close, [self._options.limits.exit_s], exitpriority=0)

    def _on_its_own(self, work: Callable[[], None]) -> None:
        """Whatever happens, the thread goes on: nobody would see it die."""
        _this_thread.is_clients = True
        while True:
            try:
                return work()
            except Exception as error:
                message = "The client of the audit log ran into %s"
                self._complaints.warn(message, type(error).__name__)
                logger.debug(message, type(error).__name__, exc_info=True)
                if self._closing.wait(_AGAIN_S):
                    return None

    def _keep(self, spool: "Spool") -> None:
        """From memory to the disk."""
        while len(self._backlog) or not self._closing.is_set():
            if not self._backlog.wait(_IDLE_S) or not (batch := self._backlog.take()):
                continue
            try:
                spool.add(batch)
            except OSError as error:
                self._complaints.warn("The audit spool took nothing: %s", error.strerror or error)
                self._backlog.put_back(batch)
                self._disk_fails = True
                self._spooled.set()
                if self._closing.wait(_AGAIN_S):
                    break
            else:
                self._disk_fails = False
                self._counters.add("spooled", len(batch))
                self._counters.add("handled", len(batch))
                self._spooled.set()
        self._all_kept.set()
        self._spooled.set()

    def _send(self) -> None:
        """From the disk, or else from memory, to the server."""
        while not self._is_done():
            if pause := self._delivery.pause_s:
                self._wait_out(pause)
            elif parcel := self._next():
                self._unsent = parcel
                if not self._closing.is_set():
                    self._rules.refresh()
                if self._delivery.deliver(parcel):
                    self._settle(parcel)
                elif parcel.segments:
                    self._unsent = None
                    parcel.release()
            else:
                self._wait_for_more()

    def _is_done(self) -> bool:
        """Whether it is the end, and there is nothing left to try."""
        if not self._closing.is_set():
            return False
        if self._spool and not self._disk_fails:
            nothing_left = self._all_kept.is_set() and not self._spool.names()
            return self._delivery.has_failed or nothing_left
        return not len(self._backlog) and self._unsent is None

    def _wait_out(self, pause: float) -> None:
        if self._closing.is_set():
            time.sleep(pause)  # close waits no longer than it was told
        else:
            self._closing.wait(pause)

    def _next(self) -> Parcel | None:
        if self._unsent:
            return self._unsent
        if self._spool and (parcel := self._spool.next()):
            return parcel
        takes = self._disk_fails or self._spool is None
        if takes and self._backlog.is_due and (batch := self._backlog.take()):
            return Parcel(batch)
        return None

    def _settle(self, parcel: Parcel) -> None:
        self._unsent = None
        if self._spool and parcel.segments:
            self._spool.settle(parcel)
        else:
            self._counters.add("handled", len(parcel.lines))

    def _wait_for_more(self) -> None:
        if self._spool is None or self._disk_fails:
            self._backlog.wait(_IDLE_S)
        elif self._spooled.wait(_IDLE_S):
            self._spooled.clear()


def _opened(path: Path, limits: Limits) -> "Spool":
    from audit.client.spool import Spool  # needs a POSIX system, and nothing else here does

    return Spool(path, limits.spool_bytes)


_recorders: weakref.WeakSet[Recorder] = weakref.WeakSet()


def _begin_in_child() -> None:
    for recorder in _recorders:
        recorder.begin_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_in_child)
