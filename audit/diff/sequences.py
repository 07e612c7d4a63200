"""What two sequences have in common, in order."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from itertools import pairwise
from typing import Final

from audit.diff.budget import Budget

type Pair = tuple[int, int]

# Weighing costs a logarithm more than counting; beyond this many pairs nobody sees the difference.
_WEIGHED_PAIRS: Final = 5_000
# Repeated elements multiply the candidates; with more per element only like occurrences count.
_CANDIDATES_PER_ELEMENT: Final = 40


def common_subsequence(
    before: Sequence[Hashable], after: Sequence[Hashable], budget: Budget
) -> list[Pair]:
    """Index pairs of a longest common subsequence (Hunt and Szymanski, 1977).

    When repeated elements make that too dear, the first occurrence is held against the first,
    the second against the second and so on: still a common subsequence, perhaps not a longest.
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
    positions: defaultdict[Hashable, list[int]] = defaultdict(list)
    for index, element in enumerate(after):
        positions[element].append(index)
    counts = Counter(before)
    total = sum(count * len(positions[element]) for element, count in counts.items())
    affordable = total <= _CANDIDATES_PER_ELEMENT * (len(before) + len(after))
    if affordable and budget.afford(total):
        return [(i, j) for i, element in enumerate(before) for j in reversed(positions[element])]
    return list(same_occurrences(before, after))


def same_occurrences(before: Sequence[Hashable], after: Sequence[Hashable]) -> Iterable[Pair]:
    """Pairs of equal elements: first with first, second with second, by ascending `before`."""
    waiting: defaultdict[Hashable, list[int]] = defaultdict(list)
    for index in range(len(after) - 1, -1, -1):
        waiting[after[index]].append(index)
    for index, element in enumerate(before):
        if waiting.get(element):
            yield index, waiting[element].pop()


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


def in_place(pairs: list[Pair], weights: Sequence[int]) -> set[int]:
    """Which pairs (ascending on one side) keep their order on the other: the heaviest such set.

    Answers indexes into `pairs`; the rest have moved.
    """
    targets = [j for _, j in pairs]
    if all(left < right for left, right in pairwise(targets)):
        return set(range(len(pairs)))
    if len(pairs) > _WEIGHED_PAIRS:
        kept = {i for i, _ in _longest_chain(pairs)}
        return {index for index, (i, _) in enumerate(pairs) if i in kept}
    return _heaviest_increasing(targets, weights)


def _heaviest_increasing(targets: list[int], weights: Sequence[int]) -> set[int]:
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
