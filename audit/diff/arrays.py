"""Which items of two arrays belong together."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from audit.diff.budget import Budget
from audit.diff.document import JSON, kind_of
from audit.diff.identity import identified, infer
from audit.diff.likeness import effort, likeness
from audit.diff.meanings import Meanings
from audit.diff.sequences import Pair, Placed, common_subsequence, placed

BY_POSITION: Final = (
    "Too large to match every item by likeness: some items of long arrays are compared by position."
)

# Percent of likeness from which two items count as one that changed.
_ALIKE: Final = 50
_ALIKE_ALONE: Final = 20  # the only ones of their stretch
_ALIKE_RENAMED: Final = 75  # though what should identify them differs
_ALIKE_ELSEWHERE: Final = 60  # though they stand in another place

# A stretch with more combinations than this is compared by position.
_COMBINATIONS: Final = 100_000
_COMBINATIONS_ELSEWHERE: Final = 2_500
_LINES_ELSEWHERE: Final = 5  # shorter objects are too easily alike

_EFFORT: Final = 40  # steps that even the shortest arrays take

_ITEM_WEIGHT: Final = 1_000_000  # above any item's lines: the fewest items move


class Pairing:
    """Pairs of items, found in turn by identity, equality, equality elsewhere and likeness."""

    def __init__(
        self,
        before: list[JSON],
        after: list[JSON],
        declared: str | None,
        meanings: Meanings,
        budget: Budget,
    ) -> None:
        self._before = before
        self._after = after
        self._meanings = meanings
        self._budget = budget
        self._numbers = meanings.of_items(before)
        self._others = meanings.of_items(after)
        self._declared = declared is not None
        self.identity = declared or infer(before, after, meanings)
        self._partner: dict[int, int] = {}
        self._taken: set[int] = set()
        self._settled: list[Placed] | None = None
        self._identified_before: set[int] = set()
        self._identified_after: set[int] = set()

    def pairs(self) -> list[Placed]:
        """The pairs by ascending index before."""
        if not self._budget.afford(_EFFORT + len(self._before) + len(self._after)):
            self._by_position([*range(len(self._before))], [*range(len(self._after))])
            return self._placed()
        self._by_identity()
        self._by_equality()
        self._by_equality_elsewhere()
        self._by_likeness()
        self._by_likeness_elsewhere()
        return self._placed()

    def _pair(self, i: int, j: int) -> None:
        self._settled = None
        self._partner[i] = j
        self._taken.add(j)

    def _placed(self) -> list[Placed]:
        if self._settled is None:
            pairs = sorted(self._partner.items())
            self._settled = placed(pairs, lambda index: self._weight(pairs[index][0]))
        return self._settled

    def _weight(self, i: int) -> int:
        return _ITEM_WEIGHT + self._meanings.lines(self._before[i])

    def _left(self) -> tuple[list[int], list[int]]:
        before = [i for i in range(len(self._before)) if i not in self._partner]
        after = [j for j in range(len(self._after)) if j not in self._taken]
        return before, after

    def _by_identity(self) -> None:
        if self.identity is None:
            return
        before = identified(self._before, self.identity, self._meanings)
        after = identified(self._after, self.identity, self._meanings)
        self._identified_before.update(before.values())
        self._identified_after.update(after.values())
        for meaning, i in before.items():
            if meaning in after:
                self._pair(i, after[meaning])

    def _by_equality(self) -> None:
        before, after = self._left()
        numbers = [self._numbers[i] for i in before]
        others = [self._others[j] for j in after]
        for left, right in common_subsequence(numbers, others, self._budget):
            self._pair(before[left], after[right])

    def _by_equality_elsewhere(self) -> None:
        """What is left once on each side has moved. Null, true and false are no one's own."""
        before, after = self._left()
        here = Counter(self._numbers[i] for i in before)
        there = Counter(self._others[j] for j in after)
        target = {self._others[j]: j for j in after}
        for i in before:
            number = self._numbers[i]
            if here[number] == there[number] == 1 and _worth_following(self._before[i]):
                self._pair(i, target[number])

    def _by_likeness(self) -> None:
        for before, after in self._stretches():
            if len(before) * len(after) > _COMBINATIONS:
                self._by_position(before, after)
            elif before and after:
                self._align(before, after)

    def _stretches(self) -> Iterator[tuple[list[int], list[int]]]:
        """Items without a partner between neighbours that stayed in place."""
        anchors = [(i, j) for i, j, moved in self._placed() if not moved]
        i = j = 0
        for end_i, end_j in [*anchors, (len(self._before), len(self._after))]:
            if end_i > i and end_j > j:
                yield (
                    [k for k in range(i, end_i) if k not in self._partner],
                    [k for k in range(j, end_j) if k not in self._taken],
                )
            i, j = end_i + 1, end_j + 1

    def _align(self, before: list[int], after: list[int]) -> None:
        """The order-keeping pairs whose likenesses sum highest."""
        if _plain_numbers(self._before, before) and _plain_numbers(self._after, after):
            if len(before) == len(after):
                self._pair_all(before, after)
            return
        cost = sum(effort(self._before[i], self._after[after[0]]) for i in before) * len(after)
        if not self._budget.afford(cost):
            self._by_position(before, after)
            return
        alone = len(before) == len(after) == 1
        scores = [[self._score(i, j, alone=alone) for j in after] for i in before]
        for left, right in _best_alignment(scores):
            self._pair(before[left], after[right])

    def _pair_all(self, before: list[int], after: list[int]) -> None:
        for i, j in zip(before, after, strict=True):
            self._pair(i, j)

    def _by_position(self, before: list[int], after: list[int]) -> None:
        self._budget.leave_out(BY_POSITION)
        for i, j in zip(before, after, strict=False):
            kind = kind_of(self._before[i])
            if kind == kind_of(self._after[j]) != "string" and not self._distinct(i, j):
                self._pair(i, j)

    def _distinct(self, i: int, j: int) -> bool:
        """A declared identity says that these are two."""
        return self._declared and (i in self._identified_before or j in self._identified_after)

    def _score(self, i: int, j: int, *, alone: bool) -> int:
        if self._distinct(i, j):
            return 0
        left, right = self._before[i], self._after[j]
        score = likeness(left, right, self._meanings)
        if i in self._identified_before and j in self._identified_after:
            return score if score >= _ALIKE_RENAMED else 0
        if alone and isinstance(left, dict | list):
            return score if score >= _ALIKE_ALONE else 0
        if score < _ALIKE and _reads_alike(left, right):
            return _ALIKE
        return score if score >= _ALIKE else 0

    def _by_likeness_elsewhere(self) -> None:
        """Objects that moved and changed."""
        before, after = self._left()
        before = [i for i in before if self._may_have_moved(self._before[i], i)]
        after = [j for j in after if isinstance(self._after[j], dict)]
        if not 0 < len(before) * len(after) <= _COMBINATIONS_ELSEWHERE:
            return
        cost = sum(effort(self._before[i], self._after[after[0]]) for i in before) * len(after)
        if not self._budget.afford(cost):
            return
        score: Callable[[int, int], int] = lambda i, j: self._score(i, j, alone=False)  # noqa: E731
        scored = sorted((-score(i, j), abs(i - j), i, j) for i in before for j in after)
        for likeness_below_zero, _, i, j in scored:
            if -likeness_below_zero < _ALIKE_ELSEWHERE:
                break
            if i not in self._partner and j not in self._taken:
                self._pair(i, j)

    def _may_have_moved(self, item: JSON, index: int) -> bool:
        large = self._meanings.lines(item) >= _LINES_ELSEWHERE
        return isinstance(item, dict) and large and index not in self._identified_before


