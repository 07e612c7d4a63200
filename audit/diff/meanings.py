"""Strict equality of JSON values, fast enough to ask of every pair of subtrees."""

from collections.abc import Hashable

from audit.diff.document import JSON, MAX_DEPTH, InvalidJSON, JSONNumber, spell_number


def _scalar_key(value: JSON) -> Hashable:
    # Python finds 1 == True == 1.0; JSON does not. Numbers are told apart by their text.
    if type(value) is str or value is None or type(value) is bool:
        return value
    if isinstance(value, int | float | JSONNumber):
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
        self._containers: dict[int, tuple[int, int]] = {}
        for document in documents:
            self._learn(document, 1)

    def of(self, value: JSON) -> int:
        if isinstance(value, dict | list):
            return self._containers[id(value)][0]
        return self._number(_scalar_key(value))

    def lines(self, value: JSON) -> int:
        """About how many lines the value takes."""
        if isinstance(value, dict | list):
            return self._containers[id(value)][1]
        return 1

    def same(self, left: JSON, right: JSON) -> bool:
        return left is right or self.of(left) == self.of(right)

    def _number(self, key: Hashable) -> int:
        return self._known.setdefault(key, len(self._known))

    def _learn(self, value: JSON, depth: int) -> int:
        if not isinstance(value, dict | list):
            return self._number(_scalar_key(value))
        if id(value) in self._containers:
            return self._containers[id(value)][0]
        if depth > MAX_DEPTH:
            raise InvalidJSON(f"nested deeper than {MAX_DEPTH} levels")
        items = value.values() if isinstance(value, dict) else value
        numbers = [self._learn(item, depth + 1) for item in items]
        key: Hashable = (
            frozenset(zip(value, numbers, strict=True)) if isinstance(value, dict) else (*numbers,)
        )
        meaning = self._number(key)
        lines = 2 + sum(map(self.lines, items))
        self._containers[id(value)] = (meaning, lines)
        return meaning
