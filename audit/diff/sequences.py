"""What two sequences have in common, in order."""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from audit.diff.budget import Budget

type Pair = tuple[int, int]

type Placed = tuple[int, int, bool]
"""Index before, index after, whether it moved."""

# Weighing costs a logarithm more than counting; beyond this many pairs nobody sees the difference.
_WEIGHED_PAIRS: Final = 5_000
# Repeated elements multiply the candidates; with more of them only the nearest are looked at.
_CANDIDATES_PER_ELEMENT: Final = 40
_NEAR: Final = 8


def common_subsequence(
    before: Sequence[Hashable], after: Sequence[Hashable], budget: Budget
) -> list[Pair]:
    """Index pairs of a longest common subsequence (Hunt and Szymanski, 1977).

    When repeated elements make that too dear, each is held against its nearest likes alone:
    still a common subsequence, perhaps not a longest.
    """
    start = _common_start(before, after)
    end = _common_end(before, after, start)
    middle_before = before[start : len(before) - end]
    middle_after = after[start : len(after) - end]
    pairs = [(index, index) for index in range(start)]
    if middle_before and middle_after:
        candidates = _candidates(middle_before, middle_after, budget)
        pairs += [(i + start, j + start) for i, j in _longest_chain(candidates)]
    pairs += [(len(before) - k, len(after) - k) for k in range(end, 0, -1)]
    return pairs


def _common_start(before: Sequence[Hashable], after: Sequence[Hashable]) -> int:
    start = 0
    for left, right in zip(before, after, strict=False):
        if left != right:
            break
        start += 1
    return start


def _common_end(before: Sequence[Hashable], after: Sequence[Hashable], start: int) -> int:
    longest = min(len(before), len(after)) - start
    end = 0
    while end < longest and before[-1 - end] == after[-1 - end]:
        end += 1
    return end


def _candidates(
    before: Sequence[Hashable], after: Sequence[Hashable], budget: Budget
) -> list[Pair]:
    """Pairs of equal elements by ascending `before`, then descending `after`."""
    positions: dict[Hashable, list[int]] = {}
    for index, element in enumerate(after):
        positions.setdefault(element, []).append(index)
    total = sum(len(positions[element]) for element in before if element in positions)
    if total <= _CANDIDATES_PER_ELEMENT * len(before) and budget.afford(total):
        return [
            (i, j)
            for i, element in enumerate(before)
            if element in positions
            for j in reversed(positions[element])
        ]
    return _near_candidates(before, positions, budget)


def _near_candidates(
    before: Sequence[Hashable], positions: Mapping[Hashable, list[int]], budget: Budget
) -> list[Pair]:
    """For each element the few equal ones that stand nearest, as many as can be afforded."""
    reach = min(_NEAR, budget.remaining // (2 * len(before)))
    budget.afford(2 * reach * len(before))
    candidates: list[Pair] = []
    for i, element in enumerate(before):
        if element in positions:
            alike = positions[element]
            at = bisect_left(alike, i)
            near = alike[max(0, at - reach) : at + max(reach, 1)]
            candidates += [(i, j) for j in reversed(near)]
    return candidates


def _longest_chain(candidates: list[Pair]) -> list[Pair]:
    ends: list[int] = []  # the smallest `after` that ends a chain of each length
    heads: list[int] = []  # the candidate that does so
    previous: list[int] = []
    for index, (_, j) in enumerate(candidates):
        length = bisect_left(ends, j)
        if length == len(ends):
            ends.append(j)
            heads.append(index)
        else:
            ends[length] = j
            heads[length] = index
        previous.append(heads[length - 1] if length else -1)
    chain: list[Pair] = []
    index = heads[-1] if heads else -1
    while index >= 0:
        chain.append(candidates[index])
        index = previous[index]
    chain.reverse()
    return chain


def placed(pairs: list[Pair], weigh: Callable[[int], int]) -> list[Placed]:
    """Pairs that ascend on one side, each with whether it moved on the other.

    The heaviest set of pairs that ascend on both stays in place, the rest has moved; `weigh`
    gives a pair's weight by its position.
    """
    if all(left[1] < right[1] for left, right in pairwise(pairs)):
        return [(i, j, False) for i, j in pairs]
    if len(pairs) > _WEIGHED_PAIRS:
        kept = {i for i, _ in _longest_chain(pairs)}
    else:
        weights = [weigh(index) for index in range(len(pairs))]
        kept = {pairs[index][0] for index in _heaviest([j for _, j in pairs], weights)}
    return [(i, j, i not in kept) for i, j in pairs]


def _heaviest(targets: list[int], weights: Sequence[int]) -> set[int]:
    ranks = {target: rank for rank, target in enumerate(sorted(targets), 1)}
    best = [(0, -1)] * (len(targets) + 1)  # a Fenwick tree of (weight, last index)
    previous: list[int] = []
    for index, target in enumerate(targets):
        rank = ranks[target]
        weight, last = _best_up_to(best, rank - 1)
        previous.append(last)
        _offer(best, rank, (weight + weights[index], index))
    _, index = _best_up_to(best, len(targets))
    kept: set[int] = set()
    while index >= 0:
        kept.add(index)
        index = previous[index]
    return kept


def _best_up_to(best: list[tuple[int, int]], rank: int) -> tuple[int, int]:
    found = (0, -1)
    while rank > 0:
        found = max(found, best[rank])
        rank -= rank & -rank
    return found


def _offer(best: list[tuple[int, int]], rank: int, chain: tuple[int, int]) -> None:
    while rank < len(best):
        best[rank] = max(best[rank], chain)
        rank += rank & -rank
