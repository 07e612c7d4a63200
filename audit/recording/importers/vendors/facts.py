"""A vendor's record as the facts in it: what a mapping takes is placed, the rest are details.

Nothing can be forgotten that way: a fact that no field of an event takes stays, and is kept under
the vendor's own name for it. Names are met as written, in lower case and with a capital, because
those who pass records on (Sentinel, Panther, Athena) change just that.
"""

import ast
from collections.abc import Iterator
from datetime import datetime, tzinfo
from ipaddress import ip_address

from audit.diff import JSON, InvalidJSON, JSONNumber, loads

type Path = str | tuple[str, ...]
"""Keys that lead to a fact: with dots between them, or as a tuple where a key has dots itself."""

# Cells of a table that hold a Python value; more than any such cell has, little enough to parse.
_MAX_LITERAL = 1 << 18


class Facts:
    """One record. ``take`` removes what it gives; what is left over at the end is kept.

    ``fallback_time`` is when it happened if the record does not say, ``zone`` the one of times
    without any, both as the operator says.
    """

    __slots__ = ("fallback_time", "record", "zone")

    def __init__(
        self,
        record: dict[str, JSON],
        fallback_time: datetime | None = None,
        zone: tzinfo | None = None,
    ) -> None:
        self.record, self.fallback_time, self.zone = record, fallback_time, zone

    def get(self, *paths: Path) -> JSON:
        """The first of these that is there and says something, else None."""
        for path in paths:
            holder, key = self._find(path)
            if holder is not None and _says_something(value := _item(holder, key)):
                return value
        return None

    def take(self, *paths: Path) -> JSON:
        """As ``get``; the fact is placed then, and no detail. Items of arrays stay there."""
        for path in paths:
            holder, key = self._find(path)
            if holder is not None and _says_something(value := _item(holder, key)):
                if isinstance(holder, dict):
                    del holder[key]
                return value
        return None

    def text(self, *paths: Path) -> str:
        """The first of these that is text, or a number or truth value as JSON writes it."""
        return next((text for path in paths if (text := text_of(self.get(path)))), "")

    def take_text(self, *paths: Path) -> str:
        for path in paths:
            if text_of(self.get(path)):
                return text_of(self.take(path))
        return ""

    def take_address(self, *paths: Path) -> str:
        """The first of these that is an IP address, without a port; another stays a detail."""
        for path in paths:
            if address := address_in(self.text(path)):
                self.take(path)
                return address
        return ""

    def part(self, *paths: Path) -> "Facts":
        """The first of these that is an object; what is taken from it is taken from the record."""
        for path in paths:
            value = self.get(path)
            if isinstance(value, dict):
                return Facts(value)
        return Facts({})

    def parts(self, *paths: Path) -> "list[Facts]":
        """The objects of the first of these that is an array."""
        for path in paths:
            value = self.get(path)
            if isinstance(value, list):
                return [Facts(item) for item in value if isinstance(item, dict)]
        return []

    def unfold(self, *paths: Path) -> None:
        """Read what is written as text here, where it is an object or an array, into the record."""
        for path in paths:
            holder, key = self._find(path)
            if isinstance(holder, dict) and isinstance(text := holder.get(key), str):
                holder[key] = value_in(text)

    def __bool__(self) -> bool:
        return bool(self.record)

    def _find(self, path: Path) -> tuple[dict[str, JSON] | list[JSON] | None, str]:
        steps = path.split(".") if isinstance(path, str) else path
        holder: JSON = self.record
        for step in steps[:-1]:
            holder = _item(holder, _name_in(holder, step))
        if isinstance(holder, dict | list):
            return holder, _name_in(holder, steps[-1])
        return None, ""


def _name_in(holder: JSON, name: str) -> str:
    if not isinstance(holder, dict) or name in holder:
        return name
    others = (name.lower(), name[:1].upper() + name[1:])
    return next((other for other in others if other in holder), name)


def _item(holder: JSON, key: str) -> JSON:
    if isinstance(holder, dict):
        return holder.get(key)
    if isinstance(holder, list) and key.isdecimal() and len(key) < 9 and int(key) < len(holder):
        return holder[int(key)]
    return None


def _says_something(value: JSON) -> bool:
    return value is not None and value != "" and value != [] and value != {}


def text_of(value: JSON) -> str:
    """A scalar as text; empty for null, arrays and objects."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, JSONNumber):
        return value.text
    return str(value) if isinstance(value, int | float) else ""


def value_in(text: str) -> JSON:
    """The object or array that a text holds as JSON or as Python writes it; else the text."""
    if text.strip()[:1] not in ("{", "["):
        return text
    try:
        return loads(text)
    except InvalidJSON:
        return _python_value(text)


def _python_value(text: str) -> JSON:
    """As spreadsheets made with pandas have it: ``{'id': None}``."""
    if len(text) > _MAX_LITERAL:
        return text
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return text
    return value if _is_json(value) else text


def _is_json(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_is_json, value))
    if isinstance(value, float):
        return value - value == 0  # neither infinite nor NaN
    return value is None or isinstance(value, str | bool | int)


def address_in(text: str) -> str:
    """The IP address in ``203.0.113.24``, ``203.0.113.24:443`` or ``[2001:db8::1]:443``."""
    candidates = [text, text.rpartition(":")[0] if text.count(":") == 1 else ""]
    if text.startswith("["):
        candidates = [text[1:].partition("]")[0]]
    for candidate in candidates:
        try:
            address = ip_address(candidate)
        except ValueError:
            continue
        return "" if getattr(address, "scope_id", None) else str(address)
    return ""


def leaves(value: JSON, path: str = "") -> Iterator[tuple[str, JSON]]:
    """What is left over, as dotted paths: scalars, and arrays as they are; nulls say nothing."""
    if isinstance(value, dict) and value:
        for key, member in value.items():
            yield from leaves(member, f"{path}.{key}" if path else key)
    elif _says_something(value):
        yield path, value