def _worth_following(item: JSON) -> bool:
    return item is not None and not isinstance(item, bool)


def _plain_numbers(items: list[JSON], indexes: list[int]) -> bool:
    return all(kind_of(items[index]) in ("number", "boolean", "null") for index in indexes)


def _reads_alike(left: JSON, right: JSON) -> bool:
    """A value whose type slipped: 8 and "8", true and "true"."""
    if isinstance(left, str) == isinstance(right, str):
        return False
    if isinstance(left, dict | list) or isinstance(right, dict | list):
        return False
    return str(left).lower() == str(right).lower()


def _best_alignment(scores: list[list[int]]) -> list[Pair]:
    height, width = len(scores), len(scores[0])
    best = [[0] * (width + 1) for _ in range(height + 1)]
    for i in range(height - 1, -1, -1):
        row, below, likenesses = best[i], best[i + 1], scores[i]
        for j in range(width - 1, -1, -1):
            paired = below[j + 1] + likenesses[j]
            row[j] = max(paired, below[j], row[j + 1])
    return list(_trace(best, scores))


def _trace(best: list[list[int]], scores: list[list[int]]) -> Iterator[Pair]:
    i = j = 0
    while i < len(scores) and j < len(scores[0]):
        if scores[i][j] and best[i][j] == best[i + 1][j + 1] + scores[i][j]:
            yield i, j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
