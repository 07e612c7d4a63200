"""What a program logs, as events."""

import logging
import traceback
from typing import Any, Final

from audit.client.client import Client
from audit.client.recorder import in_own_thread

# Characters that details and summaries hold at most.
_MAX_TEXT: Final = 2_048
_OWN: Final = "audit.client"


class AuditHandler(logging.Handler):
    """Records log messages with ``client``: as ``error`` from ERROR on and with an exception, else
    as ``log``.

    The level, the logger and the stack trace are details; of a trace too long for a detail the
    end is kept, where it happened. ``extra={"audit": {…}}`` adds to the event, or replaces:
    ``event_type``, ``resource``, ``before``. A message of the client's own is passed over.
    """

    def __init__(self, client: Client, level: int | str = logging.NOTSET) -> None:
        super().__init__(level)
        self._client = client

    def emit(self, record: logging.LogRecord) -> None:
        if in_own_thread() or record.name == _OWN or record.name.startswith(f"{_OWN}."):
            return
        try:
            self._client.record_event(event_of(record))
        except Exception:  # noqa: BLE001 -- as logging's own handlers do
            self.handleError(record)


def event_of(record: logging.LogRecord) -> dict[str, Any]:
    """The event that a log message is, without actor and time."""
    error = record.exc_info[1] if record.exc_info else None
    is_error = error is not None or record.levelno >= logging.ERROR
    details = {"level": _level(record.levelno), "logger": record.name}
    if trace := _trace(record):
        details["stackTrace"] = _end(trace)
    event: dict[str, Any] = {
        "event_type": "error" if is_error else "log",
        "outcome": "failure" if is_error else "success",
        "summary": _start(record.getMessage().replace("\0", "")),
        "details": details,
    }
    if error is not None:
        event["resource"] = {"type": "error", "id": type(error).__qualname__}
    added = getattr(record, "audit", None) or {}
    return {**event, **added, "details": {**details, **added.get("details", {})}}


def _level(number: int) -> str:
    """The level as the organisation's rules know it."""
    levels = ((logging.ERROR, "error"), (logging.WARNING, "warning"), (logging.INFO, "info"))
    return next((name for least, name in levels if number >= least), "debug")


def _trace(record: logging.LogRecord) -> str:
    if record.exc_info and record.exc_info[1]:
        return "".join(traceback.format_exception(record.exc_info[1])).rstrip()
    return record.exc_text or record.stack_info or ""


def _start(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else f"{text[: _MAX_TEXT - 1]}…"


def _end(text: str) -> str:
    text = text.replace("\0", "")
    return text if len(text) <= _MAX_TEXT else f"…{text[1 - _MAX_TEXT :]}"
