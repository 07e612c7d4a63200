"""JSON values as they came: strict reading, exact writing.

A number is what it spells. Ordinary numbers are `int` and `float`; one that Python would spell
differently (1.10, 1E5, 1e400, -0) or refuse (over 4,300 digits) stays text in a `JSONNumber`.
"""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from itertools import accumulate
from typing import Final, Literal

# Deep enough for any real document, shallow enough for recursion of a frame or two a level.
MAX_DEPTH: Final = 256
_INT_DIGITS: Final = 4000  # Python refuses to convert above 4,300

REDACTED: Final = "$redacted"


class Absent(Enum):
    """The type of `ABSENT`: there is no document on this side (JSON null is a document)."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


class InvalidJSON(ValueError):
    """Text or a value that is not strict JSON (RFC 8259).

    `line` and `column` count from 1 and are 0 when a value was refused, not a text; `pointer`
    then says which value.
    """

    def __init__(self, reason: str, line: int = 0, column: int = 0, pointer: str = "") -> None:
        self.reason, self.line, self.column, self.pointer = reason, line, column, pointer
        place = f" (line {line}, column {column})" if line else ""
        place += f" (at {pointer})" if pointer else ""
        super().__init__(reason + place)


_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class JSONNumber:
    """A number kept as its text, because `int` and `float` would not give it back."""

    text: str

    def __post_init__(self) -> None:
        if not _NUMBER.fullmatch(self.text):
            raise InvalidJSON("not a JSON number")


type JSON = bool | int | float | str | JSONNumber | list[JSON] | dict[str, JSON] | None
type Document = JSON | Literal[Absent.ABSENT]


def is_redacted(value: object) -> bool:
    """A leaf whose value was withheld: `{"$redacted": "<fingerprint>"}`."""
    return type(value) is dict and len(value) == 1 and isinstance(value.get(REDACTED), str)


_KINDS: Final[dict[type, str]] = {
    type(None): "null",
    bool: "boolean",
    str: "string",
    list: "array",
    dict: "object",
}


def kind_of(value: JSON) -> str:
    """The JSON type's name as people read it; "redacted" for a withheld leaf."""
    if is_redacted(value):
        return "redacted"
    return _KINDS.get(type(value), "number")


def spell_number(value: float | JSONNumber) -> str:
    """The number's JSON text."""
    if type(value) is JSONNumber:
        return value.text
    if type(value) is int and value.bit_length() > 3 * _INT_DIGITS:
        return format(Decimal(value), "f")
    return repr(value)


# Reading

_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_TOKEN = re.compile(_STRING.pattern + r"|[][{}]|NaN|-?Infinity", re.DOTALL)
_NO_BRACKETS_OR_QUOTES = bytes(set(range(256)) - set(b'[]{}"'))
_SURROGATE = re.compile("[\ud800-\udfff]")
_DEEPER = {"[": 1, "{": 1, "]": -1, "}": -1}
_DEEPER_BYTES = {ord(bracket): step for bracket, step in _DEEPER.items()}


class _DuplicateKey(ValueError):
    pass


class _NotFinite(ValueError):
    pass


def loads(text: str, *, max_depth: int = MAX_DEPTH) -> JSON:
    """Read strict JSON (RFC 8259), refusing what readers disagree on.

    Refused with `InvalidJSON`: duplicate keys, NaN and Infinity, a byte order mark, anything
    after the document, unpaired surrogates not written as escapes, deeper
    nesting than `max_depth`.
    """
    _refuse_foreign_characters(text)
    _refuse_depth(text, max_depth)
    try:
        value: JSON = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise _invalid(text, error.pos, _REASONS.get(error.msg, error.msg)) from None
    except _DuplicateKey as error:
        key = str(error)
        raise _invalid(text, _duplicate_at(text), f"duplicate key {_quote(key)}") from None
    except _NotFinite as error:
        raise _invalid(text, _not_finite_at(text), f"{error} is not a JSON number") from None
    return value


