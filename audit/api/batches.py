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
        items = _json(body)
    elif content_type in _LINES_TYPES:
        items = [_line(line) for line in body.split(b"\n") if line.strip()]
    else:
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"Send {JSON_TYPE}, an event or an array of them, or {LINES_TYPE}, one a line.",
            headers={"Accept-Post": f"{JSON_TYPE}, {LINES_TYPE}"},
        )
    if not items:
        raise Problem(HTTPStatus.BAD_REQUEST, "The body holds no event.")
    if len(items) > MAX_CALL_EVENTS:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"A call holds at most {MAX_CALL_EVENTS:,} events, this one {len(items):,}."
            " Send several.",
        )
    return items


def _json(body: bytes) -> list[Item]:
    try:
        value = loads(body.decode(), max_depth=_MAX_DEPTH)
    except UnicodeDecodeError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"The body is not UTF-8: {error}.") from None
    except InvalidJSON as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"The body is not JSON: {error}.") from None
    if isinstance(value, list):
        return [_item(each) for each in value]
    if isinstance(value, dict):
        return [value]
    raise Problem(
        HTTPStatus.BAD_REQUEST,
        f"The body must be an event or an array of events, not {kind_of(value)}.",
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
