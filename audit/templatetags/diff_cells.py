"""The text of a diff's cells as HTML, escaped; the characters of it are the line's own.

A text of many lines (YAML, SQL, a script in a string) is broken where its ``\\n`` escapes stand.
Where it changed, both cells become blocks of which each stands beside its counterpart: CSS lays
them out in one grid, side by side, or each removed block above the added one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from html import escape
from itertools import groupby, pairwise, zip_longest
from operator import itemgetter
from typing import Final, Literal, NamedTuple

from audit.diff import Line, Row, Segment
from audit.diff.text import likeness

type Side = Literal["before", "after"]

# Inside a text: how many unchanged lines stay around a change, and how many must be hidden for
# hiding to be worth a click.
_CONTEXT: Final = 3
_LEAST_HIDDEN: Final = 4
# Lines of one side times lines of the other, above which they are paired by their order alone.
_MOST_COMPARISONS: Final = 1_000_000
# The same for changed lines, which are compared character by character.
_MOST_LIKENESSES: Final = 2_500
# From this likeness on, in percent, a changed line is the other one's successor.
_ALIKE: Final = 40

# Right-to-left scripts: without isolation the quotes and commas after them change places.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_REDACTED_KEY: Final = '"$redacted"'
# Quotes inside a string are escaped, so this cannot be part of one.
_REDACTED = re.compile(r'\{ ?"\$redacted": ?"[^"\\]*" ?\}')


class Cells(NamedTuple):
    """Both cells of a row; ``hidden`` lines inside them are shown on request."""

    before: str
    after: str
    interleaved: bool = False
    hidden: int = 0


def cells(row: Row) -> Cells:
    """The HTML of a row's two cells."""
    left, right = _plain(row.before), _plain(row.after)
    if left is not None and right is not None:
        return Cells(left, right)
    before, after = _pieces(row.before), _pieces(row.after)
    if len(before) + len(after) > 2:
        if row.kind == "changed" and before and after:
            return _interleaved(before, after)
        if row.kind == "same":
            old, new = _calm(before), _calm(after)
            return Cells(old.html, new.html, hidden=max(old.hidden, new.hidden))
    return Cells(_broken(before, "del"), _broken(after, "ins"))


def _plain(line: Line | None) -> str | None:
    """The HTML of a line with nothing in it to mark or set apart, as most are; else None."""
    if line is None:
        return ""
    text = line.body
    if not isinstance(text, str) or not text.isascii() or _REDACTED_KEY in text:
        return None
    return escape(text)


# --- One line -----------------------------------------------------------------------------------


class _Aside(NamedTuple):
    """A part of a line that is set apart: from, to, and the tag that does it."""

    start: int
    end: int
    tag: str
    attribute: str = ""


class _Piece(NamedTuple):
    """What stands on one line of the page: a whole line, or one line of a text inside it."""

    segments: tuple[Segment, ...]
    start: int
    asides: tuple[_Aside, ...]

    @property
    def text(self) -> str:
        return "".join([segment.text for segment in self.segments])

    def html(self, mark: str) -> str:
        """Escaped; with ``mark``, the name of an element, around what changed."""
        if not self.asides:
            return "".join([_marked(text, mark, changed) for text, changed, _ in self.segments])
        html: list[str] = []
        for aside, parts in groupby(self._parts(), itemgetter(2)):
            marked = "".join([_marked(text, mark, changed) for text, changed, _ in parts])
            if aside:
                marked = f"<{aside.tag}{aside.attribute}>{marked}</{aside.tag}>"
            html.append(marked)
        return "".join(html)

    def _parts(self) -> Iterator[tuple[str, bool, _Aside | None]]:
        """The segments, cut where something set apart begins or ends."""
        start = self.start
        bounds = sorted({bound for aside in self.asides for bound in aside[:2]})
        for text, changed, _ in self.segments:
            end = start + len(text)
            stops = [start, *(bound for bound in bounds if start < bound < end), end]
            for left, right in pairwise(stops):
                aside = next((a for a in self.asides if a.start <= left and right <= a.end), None)
                yield text[left - start : right - start], changed, aside
            start = end


def _marked(text: str, mark: str, changed: bool) -> str:
    return f"<{mark}>{escape(text)}</{mark}>" if changed and mark else escape(text)


