"""One call to the server, and what its answer means for the events in it."""

import gzip
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any, Final

import httpx

from audit.client.encoding import utc_now
from audit.client.parcel import Batch

# Of a server that asks for patience: longer than this is asked again.
_MAX_PATIENCE_S: Final = 3_600.0
_LATER: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT,
                           HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})  # fmt: skip
# What is wrong is in the body, or is its size.
_BODY: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                          HTTPStatus.UNPROCESSABLE_ENTITY})  # fmt: skip
# Small bodies are not worth it.
_COMPRESSED_FROM: Final = 1_024
_FASTEST: Final = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of an event; ``field`` is empty if it is the whole event."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """Every event is in the log but those rejected, by their place in the call, and as many as
    the organisation's rules suppress."""

    rejected: Mapping[int, tuple[Fault, ...]]
    suppressed: int = 0


@dataclass(frozen=True, slots=True)
class Later:
    """The server is away or asks for patience, for this many seconds if it says so."""

    reason: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Refused:
    """No call like this will do: the key or the address is wrong."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The server takes no such body; of several events, each may do alone."""

    reason: str


type Answer = Accepted | Later | Refused | Unreadable


class Server:
    """An organisation's log at ``url``, ``https://audit.example.com/acme``. For one thread."""

    def __init__(
        self, url: str, key: str, timeout_s: float, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._api = f"{url.rstrip('/')}/api"
        self._key, self._timeout_s, self._transport = key, timeout_s, transport

    @cached_property
    def _http(self) -> httpx.Client:
        """Made by the first call: reading the authorities' certificates takes a while."""
        headers = {
            "Authorization": f"Bearer {self._key}",
            "User-Agent": f"auditsite-client python-httpx/{httpx.__version__}",
        }
        return httpx.Client(headers=headers, timeout=self._timeout_s, transport=self._transport)

    def record(self, lines: Batch) -> Answer:
        """Send events, and wait for the answer."""
        body = b"\n".join(lines)
        headers = {"Content-Type": "application/x-ndjson"}
        if len(body) >= _COMPRESSED_FROM:
            body = gzip.compress(body, _FASTEST)
            headers["Content-Encoding"] = "gzip"
        try:
            response = self._http.post(f"{self._api}/events", content=body, headers=headers)
        except httpx.HTTPError as error:
            return Later(type(error).__name__)
        return answer_of(response)

    def get(self, path: str, headers: Mapping[str, str]) -> httpx.Response | None:
        """The answer to ``GET <path>`` below the API, None if there is none."""
        try:
            return self._http.get(f"{self._api}/{path}", headers=headers)
        except httpx.HTTPError:
            return None

    def close(self) -> None:
        if "_http" in vars(self):
            self._http.close()


def answer_of(response: httpx.Response) -> Answer:
    """What docs/http.md says of each status."""
    status = response.status_code
    reason = f"HTTP {status}"
    if status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Later(reason, retry_after(response.headers.get("Retry-After", ""), utc_now()))
    body = _json(response)
    if isinstance(body.get("rejected"), list):
        return Accepted(_rejected(body["rejected"]), body.get("suppressed", 0))
    if status in _BODY:
        return Unreadable(str(body.get("detail") or reason))
    if response.is_success:  # not Auditsite: a page of a proxy, say
        return Refused(f"{reason} without a word of what was recorded")
    return Refused(reason)


def retry_after(value: str, now: datetime) -> float:
    """Seconds, given so or as a date (RFC 9110, section 10.2.3); 0 for anything else."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - now).total_seconds()
        except (ValueError, TypeError):
            return 0.0
    return min(max(0.0, seconds), _MAX_PATIENCE_S)


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:  # not JSON, or not UTF-8
        return {}
    return body if isinstance(body, dict) else {}


def _rejected(entries: Iterable[Mapping[str, Any]]) -> dict[int, tuple[Fault, ...]]:
    faults: defaultdict[int, list[Fault]] = defaultdict(list)
    for entry in entries:
        faults[entry["index"]].append(Fault(entry["field"], entry["reason"]))
    return {index: tuple(found) for index, found in faults.items()}
