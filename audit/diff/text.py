"""What changed inside a string: by line, then by word.

Words are runs of letters, runs of digits and single other characters, so that "v264" and "v266"
differ in the number alone; scripts written without spaces go character by character, and a
character keeps its accents, joiners and variation selectors.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from audit.diff.budget import Budget
from audit.diff.sequences import Pair, common_subsequence

# Beyond this many words (both sides) a changed passage is marked as a whole.
_MOST_WORDS: Final = 20_000
# Below this share of common text, in percent, single words that agree do so by chance.
_LEAST_IN_COMMON: Final = 25

WHOLE_TEXT: Final = "Long passages of text that changed are marked as a whole."

_WORD = re.compile(
    r"[\u2e80-\u9fff\uf900-\ufaff]"  # Chinese, Japanese: no spaces between words
    r"|[^\W\d_\u2e80-\u9fff\uf900-\ufaff]+|\d+|\n|[^\S\n]+|.",
    re.DOTALL,
)

type Run = tuple[str, bool]
"""A stretch of text and whether it changed."""

type _Block = tuple[int, int, int]
"""Equal words: where on the before side, where on the after side, how many."""


def compare(before: str, after: str, budget: Budget) -> tuple[list[Run], list[Run]]:
    """The two strings as runs, changed ones marked; each side's runs join to that side."""
    left: list[Run] = []
    right: list[Run] = []
    for old, new in _passages(before, after, budget):
        old_runs, new_runs = ([(old, False)],) * 2 if old == new else _by_word(old, new, budget)
        left += old_runs
        right += new_runs
    return _joined(left), _joined(right)


def _passages(before: str, after: str, budget: Budget) -> Iterator[tuple[str, str]]:
    """The strings cut at lines both have, into equal and differing passages."""
    if "\n" not in before or "\n" not in after:
        yield before, after
        return
    old, new = _lines(before), _lines(after)
    i = j = 0
    for block in _blocks(common_subsequence(old, new, budget)):
        yield "".join(old[i : block[0]]), "".join(new[j : block[1]])
        i, j = block[0] + block[2], block[1] + block[2]
        same = "".join(old[block[0] : i])
        yield same, same
    yield "".join(old[i:]), "".join(new[j:])


def _lines(text: str) -> list[str]:
    *lines, last = text.split("\n")
    return [*(line + "\n" for line in lines), last]


def _blocks(pairs: list[Pair]) -> list[_Block]:
    blocks: list[_Block] = []
    for i, j in pairs:
        if blocks and blocks[-1][0] + blocks[-1][2] == i and blocks[-1][1] + blocks[-1][2] == j:
            blocks[-1] = (blocks[-1][0], blocks[-1][1], blocks[-1][2] + 1)
        else:
            blocks.append((i, j, 1))
    return blocks


def _by_word(before: str, after: str, budget: Budget) -> tuple[list[Run], list[Run]]:
    whole = [(before, True)], [(after, True)]
    if not before or not after:
        return whole
    if len(before) + len(after) > 8 * _MOST_WORDS:
        budget.leave_out(WHOLE_TEXT)
        return whole
    old, new = words(before), words(after)
    if len(old) + len(new) > _MOST_WORDS or not budget.afford(len(old) + len(new)):
        budget.leave_out(WHOLE_TEXT)
        return whole
    blocks = _meaningful(_blocks(common_subsequence(old, new, budget)), old, new)
    if _length_of(blocks, old) * 100 < _LEAST_IN_COMMON * min(len(before), len(after)):
        blocks = _at_the_ends(blocks, old, new)
    old_runs = _marked(old, [(i, size) for i, _, size in blocks])
    return old_runs, _marked(new, [(j, size) for _, j, size in blocks])


def words(text: str) -> list[str]:
    """The text cut into words; they join to the text."""
    found: list[str] = _WORD.findall(text)
    return found if text.isascii() else _with_marks(found)


def _with_marks(found: list[str]) -> list[str]:
    """Accents, joiners and selectors put back to the character they belong to."""
    whole: list[str] = []
    for word in found:
        if whole and (_is_mark(word[0]) or whole[-1][-1] == "\u200d"):
            whole[-1] += word
        else:
            whole.append(word)
    return whole


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" or (
        character == "\u200d" or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


def _meaningful(blocks: list[_Block], old: list[str], new: list[str]) -> list[_Block]:
    """Equal stretches worth reading: one shorter than the changes on both its sides is not.

    "0 2" becoming "30 4" is one change, though the blank between is equal.
    """
    kept: list[_Block] = []
    for index, (i, j, size) in enumerate(blocks):
        past = kept[-1] if kept else (0, 0, 0)
        before = _changed_length(past, (i, j, size), old, new)
        following = blocks[index + 1] if index + 1 < len(blocks) else (len(old), len(new), 0)
        after = _changed_length((i, j, size), following, old, new)
        if _length(old[i : i + size]) > min(before, after):
            kept.append((i, j, size))
    return kept


def _changed_length(past: _Block, following: _Block, old: list[str], new: list[str]) -> int:
    removed = _length(old[past[0] + past[2] : following[0]])
    added = _length(new[past[1] + past[2] : following[1]])
    return max(removed, added)


def _length(part: list[str]) -> int:
    return sum(map(len, part))


def _length_of(blocks: list[_Block], old: list[str]) -> int:
    return sum(_length(old[i : i + size]) for i, _, size in blocks)


def _at_the_ends(blocks: list[_Block], old: list[str], new: list[str]) -> list[_Block]:
    ends = (len(old), len(new))
    return [
        (i, j, size) for i, j, size in blocks if (i, j) == (0, 0) or (i + size, j + size) == ends
    ]


def _marked(words: list[str], equal: list[Pair]) -> list[Run]:
    runs: list[Run] = []
    at = 0
    for start, size in equal:
        runs.append(("".join(words[at:start]), True))
        runs.append(("".join(words[start : start + size]), False))
        at = start + size
    runs.append(("".join(words[at:]), True))
    return runs


def _joined(runs: list[Run]) -> list[Run]:
    joined: list[Run] = []
    for text, changed in runs:
        if not text:
            continue
        if joined and joined[-1][1] == changed:
            joined[-1] = (joined[-1][0] + text, changed)
        else:
            joined.append((text, changed))
    return joined


def likeness(before: str, after: str) -> int:
    """How alike two strings look, in percent: what they share at both ends, of the longer."""
    shorter = min(len(before), len(after))
    start = 0
    while start < shorter and before[start] == after[start]:
        start += 1
    end = 0
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return (start + end) * 100 // max(len(before), len(after), 1)
