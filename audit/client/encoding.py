"""From what ``record`` is given to one line of JSON, with the id it will have for ever."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any, TypedDict
from uuid import UUID

from audit.event_id import EPOCH, event_id


class EventFields(TypedDict, total=False):
    """What ``record`` takes beside ``event_type``; docs/events.md tells what each means.

    ``before`` and ``after`` left out are no snapshot; None is the document ``null``.
    """

    id: str | UUID
    occurred_at: str | datetime
    actor: Mapping[str, Any]
    change: str
    outcome: str
    resource: Mapping[str, Any]
    deployment: str
    branch_deployment: str
    details: Mapping[str, Any]
    summary: str
    session: str
    ip: str
    user_agent: str
    request_id: str
    idempotency_key: str
    before: Any
    after: Any


type Event = dict[str, Any]
type Redact = Callable[[Event], Event | None]


def identified(event: Event, now: datetime) -> Event:
    """``event`` with its time and its id, so that sending it twice records it once.

    Raises ValueError for a time without a zone, which names no moment.
    """
    if event.get("id"):
        return event
    given = event.get("occurred_at") or now
    event = {**event, "occurred_at": given}
    moment = _moment(given)
    if moment is not None and moment.tzinfo is None:
        raise ValueError("occurred_at must have a zone: datetime.now(UTC)")
    if event.get("idempotency_key") or moment is None or moment < EPOCH:
        return event  # the key makes the id; what is no moment the server will name
    return {**event, "id": event_id(moment)}


def encoded(event: Mapping[str, object]) -> bytes:
    """The event as a line of JSON, without its end.

    Times, UUIDs, paths, decimals and members of an Enum are written as text, sets as lists.
    Raises TypeError and ValueError for what JSON can't hold.
    """
    text = _WRITER.encode(event)
    try:
        return text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can hold
        return _ASCII_WRITER.encode(event).encode()


def decoded(line: bytes) -> Event:
    event: Event = json.loads(line)
    return event


def _moment(given: object) -> datetime | None:
    if isinstance(given, datetime):
        return given
    try:
        return datetime.fromisoformat(str(given))
    except ValueError:
        return None


def _plain(value: object) -> object:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID | Decimal | PurePath):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")


_WRITER = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
)
_ASCII_WRITER = json.JSONEncoder(allow_nan=False, separators=(",", ":"), default=_plain)


def utc_now() -> datetime:
    return datetime.now(UTC)
