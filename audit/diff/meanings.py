"""Strict equality of JSON values, fast enough to ask of every pair of subtrees."""

from collections.abc import Hashable
from typing import NamedTuple

from audit.diff.document import JSON, MAX_DEPTH, InvalidJSON, JSONNumber, spell_number

# Python finds 1 == True == 1.0; JSON does not. An int and a text are their own keys, the rest
# are told apart by their JSON text.
_TRUE, _FALSE = ("true",), ("false",)


def _scalar_key(value: JSON) -> Hashable:
    if value is None or type(value) is str or type(value) is int:
        return value
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    if isinstance(value, float | JSONNumber):
        return (spell_number(value),)
    raise InvalidJSON(f"{type(value).__name__} is not a JSON value")


class Meanings:
    """A number for each distinct value met: equal values, and only they, share one.

    The order of an object's members has no meaning, the order of an array's items has. The
    documents must stay alive and unchanged, for containers are remembered by their address.
    """

    __slots__ = ("_containers", "_known")

    def __init__(self, *documents: JSON) -> None:
        self._known: dict[Hashable, int] = {}
        self._containers: dict[int, _Container] = {}
        for document in documents:
            self._learn(document, 1)

    def of(self, value: JSON) -> int:
        if isinstance(value, dict | list):
            return self._containers[id(value)].meaning
        return self._known[_scalar_key(value)]

    def of_items(self, array: list[JSON]) -> tuple[int, ...]:
        return self._containers[id(array)].items

    def lines(self, value: JSON) -> int:
        """About how many lines the value takes."""
        if isinstance(value, dict | list):
            return self._containers[id(value)].lines
        return 1

    def same(self, left: JSON, right: JSON) -> bool:
        return left is right or self.of(left) == self.of(right)

    def _number(self, key: Hashable) -> int:
        return self._known.setdefault(key, len(self._known))

    def _learn(self, value: JSON, depth: int) -> int:
        if not isinstance(value, dict | list):
            return self._number(_scalar_key(value))
        if id(value) in self._containers:
            return self._containers[id(value)].meaning
        if depth > MAX_DEPTH:
            raise InvalidJSON(f"nested deeper than {MAX_DEPTH} levels")
        numbers: list[int] = []
        lines = 2 + len(value)
        for part in value.values() if isinstance(value, dict) else value:
            numbers.append(self._learn(part, depth + 1))
            if isinstance(part, dict | list):
                lines += self._containers[id(part)].lines - 1
        items = tuple(numbers)
        key = frozenset(zip(value, items, strict=True)) if isinstance(value, dict) else items
        meaning = self._number(key)
        self._containers[id(value)] = _Container(meaning, lines, items)
        return meaning


class _Container(NamedTuple):
    meaning: int
    lines: int
    items: tuple[int, ...]
