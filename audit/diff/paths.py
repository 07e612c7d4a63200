"""Which paths changed: the cheap answer, given when an event is recorded."""

from typing import Final

from audit.diff.document import ABSENT, JSON, Document, JSONNumber, is_redacted, spell_number
from audit.diff.pointers import escape

# A change deeper than this, in levels or in characters of pointer, is told by what encloses it.
_DEEPEST: Final = 64
_LONGEST_POINTER: Final = 1_000


def changed_paths(before: Document, after: Document, limit: int) -> tuple[str, ...]:
    """Pointers (RFC 6901) of the values that differ, at most `limit`.

    An array is not looked into: its own pointer stands for whatever changed below. A document
    that was created or deleted is the root's pointer "".
    """
    if before is ABSENT or after is ABSENT:
        return () if before is after else ("",)
    search = _Search(limit)
    search.look(before, after, "", 0)
    return tuple(search.found)


class _Search:
    def __init__(self, limit: int) -> None:
        self.found: dict[str, None] = {}
        self._limit = limit

    def look(self, before: JSON, after: JSON, pointer: str, depth: int) -> None:
        if (
            isinstance(before, dict)
            and isinstance(after, dict)
            and not (depth >= _DEEPEST or is_redacted(before) or is_redacted(after))
        ):
            self._members(before, after, pointer, depth + 1)
        elif not equal(before, after):
            self.found[pointer] = None

    def _members(
        self, before: dict[str, JSON], after: dict[str, JSON], pointer: str, depth: int
    ) -> None:
        for key, value in before.items():
            if len(self.found) >= self._limit:
                return
            if key not in after:
                self.found[_below(pointer, key)] = None
            elif isinstance(value, dict):
                self.look(value, after[key], _below(pointer, key), depth)
            elif not equal(value, after[key]):
                self.found[_below(pointer, key)] = None
        for key in after:
            if len(self.found) >= self._limit:
                return
            if key not in before:
                self.found[_below(pointer, key)] = None


def _below(pointer: str, key: str) -> str:
    longer = f"{pointer}/{escape(key)}"
    return longer if len(longer) <= _LONGEST_POINTER else pointer


def equal(before: JSON, after: JSON) -> bool:
    """Whether two values are the same JSON: 1, 1.0 and true are three, key order is nothing."""
    pending: list[tuple[JSON, JSON]] = [(before, after)]
    while pending:
        left, right = pending.pop()
        if isinstance(left, dict) and isinstance(right, dict):
            if left.keys() != right.keys():
                return False
            pending += [(value, right[key]) for key, value in left.items()]
        elif isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                return False
            pending += zip(left, right, strict=True)
        elif not _equal_scalars(left, right):
            return False
    return True


def _equal_scalars(left: JSON, right: JSON) -> bool:
    if type(left) is str or type(right) is str or type(left) is bool or type(right) is bool:
        return type(left) is type(right) and left == right
    if isinstance(left, int | float | JSONNumber) and isinstance(right, int | float | JSONNumber):
        return spell_number(left) == spell_number(right)
    return left is None and right is None