def _object(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise _DuplicateKey(key)
        seen.add(key)
    return members


def _int(text: str) -> int | JSONNumber:
    if len(text) > _INT_DIGITS or text == "-0":
        return JSONNumber(text)
    return int(text)


def _float(text: str) -> float | JSONNumber:
    value = float(text)
    return value if repr(value) == text else JSONNumber(text)


def _constant(text: str) -> JSON:
    raise _NotFinite(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_int, parse_float=_float, parse_constant=_constant
)

# Python's words for the same mistake change between versions; ours do not.
_REASONS = {
    "Expecting value": "a value is expected here",
    "Expecting property name enclosed in double quotes": "a key in double quotes is expected here",
    "Illegal trailing comma before end of object": "a comma before the end of an object",
    "Illegal trailing comma before end of array": "a comma before the end of an array",
    "Expecting ':' delimiter": "a colon is expected here",
    "Expecting ',' delimiter": "a comma is expected here",
    "Extra data": "something follows the end of the document",
    "Invalid control character at": "a control character must be written as an escape",
    "Invalid \\escape": "an escape that JSON does not know",
    "Invalid \\uXXXX escape": "a \\u escape needs four hexadecimal digits",
    "Unterminated string starting at": "a string that does not end",
}


def _refuse_foreign_characters(text: str) -> None:
    if text.startswith("\ufeff"):
        raise _invalid(text, 0, "a byte order mark")
    if not text.isascii() and (found := _SURROGATE.search(text)):
        raise _invalid(text, found.start(), "half of a surrogate pair not written as an escape")


def _refuse_depth(text: str, most: int) -> None:
    if _depth(text) > most:
        raise _invalid(text, _too_deep_at(text, most), f"nested deeper than {most} levels")


def _depth(text: str) -> int:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return 0
    # Ten times as quick as an expression that knows strings: without escapes, every second
    # stretch between quotes is one.
    plain = text.replace("\\\\", "").replace('\\"', "").encode(errors="replace")
    outside = plain.translate(None, _NO_BRACKETS_OR_QUOTES).split(b'"')[::2]
    return max(accumulate(map(_DEEPER_BYTES.__getitem__, b"".join(outside))), default=0)


def _too_deep_at(text: str, most: int) -> int:
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += _DEEPER.get(token[0], 0)
        if depth > most:
            return token.start()
    return 0


def _not_finite_at(text: str) -> int:
    found = (token.start() for token in _TOKEN.finditer(text) if token[0][-1] in "Ny")
    return next(found, 0)


def _duplicate_at(text: str) -> int:
    """Where the first key that its object already has begins."""
    open_objects: list[set[str]] = []
    for token in _TOKEN.finditer(text):
        if token[0] in "[{":
            open_objects.append(set())
        elif token[0] in "]}":
            open_objects.pop()
        elif _AFTER_KEY.match(text, token.end()) and open_objects:
            key = json.loads(token[0])
            if key in open_objects[-1]:
                return token.start()
            open_objects[-1].add(key)
    return 0


_AFTER_KEY = re.compile(r"[ \t\r\n]*:")


def _invalid(text: str, position: int, reason: str) -> InvalidJSON:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return InvalidJSON(reason, line, column)


# Writing

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _quote(text: str) -> str:
    return _SURROGATE.sub(_escape, _ENCODER.encode(text))


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def dumps(value: JSON, *, has_text_keys: bool = False, max_depth: int = MAX_DEPTH) -> str:
    """Write compact JSON: key order kept, numbers spelt as they came.

    `has_text_keys` spares looking through a value of which that is known.

    NUL, other control characters and lone surrogates are written as escapes, everything else
    as itself. `InvalidJSON` names the place of what JSON cannot hold, and refuses deeper nesting
    than `max_depth`.
    """
    try:
        text = _ENCODER.encode(value)
    except (TypeError, ValueError, RecursionError):
        text = _written(value, max_depth)
    if not (has_text_keys or _has_text_keys(value)):
        text = _written(value, max_depth)
    if _depth(text) > max_depth:
        raise InvalidJSON(f"nested deeper than {max_depth} levels")
    return text if text.isascii() else _SURROGATE.sub(_escape, text)


def _has_text_keys(value: JSON) -> bool:
    """Whether all keys are plain `str`: the standard encoder would turn 1 and None into text."""
    pending: list[JSON] = [value]
    while pending:
        container = pending.pop()
        if isinstance(container, dict):
            if not set(map(type, container)) <= {str}:
                return False
            pending += [part for part in container.values() if isinstance(part, dict | list)]
        elif isinstance(container, list):
            pending += [part for part in container if isinstance(part, dict | list)]
    return True


def _written(value: JSON, max_depth: int) -> str:
    """The value by our own writer: it knows JSONNumber, and says what is wrong where."""
    parts: list[str] = []
    _write(value, parts, (), max_depth)
    return "".join(parts)


def _write(value: JSON, parts: list[str], path: tuple[str | int, ...], max_depth: int) -> None:
    if len(path) > max_depth:
        raise InvalidJSON(f"nested deeper than {max_depth} levels")
    if isinstance(value, dict):
        opening = "{"
        for key, member in value.items():
            if not isinstance(key, str):
                raise _refused("an object's key that is not text", path)
            parts.append(f"{opening}{_ENCODER.encode(key)}:")
            _write(member, parts, (*path, key), max_depth)
            opening = ","
        parts.append("}" if value else "{}")
    elif isinstance(value, list | tuple):
        opening = "["
        for index, item in enumerate(value):
            parts.append(opening)
            _write(item, parts, (*path, index), max_depth)
            opening = ","
        parts.append("]" if value else "[]")
    else:
        parts.append(_scalar(value, path))


def _scalar(value: JSON, path: tuple[str | int, ...]) -> str:
    if isinstance(value, JSONNumber) or type(value) is int:
        return spell_number(value)
    try:
        return _ENCODER.encode(value)
    except ValueError:
        raise _refused(f"{value!r} is not a JSON number", path) from None
    except TypeError:
        raise _refused(f"{type(value).__name__} is not a JSON value", path) from None


def _refused(reason: str, path: tuple[str | int, ...]) -> InvalidJSON:
    pointer = "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in path)
    return InvalidJSON(reason, pointer=pointer)
