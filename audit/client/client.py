"""The client as applications use it."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack, cast
from urllib.parse import urlsplit

import httpx

from audit.client.context import completed
from audit.client.delivery import OnRejected
from audit.client.encoding import Event, EventFields, Redact
from audit.client.limits import Limits
from audit.client.recorder import Options, Recorder
from audit.client.stats import Stats

_FIELDS = EventFields.__annotations__.keys() | {"event_type"}


class Client:
    """Records events in the log of one organisation. One for the whole process will do.

    ``url`` is the organisation's, ``https://audit.example.com/acme``, and ``key`` an API key of it
    with the scope ``events:write``; by default they are AUDITSITE_URL and AUDITSITE_KEY of the
    environment. ``spool`` is a directory for what has not been sent yet (AUDITSITE_SPOOL; by
    default there is none). ``redact`` is given each event before anything else has it, and
    answers with the event to record, or None for none. ``on_rejected`` is given each event that
    the server refuses as it is, in a thread of the client's. ``transport`` is httpx's, for a proxy
    or certificates of your own.

    Threads may share it; a forked process begins anew with it. Raises ValueError where an address
    or key is missing or can be none, and OSError if the spool can't be used.
    """

    def __init__(
        self,
        url: str = "",
        key: str = "",
        *,
        spool: str | Path | None = None,
        limits: Limits | None = None,
        redact: Redact | None = None,
        on_rejected: OnRejected | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        kept = spool or os.environ.get("AUDITSITE_SPOOL")
        self.url = _address(url or os.environ.get("AUDITSITE_URL", ""))
        self._recorder = Recorder(
            Options(
                url=self.url,
                key=_key(key or os.environ.get("AUDITSITE_KEY", "")),
                spool=Path(kept) if kept else None,
                limits=limits or Limits(),
                redact=redact,
                on_rejected=on_rejected,
                transport=transport,
            )
        )

    def record(
        self, *, event_type: str, timeout: float = 0.0, **fields: Unpack[EventFields]
    ) -> bool:
        """Take an event and return at once; it is sent in the background.

        What ``fields`` leave out is taken from ``audit_context``. Where the queue is full, this
        waits for room for ``timeout`` seconds; then the event is dropped and counted, and the
        answer is False. Raises TypeError and ValueError for a field there is none of, and for
        what JSON can't hold; whatever else is wrong, the server says to ``on_rejected``.
        """
        event = {"event_type": event_type, **fields}
        if unknown := event.keys() - _FIELDS:
            raise TypeError(f"an event has no field {', '.join(sorted(unknown))}")
        return self.record_event(event, timeout)

    def record_event(self, event: Mapping[str, Any], timeout: float = 0.0) -> bool:
        """``record`` an event given as JSON has it, for what passes on events of others."""
        return self._recorder.record(cast(Event, completed(event)), timeout)

    @property
    def stats(self) -> Stats:
        """What became of this process's events so far."""
        return self._recorder.stats

    def flush(self, timeout: float) -> bool:
        """Whether everything recorded so far has come to the server within ``timeout`` seconds."""
        return self._recorder.flush(timeout)

    def close(self, timeout: float | None = None) -> None:
        """Send what waits, within ``timeout`` seconds (by default ``Limits.exit_s``), and end.

        What can't be sent is left in the spool, or dropped where there is none. Called by itself
        at the end of the process; what is recorded afterwards is dropped.
        """
        self._recorder.close(self._recorder.exit_s if timeout is None else timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self.url!r})"


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or not parts.path.strip("/"):
        raise ValueError(
            "The client needs the address of an organisation's log, as its first argument or in"
            " AUDITSITE_URL: https://audit.example.com/acme"
        )
    return url.rstrip("/")


def _key(key: str) -> str:
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("The client needs an API key, as its second argument or in AUDITSITE_KEY.")
    return key
