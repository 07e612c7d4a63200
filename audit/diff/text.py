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

# Texts this long (both sides) lose their equal ends before they are cut into lines and words.
_LONG: Final = 2_000
_LONGEST_WORD: Final = 200

# Beyond this many characters (both sides) a changed passage is marked as a whole.
_LONGEST_PASSAGE: Final = 40_000
_EFFORT: Final = 50  # steps that even the shortest passage takes

# Below this share of common text, in percent, single words that agree do so by chance.
_LEAST_IN_COMMON: Final = 25
_LEAST_AT_THE_ENDS: Final = 3  # characters

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
    start, end = _common_ends(before, after)
    left, right = [(before[:start], False)], [(after[:start], False)]
    middle = before[start : len(before) - end], after[start : len(after) - end]
    for old, new in _passages(*middle, budget):
        old_runs, new_runs = ([(old, False)],) * 2 if old == new else _by_word(old, new, budget)
        left += old_runs
        right += new_runs
    same = before[len(before) - end :]
    return _joined([*left, (same, False)]), _joined([*right, (same, False)])


def _common_ends(before: str, after: str) -> tuple[int, int]:
    """Characters that long texts share at both ends, whole words only."""
    if len(before) + len(after) < _LONG:
        return 0, 0
    start = _word_start(before, _common_start(before, after))
    rest = min(len(before), len(after)) - start
    end = min(_common_start(before[::-1], after[::-1]), rest)
    return start, end - _word_end(before, len(before) - end)


def _common_start(before: str, after: str) -> int:
    low, high = 0, min(len(before), len(after))
    while low < high:
        middle = (low + high + 1) // 2
        if before[low:middle] == after[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _word_start(text: str, end: int) -> int:
    """Back from there to where a word begins; not far, for a text may have no blanks."""
    found = max(text.rfind(blank, max(0, end - _LONGEST_WORD), end) for blank in " \n")
    return found + 1 if found >= 0 else max(0, end - _LONGEST_WORD)


def _word_end(text: str, start: int) -> int:
    """How far from there to where a word ends."""
    found = [text.find(blank, start, start + _LONGEST_WORD) for blank in " \n"]
    ends = [at - start for at in found if at >= 0]
    return min(ends, default=min(_LONGEST_WORD, len(text) - start))


def _passages(before: str, after: str, budget: Budget) -> Iterator[tuple[str, str]]:
    """The strings cut at lines both have, into equal and differing passages."""
    lines = before.count("\n") + after.count("\n")
    if "\n" not in before or "\n" not in after or not budget.afford(2 * lines):
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
    if len(before) + len(after) > _LONGEST_PASSAGE or not budget.afford(
        _EFFORT + len(before) + len(after)
    ):
        budget.leave_out(WHOLE_TEXT)
        return whole
    old, new = words(before), words(after)
    blocks = _meaningful(_blocks(common_subsequence(old, new, budget)), old, new)
    if _length_of(blocks, old) * 100 < _LEAST_IN_COMMON * min(len(before), len(after)):
        blocks = _at_the_ends(blocks, old, new)
    blocks = _of_whole_words(blocks, old, new)
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


def _of_whole_words(blocks: list[_Block], old: list[str], new: list[str]) -> list[_Block]:
    """Equal stretches without words that stand alone on one side and not on the other.

    The 1 of "*/1" is not the 1 of "5 1": "0 */1" becoming "5 1" is one change.
    """
    ends = [(0, 0), *((i + size, j + size) for i, j, size in blocks)]
    starts = [*((i, j) for i, j, _ in blocks[1:]), (len(old), len(new))]
    whole: list[_Block] = []
    for (i, j, size), past, following in zip(blocks, ends, starts, strict=False):
        end = i + size
        if i > past[0] and j > past[1] and old[i - 1].isspace() != new[j - 1].isspace():
            while i < end and not old[i].isspace():
                i, j = i + 1, j + 1
        end_j = j + end - i
        changed = end < following[0] and end_j < following[1]
        if changed and old[end].isspace() != new[end_j].isspace():
            while i < end and not old[end - 1].isspace():
                end -= 1
        whole.append((i, j, end - i))
    return whole


def _length_of(blocks: list[_Block], old: list[str]) -> int:
    return sum(_length(old[i : i + size]) for i, _, size in blocks)


def _at_the_ends(blocks: list[_Block], old: list[str], new: list[str]) -> list[_Block]:
    ends = (len(old), len(new))
    return [
        (i, j, size)
        for i, j, size in blocks
        if ((i, j) == (0, 0) or (i + size, j + size) == ends)
        and _length(old[i : i + size]) >= _LEAST_AT_THE_ENDS
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
