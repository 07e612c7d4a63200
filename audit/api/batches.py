"""The events of a call: one, an array of them, or one a line."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from audit.api.problems import Problem
from audit.diff import JSON, MAX_DEPTH, InvalidJSON, loads
from audit.recording.limits import MAX_CALL_EVENTS
from audit.recording.reading import kind_of

JSON_TYPE: Final = "application/json"
LINES_TYPE: Final = "application/x-ndjson"
_LINES_TYPES: Final = frozenset({LINES_TYPE, "application/ndjson", "application/jsonl"})

# A document that is nested too deep is then refused as the event's, by name, and not as the call.
_MAX_DEPTH: Final = 2 * MAX_DEPTH

type Item = Mapping[str, object] | str
"""An event still to be validated, or the reason why it can be none."""


def read_batch(body: bytes, content_type: str) -> list[Item]:
    """Everything in ``body``, in order.

    Raises Problem: 415 for another content type, 400 for what is not JSON and for nothing at
    all, 413 above MAX_CALL_EVENTS.
    """
    content_type = content_type.lower()
    if content_type == JSON_TYPE:
        items = _items(_json(body))
    elif content_type in _LINES_TYPES:
        items = [_line(line) for line in body.split(b"\n") if line.strip()]
    else:
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"Send {JSON_TYPE}, an event or an array of them, or {LINES_TYPE}, one a line.",
            headers={"Accept-Post": f"{JSON_TYPE}, {LINES_TYPE}"},
        )
    return _bounded(items)


def read_envelope(body: bytes) -> tuple[str, list[Item]]:
    """The token and the events of a JSON object that has both.

    Raises Problem: 400 for anything else, 413 above MAX_CALL_EVENTS.
    """
    value = _json(body)
    if not isinstance(value, dict) or set(value) != {"token", "events"}:
        raise Problem(
            HTTPStatus.BAD_REQUEST, "The body must be an object of “token” and “events”, no more."
        )
    token = value["token"]
    if not isinstance(token, str):
        raise Problem(HTTPStatus.BAD_REQUEST, f"“token” must be text, not {kind_of(token)}.")
    return token, _bounded(_items(value["events"]))


def _bounded(items: list[Item]) -> list[Item]:
    if not items:
        raise Problem(HTTPStatus.BAD_REQUEST, "The body holds no event.")
    if len(items) > MAX_CALL_EVENTS:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"A call holds at most {MAX_CALL_EVENTS:,} events, this one {len(items):,}."
            " Send several.",
        )
    return items


def _json(body: bytes) -> JSON:
    try:
        return loads(body.decode(), max_depth=_MAX_DEPTH)
    except UnicodeDecodeError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"The body is not UTF-8: {error}.") from None
    except InvalidJSON as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"The body is not JSON: {error}.") from None


def _items(value: JSON) -> list[Item]:
    if isinstance(value, list):
        return [_item(each) for each in value]
    if isinstance(value, dict):
        return [value]
    raise Problem(
        HTTPStatus.BAD_REQUEST,
        f"Send an event or an array of events, not {kind_of(value)}.",
    )


def _line(line: bytes) -> Item:
    try:
        return _item(loads(line.decode(), max_depth=_MAX_DEPTH))
    except UnicodeDecodeError as error:
        return f"is not UTF-8 (byte {error.start + 1:,} of the line)"
    except InvalidJSON as error:
        return f"is not JSON: {error.reason}"


def _item(value: JSON) -> Item:
    return value if isinstance(value, dict) else f"must be an object, not {kind_of(value)}"
