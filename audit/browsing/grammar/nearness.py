"""How near a misspelt name is to a right one."""

from collections.abc import Iterable


def nearest(text: str, candidates: Iterable[str]) -> str | None:
    """The candidate with the fewest slips of the pen in it, the first of equals.

    None if it would take more than a name of this length can be thought to have: none below four
    characters, two from seven.
    """
    limit = 0 if len(text) < 4 else 1 if len(text) < 7 else 2
    best, folded = None, text.casefold()
    for candidate in candidates:
        slips = distance(folded, candidate.casefold(), limit)
        if slips is not None:
            best, limit = candidate, slips - 1
        if limit < 0:
            break
    return best


def distance(one: str, other: str, limit: int) -> int | None:
    """How many letters were left out, put in, changed or swapped with their neighbour.

    None if more than ``limit``. (Optimal string alignment, giving up as soon as it is too many.)
    """
    if abs(len(one) - len(other)) > limit:
        return None
    above: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        twice_above, above, row = above, row, [i]
        for j, other_letter in enumerate(other, start=1):
            steps = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != other_letter))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == other_letter:
                steps = min(steps, twice_above[j - 2] + 1)
            row.append(steps)
        if min(row) > limit and min(above) > limit:
            return None
    return row[-1] if row[-1] <= limit else None
