"""Two documents matched value by value, into a tree that text, counts and patch are read from."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

from audit.diff.arrays import Pairing
from audit.diff.budget import Budget
from audit.diff.document import JSON, dumps, is_redacted
from audit.diff.meanings import Meanings
from audit.diff.pointers import Key, Patterns
from audit.diff.sequences import Placed, placed
from audit.diff.unwound import Call, run

# A member that changed should stay beside its old value, even if many unchanged ones move for it.
_CHANGED_WEIGHT: Final = 1_000

type Side = Literal["both", "before", "after"]


class Match(NamedTuple):
    """Two values that belong together and differ.

    `entries` are their members or items in the order of display; None when the one value simply
    replaces the other.
    """

    before: JSON
    after: JSON
    entries: tuple["Entry", ...] | None = None
    identity: str | None = None


class Entry(NamedTuple):
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
        return self.shown != "both" and self.before_key is not None and self.after_key is not None


type _Found = tuple[Placed, Match | None]


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
        before, after = self._root
        return (
            None if self._same(before, after) else run(self._match(before, after, self._patterns))
        )

    def _same(self, before: JSON, after: JSON) -> bool:
        return self._meanings.of(before) == self._meanings.of(after)

    def _match(self, before: JSON, after: JSON, patterns: Patterns) -> Call[Match]:
        if isinstance(before, list) and isinstance(after, list):
            return (yield from self._arrays(before, after, patterns))
        if isinstance(before, dict) and isinstance(after, dict) and _is_within(before, after):
            return (yield from self._objects(before, after, patterns))
        return Match(before, after)

    def _objects(
        self, before: dict[str, JSON], after: dict[str, JSON], patterns: Patterns
    ) -> Call[Match]:
        first, second = self._turned(before, after)
        inner: dict[str, Match] = {}
        for key in first:
            if key in second and not self._meanings.same(before[key], after[key]):
                left, right = before[key], after[key]
                if _is_within(left, right):
                    inner[key] = yield self._match(left, right, patterns.below(key))
                else:
                    inner[key] = Match(left, right)
        return Match(before, after, self._members(before, after, inner))

    def reordered(self, before: dict[str, JSON], after: dict[str, JSON]) -> tuple[Entry, ...]:
        """Entries of two objects with the same members in another order."""
        return self._members(before, after, {})

    def _members(
        self, before: dict[str, JSON], after: dict[str, JSON], inner: Mapping[str, Match]
    ) -> tuple[Entry, ...]:
        left, right = list(before), list(after)
        first, second = self._turned(left, right)
        target = {key: position for position, key in enumerate(second)}
        pairs = [(i, target[key]) for i, key in enumerate(first) if key in target]

        def weigh(index: int) -> int:
            key = first[pairs[index][0]]
            lines = max(self._meanings.lines(before[key]), self._meanings.lines(after[key]))
            return lines + _CHANGED_WEIGHT * (key in inner)

        found = [(pair, inner.get(first[pair[0]])) for pair in placed(pairs, weigh)]
        return self._entries(left, right, found)

    def _arrays(self, before: list[JSON], after: list[JSON], patterns: Patterns) -> Call[Match]:
        first, second = self._turned(before, after)
        pairing = Pairing(first, second, patterns.value, self._meanings, self._budget)
        numbers, others = self._meanings.of_items(first), self._meanings.of_items(second)
        found: list[_Found] = []
        for pair in pairing.pairs():
            i, j, _ = pair
            inner: Match | None = None
            if numbers[i] != others[j]:
                left, right = self._turned(first[i], second[j])
                if _is_within(left, right):
                    inner = yield self._match(left, right, patterns.below(i))
                else:
                    inner = Match(left, right)
            found.append((pair, inner))
        entries = self._entries(range(len(before)), range(len(after)), found)
        return Match(before, after, entries, pairing.identity)

    def _entries(
        self, left: Sequence[Key], right: Sequence[Key], found: list[_Found]
    ) -> tuple[Entry, ...]:
        if self._flipped:
            found = sorted(
                (((j, i, moved), inner) for (i, j, moved), inner in found),
                key=lambda pair: pair[0][0],
            )
        return _merged(left, right, found)

    def _turned[T](self, left: T, right: T) -> tuple[T, T]:
        return (right, left) if self._flipped else (left, right)


def _is_within(before: JSON, after: JSON) -> bool:
    """Whether two values differ by what is in them."""
    if not isinstance(before, dict | list) or type(before) is not type(after):
        return False
    return not is_redacted(before) and not is_redacted(after)


def _merged(left: Sequence[Key], right: Sequence[Key], found: list[_Found]) -> tuple[Entry, ...]:
    """Entries in the order of both sides: what is gone before what is new."""
    leaving = {i: (j, moved, inner) for (i, j, moved), inner in found}
    arriving = {j: (i, inner) for (i, j, _), inner in found}
    entries: list[Entry] = []
    at = 0
    for i, key in enumerate(left):
        if i not in leaving:
            entries.append(Entry("before", key, None))
            continue
        j, moved, inner = leaving[i]
        if moved:
            entries.append(Entry("before", key, right[j], inner))
            continue
        entries += [_arrival(left, right, index, arriving) for index in range(at, j)]
        entries.append(Entry("both", key, right[j], inner))
        at = j + 1
    entries += [_arrival(left, right, index, arriving) for index in range(at, len(right))]
    return tuple(entries)


def _arrival(
    left: Sequence[Key],
    right: Sequence[Key],
    index: int,
    arriving: Mapping[int, tuple[int, Match | None]],
) -> Entry:
    if index not in arriving:
        return Entry("after", None, right[index])
    origin, inner = arriving[index]
    return Entry("after", left[origin], right[index], inner)
