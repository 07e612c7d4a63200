"""Two documents matched value by value, into a tree that text, counts and patch are read from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from audit.diff.arrays import Pairing
from audit.diff.budget import Budget
from audit.diff.document import JSON, dumps, is_redacted
from audit.diff.meanings import Meanings
from audit.diff.pointers import Patterns
from audit.diff.sequences import in_place

# A member that changed should stay beside its old value, even if many unchanged ones move for it.
_CHANGED_WEIGHT: Final = 1_000

type Key = str | int
type Side = Literal["both", "before", "after"]


@dataclass(frozen=True, slots=True)
class Match:
    """Two values that belong together and differ.

    `entries` are their members or items in the order of display; None when the one value simply
    replaces the other.
    """

    before: JSON
    after: JSON
    entries: tuple["Entry", ...] | None = None
    identity: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A member or item: on which side it stands here, and its keys.

    One that moved makes two entries, each shown on one side and carrying both keys. `inner` is
    None when the value is the same, or there is only one.
    """

    shown: Side
    before_key: Key | None
    after_key: Key | None
    inner: Match | None = None

    @property
    def is_moved(self) -> bool:
        return self.shown != "both" and None not in (self.before_key, self.after_key)

    @property
    def is_added(self) -> bool:
        return self.before_key is None

    @property
    def is_removed(self) -> bool:
        return self.after_key is None


type _Placed = tuple[int, int, bool]
"""Position before, position after, whether it moved."""


class Aligner:
    """Matches values; looks the same from either side, for it always works in one direction."""

    def __init__(
        self, before: JSON, after: JSON, array_keys: Mapping[str, str], budget: Budget
    ) -> None:
        self._meanings = Meanings(before, after)
        self._budget = budget
        self._patterns = Patterns.of(array_keys)
        self._root = before, after
        self._flipped = dumps(before) > dumps(after)

    def match(self) -> Match | None:
        """The tree of differences, or None if the documents mean the same."""
        return self._match(*self._root, self._patterns)

    def _match(self, before: JSON, after: JSON, patterns: Patterns) -> Match | None:
        if self._meanings.same(before, after):
            return None
        if isinstance(before, list) and isinstance(after, list):
            return self._arrays(before, after, patterns)
        if not isinstance(before, dict) or not isinstance(after, dict):
            return Match(before, after)
        if is_redacted(before) or is_redacted(after):
            return Match(before, after)
        return self._objects(before, after, patterns)

    def _objects(
        self, before: dict[str, JSON], after: dict[str, JSON], patterns: Patterns
    ) -> Match:
        first, second = self._turned(before, after)
        inner = {
            key: self._match(before[key], after[key], patterns.below(key))
            for key in first
            if key in second
        }
        return Match(before, after, self._members(before, after, inner))

    def reordered(self, before: dict[str, JSON], after: dict[str, JSON]) -> tuple[Entry, ...]:
        """Entries of two objects with the same members in another order."""
        return self._members(before, after, dict.fromkeys(before))

    def _members(
        self, before: dict[str, JSON], after: dict[str, JSON], inner: Mapping[str, Match | None]
    ) -> tuple[Entry, ...]:
        left, right = list(before), list(after)
        target = {key: position for position, key in enumerate(right)}
        pairs = [(i, target[key]) for i, key in enumerate(left) if key in target]
        weights = [
            self._meanings.lines(before[left[i]]) + _CHANGED_WEIGHT * bool(inner[left[i]])
            for i, _ in pairs
        ]
        placed = self._place(pairs, weights)
        return _merged(left, right, placed, [inner[left[i]] for i, _, _ in placed])

    def _place(self, pairs: list[tuple[int, int]], weights: list[int]) -> list[_Placed]:
        if not self._flipped:
            kept = in_place(pairs, weights)
            return [(i, j, index not in kept) for index, (i, j) in enumerate(pairs)]
        order = sorted(range(len(pairs)), key=lambda index: pairs[index][1])
        flipped = [(pairs[index][1], pairs[index][0]) for index in order]
        kept = {order[rank] for rank in in_place(flipped, [weights[index] for index in order])}
        return [(i, j, index not in kept) for index, (i, j) in enumerate(pairs)]

    def _arrays(self, before: list[JSON], after: list[JSON], patterns: Patterns) -> Match:
        sides = (after, before) if self._flipped else (before, after)
        pairing = Pairing(*sides, patterns.value, self._meanings, self._budget)
        pairs = pairing.pairs()
        matches = {
            (i, j): self._match(*self._turned(sides[0][i], sides[1][j]), patterns.below(i))
            for i, j, _ in pairs
        }
        placed = sorted((*self._turned(i, j), moved) for i, j, moved in pairs)
        inner = [matches[self._turned(i, j)] for i, j, _ in placed]
        entries = _merged(range(len(before)), range(len(after)), placed, inner)
        return Match(before, after, entries, pairing.identity)

    def _turned[T](self, left: T, right: T) -> tuple[T, T]:
        return (right, left) if self._flipped else (left, right)


def _merged(
    left: Sequence[Key], right: Sequence[Key], placed: list[_Placed], inner: list[Match | None]
) -> tuple[Entry, ...]:
    """Entries in the order of both sides: what is gone before what is new."""
    before = {i: (j, moved, match) for (i, j, moved), match in zip(placed, inner, strict=True)}
    origin = {j: i for i, j, _ in placed}
    entries: list[Entry] = []
    at = 0

    def arrivals(until: int) -> None:
        nonlocal at
        for j in range(at, until):
            i = origin.get(j)
            match = before[i][2] if i is not None else None
            entries.append(Entry("after", None if i is None else left[i], right[j], match))
        at = until + 1

    for i, key in enumerate(left):
        if i not in before:
            entries.append(Entry("before", key, None))
            continue
        j, moved, match = before[i]
        if moved:
            entries.append(Entry("before", key, right[j], match))
        else:
            arrivals(j)
            entries.append(Entry("both", key, right[j], match))
    arrivals(len(right))
    return tuple(entries)