def _pieces(line: Line | None) -> list[_Piece]:
    if line is None:
        return []
    asides = tuple(_asides(line.text))
    pieces: list[_Piece] = []
    start = 0
    for segments in _cut_at_breaks(line.segments):
        end = start + sum([len(segment.text) for segment in segments])
        here = tuple(aside for aside in asides if aside.start < end and start < aside.end)
        if segments[-1].line_break:
            here = (_Aside(end - len(r"\n"), end, "span", ' class="nl"'), *here)
        pieces.append(_Piece(tuple(segments), start, here))
        start = end
    return pieces


def _cut_at_breaks(segments: Iterable[Segment]) -> Iterator[list[Segment]]:
    piece: list[Segment] = []
    for segment in segments:
        piece.append(segment)
        if segment.line_break:
            yield piece
            piece = []
    if piece:
        yield piece


def _asides(text: str) -> Iterator[_Aside]:
    if _REDACTED_KEY in text:
        for found in _REDACTED.finditer(text):
            yield _Aside(*found.span(), "span", ' class="redacted"')
    elif not text.isascii() and _RIGHT_TO_LEFT.search(text):
        for found in _STRING.finditer(text):
            if _RIGHT_TO_LEFT.search(found[1]):
                yield _Aside(*found.span(1), "bdi")


# --- Texts of many lines ------------------------------------------------------------------------


class _Run(NamedTuple):
    """Lines without a change; the middle of a long run is hidden."""

    html: str
    hidden: int


type _Pair = tuple[_Piece | None, _Piece | None]


def _interleaved(before: Sequence[_Piece], after: Sequence[_Piece]) -> Cells:
    left: list[str] = []
    right: list[str] = []
    hidden = 0
    for same, pairs in groupby(_pairs(before, after), _is_same):
        old, new = zip(*pairs, strict=True)
        if same:
            run = _calm(new)
            hidden += run.hidden
            left.append(f'<span class="block same">{run.html}</span>')
            right.append(f'<span class="block same">{run.html}</span>')
        else:
            left += [_block(piece, "del") for piece in old]
            right += [_block(piece, "ins") for piece in new]
    return Cells("".join(left), "".join(right), interleaved=True, hidden=hidden)


def _is_same(pair: _Pair) -> bool:
    old, new = pair
    return bool(old and new and old.text == new.text)


def _block(piece: _Piece | None, mark: str) -> str:
    if piece is None:
        return '<span class="block none"></span>'
    return f'<span class="block">{piece.html(mark)}</span>'


def _calm(run: Sequence[_Piece]) -> _Run:
    hidden = len(run) - 2 * _CONTEXT
    if hidden < _LEAST_HIDDEN:
        return _Run(_broken(run), 0)
    html = (
        f"{_broken(run[:_CONTEXT])}"
        f'<span class="more">{_broken(run[_CONTEXT:-_CONTEXT])}</span>'
        f'<span class="rest">{_broken(run[-_CONTEXT:])}</span>'
    )
    return _Run(html, hidden)


def _broken(pieces: Iterable[_Piece], mark: str = "") -> str:
    return "<br>".join([piece.html(mark) for piece in pieces])


# --- Which line of a text belongs to which ------------------------------------------------------


def _pairs(before: Sequence[_Piece], after: Sequence[_Piece]) -> Iterator[_Pair]:
    """Lines that belong together; None where a side has none."""
    if len(before) * len(after) > _MOST_COMPARISONS:
        yield from zip_longest(before, after)
        return
    old, new = [piece.text for piece in before], [piece.text for piece in after]
    for _, i, i_end, j, j_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        start, other = i, j
        for k, m in _successors(old[i:i_end], new[j:j_end]):
            yield from zip_longest(before[start : i + k], after[other : j + m])
            yield before[i + k], after[j + m]
            start, other = i + k + 1, j + m + 1
        yield from zip_longest(before[start:i_end], after[other:j_end])


def _successors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of lines that are alike, in order, with the greatest likeness in all."""
    if len(old) == len(new) or len(old) * len(new) > _MOST_LIKENESSES:
        return []
    # best[i][j]: the greatest sum for old[i:] and new[j:]
    best = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    alike = [[likeness(was, now) for now in new] for was in old]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            together = alike[i][j] + best[i + 1][j + 1] if alike[i][j] >= _ALIKE else 0
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            pairs.append((i, j))
            i, j = i + 1, j + 1
    return pairs
