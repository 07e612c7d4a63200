"""How alike two values look, where nothing identifies them: in percent, by bounded looking."""

from collections import Counter
from typing import Final

from audit.diff import text
from audit.diff.document import JSON, is_redacted, kind_of
from audit.diff.meanings import Meanings

# How far down containers are compared; below that only equal or not.
_LEVELS: Final = 3
# What a member that kept its key and type, but not its value, says for likeness.
_SAME_KIND: Final = 30
_SAME_KEY: Final = 10

# Long texts are compared by their first part.
_TEXT_COMPARED: Final = 400


def likeness(left: JSON, right: JSON, meanings: Meanings, levels: int = _LEVELS) -> int:
    """0 (nothing in common) to 100 (equal)."""
    if meanings.same(left, right):
        return 100
    if isinstance(left, str) and isinstance(right, str):
        return text.likeness(left[:_TEXT_COMPARED], right[:_TEXT_COMPARED])
    if levels and isinstance(left, list) and isinstance(right, list):
        return _of_arrays(left, right, meanings)
    if levels and isinstance(left, dict) and isinstance(right, dict):
        if is_redacted(left) or is_redacted(right):
            return 0
        return _of_objects(left, right, meanings, levels)
    return 0


def _of_arrays(left: list[JSON], right: list[JSON], meanings: Meanings) -> int:
    shared = Counter(map(meanings.of, left)) & Counter(map(meanings.of, right))
    return shared.total() * 100 // max(len(left), len(right))


def _of_objects(
    left: dict[str, JSON], right: dict[str, JSON], meanings: Meanings, levels: int
) -> int:
    points = 0
    for key, value in left.items():
        if key in right:
            points += _of_members(value, right[key], meanings, levels)
    return points // max(len(left), len(right))


def _of_members(left: JSON, right: JSON, meanings: Meanings, levels: int) -> int:
    if meanings.same(left, right):
        return 100
    if kind_of(left) != kind_of(right):
        return _SAME_KEY
    if isinstance(left, dict | list):
        return max(_SAME_KIND, likeness(left, right, meanings, levels - 1))
    return _SAME_KIND


def effort(left: JSON, right: JSON) -> int:
    """Steps that looking at the two costs, about."""
    if isinstance(left, dict | list) and isinstance(right, dict | list):
        return 3 + 2 * min(len(left), 50) + 2 * min(len(right), 50)
    return 2
