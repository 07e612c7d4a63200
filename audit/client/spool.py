"""Events on disk: what was written here outlives the process, and goes to the server later.

A directory of segments, each a file of NDJSON that one call can carry. Any number of processes
may share it: a segment is locked (flock) by whoever writes or sends it, and whatever a process
that died has left, another one sends. Needs a POSIX system and a local file system.

A segment is written under a name of its own, synchronised to the disk (fsync) and then renamed,
so it is there whole or not at all. What was being written when a process died is taken up, too;
a last line that breaks off is set aside in ``….torn``.
"""

import fcntl
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final
from uuid import uuid4

from audit.client.limits import CALL_BYTES, CALL_EVENTS
from audit.client.parcel import Batch, Parcel

_WHOLE: Final = ".ndjson"
_PART: Final = ".part"
# Seconds. A part without a lock is this old before it counts as left behind: between making a file
# and locking it, its writer is still alive.
_ORPHANED_S: Final = 10
# Seconds between two looks at what other processes have written.
_RESCAN_S: Final = 30
# What a file takes on the disk at least.
_BLOCK: Final = 4_096


class SpoolFull(OSError):
    """There is no room left for what should be written; what is there already stays."""


class Spool:
    """The directory ``path``, made if need be, of at most ``most_bytes``.

    Directories are made with mode 0700 and files with 0600: events are in them as they were given.
    Raises OSError if the directory can't be made or used.
    """

    def __init__(self, path: Path, most_bytes: int) -> None:
        self._path, self._most_bytes = path, most_bytes
        self._lock = Lock()
        self._sizes: dict[Path, int] = {}
        self._scanned_at = float("-inf")
        self._parcel = Parcel(())
        self.torn = 0
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.names()

    def add(self, batch: Batch) -> None:
        """Write a segment; when this returns it is on the disk.

        Raises SpoolFull, and OSError for whatever else the disk objects to.
        """
        content = b"".join(line + b"\n" for line in batch)
        if self._used() + len(content) > self._most_bytes:
            raise SpoolFull(f"{self._path} holds as much as it may")
        part = self._path / f"{time.time_ns():020}-{os.getpid()}-{uuid4().hex}{_PART}"
        whole = part.with_suffix(_WHOLE)
        try:
            _write(part, content)
            part.rename(whole)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        with suppress(OSError):  # the file is there: only a loss of power could still undo its name
            _sync_directory(self._path)
        with self._lock:
            self._sizes[whole] = _taken(len(content))

    def next(self) -> Parcel | None:
        """The oldest segments that fit into a call, locked; None if there are none to be had."""
        parcel = self._parcel = Parcel([])
        lines: list[bytes] = []
        size = 0
        for path in self._waiting():
            if (segment := _locked(path)) is None:
                self._forget([path])
                continue
            more = self._lines_of(path, segment)
            size += sum(map(len, more)) + len(more)
            if lines and (size > CALL_BYTES or len(lines) + len(more) > CALL_EVENTS):
                os.close(segment)
                break
            lines += more
            parcel.segments[path] = segment
        parcel.lines = lines
        if lines or not parcel.segments:
            return parcel if lines else None
        parcel.settle()  # nothing but torn lines
        return None

    def settle(self, parcel: Parcel) -> None:
        settled = list(parcel.segments)
        parcel.settle()
        self._forget(settled)

    def names(self) -> set[Path]:
        """The segments there are now, whoever has written them."""
        found: dict[Path, int] = {}
        now = time.time()
        for entry in os.scandir(self._path):
            with suppress(FileNotFoundError):  # sent by somebody else just now
                about = entry.stat()
                orphaned = entry.name.endswith(_PART) and about.st_mtime < now - _ORPHANED_S
                if orphaned or entry.name.endswith(_WHOLE):
                    found[Path(entry.path)] = _taken(about.st_size)
        with self._lock:
            self._sizes, self._scanned_at = found, time.monotonic()
        return set(found)

    def disown(self) -> None:
        """In a forked child: its parent's locks are its parent's."""
        self._lock = Lock()
        self._parcel.release()

    def _waiting(self) -> list[Path]:
        with self._lock:
            is_known = self._sizes and time.monotonic() - self._scanned_at < _RESCAN_S
            known = sorted(self._sizes)
        return known if is_known else sorted(self.names())

    def _used(self) -> int:
        if time.monotonic() - self._scanned_at >= _RESCAN_S:
            self.names()
        with self._lock:
            return sum(self._sizes.values())

    def _forget(self, paths: Iterable[Path]) -> None:
        with self._lock:
            for path in paths:
                self._sizes.pop(path, None)

    def _lines_of(self, path: Path, segment: int) -> list[bytes]:
        whole, _, torn = _content(segment).rpartition(b"\n")
        if torn:
            aside = path.with_suffix(".torn")
            if not aside.exists():
                self.torn += 1
                _write(aside, torn)
        return whole.split(b"\n") if whole else []


def _write(path: Path, content: bytes) -> None:
    """With a lock that lasts until all is on the disk."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(file, rest) :]
        os.fsync(file)
    finally:
        os.close(file)


def _locked(path: Path) -> int | None:
    """The open segment, if it is still there and nobody else has it."""
    try:
        segment = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(segment, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(segment).st_nlink:
            return segment
    except BlockingIOError:
        pass
    os.close(segment)
    return None


def _content(segment: int) -> bytes:
    with os.fdopen(os.dup(segment), "rb") as file:
        return file.read()


def _taken(size: int) -> int:
    return max(size, _BLOCK)


def _sync_directory(path: Path) -> None:
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
