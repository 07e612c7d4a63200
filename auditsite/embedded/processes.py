"""Child processes that end with their parent, however it ends."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_ENDING = (signal.SIGTERM, signal.SIGHUP)

type _Handler = Callable[[int, FrameType | None], object]


def ending_with_parent(by: signal.Signals) -> Callable[[], None] | None:
    """A ``preexec_fn``: should the parent be killed, the kernel ends the child too.

    Elsewhere than on Linux nothing does this, and a parent killed with -9 leaves its children.
    """
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, by)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into an exit, so that whatever was started is stopped."""

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    with _handling(leave, _ENDING):
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold an impatient second Ctrl-C off while things are being stopped."""
    with _handling(lambda _number, _frame: None, (signal.SIGINT, *_ENDING)):
        yield


def supervise(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command in the foreground and pass signals on. Returns its exit status."""
    try:
        child = subprocess.Popen(  # noqa: S603 -- the command is the caller's own
            command, env=environment, preexec_fn=ending_with_parent(signal.SIGTERM)
        )
    except OSError as error:
        sys.stderr.write(f"{command[0]} can't be run: {error.strerror}.\n")
        return 127

    def pass_on(number: int, _frame: FrameType | None) -> None:
        # At a terminal, Ctrl-C has reached the child already; twice would mean "at once".
        if number != signal.SIGINT or not _in_foreground():
            child.send_signal(number)

    with _handling(pass_on, (signal.SIGINT, *_ENDING)):
        status = child.wait()
    return status if status >= 0 else 128 - status


def _in_foreground() -> bool:
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    finally:
        os.close(terminal)


@contextmanager
def _handling(handler: _Handler, numbers: Sequence[signal.Signals]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
