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
from typing import Final, Literal, NamedTuple

from audit.diff import Line, Row, Segment

type Side = Literal["before", "after"]

_TAG: Final[dict[Side, str]] = {"before": "del", "after": "ins"}

# Inside a text: how many unchanged lines stay around a change, and how many must be hidden for
# hiding to be worth a click.
_CONTEXT: Final = 3
_LEAST_HIDDEN: Final = 4
# Lines of one side times lines of the other, above which they are paired by their order alone.
_MOST_COMPARISONS: Final = 1_000_000

# Right-to-left scripts: without isolation the quotes and commas after them change places.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
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
    before, after = _pieces(row.before, "before"), _pieces(row.after, "after")
    if row.kind == "changed" and before and after and len(before) + len(after) > 2:
        return _interleaved(before, after)
    if row.kind == "same" and len(before) + len(after) > 2:
        left, right = _calm(before), _calm(after)
        return Cells(left.html, right.html, hidden=max(left.hidden, right.hidden))
    return Cells(_broken(before), _broken(after))


# --- Texts of many lines ------------------------------------------------------------------------


class _Piece(NamedTuple):
    """One line of a text."""

    text: str
    html: str


class _Run(NamedTuple):
    """Lines that are the same on both sides; the middle of a long run is hidden."""

    html: str
    hidden: int


_NOTHING: Final = _Piece("", "")


def _interleaved(before: Sequence[_Piece], after: Sequence[_Piece]) -> Cells:
    left: list[str] = []
    right: list[str] = []
    hidden = 0
    runs = groupby(_pairs(before, after), lambda pair: pair[0].text == pair[1].text)
    for same, pairs in runs:
        old, new = zip(*pairs, strict=True)
        if same:
            run = _calm([_Piece(piece.text, escape(piece.text)) for piece in old])
            hidden += run.hidden
            left.append(f'<span class="block same">{run.html}</span>')
            right.append(f'<span class="block same">{run.html}</span>')
        else:
            left += map(_block, old)
            right += map(_block, new)
    return Cells("".join(left), "".join(right), interleaved=True, hidden=hidden)


def _pairs(before: Sequence[_Piece], after: Sequence[_Piece]) -> Iterator[tuple[_Piece, _Piece]]:
    """Lines that belong together, ``_NOTHING`` where a side has none."""
    if len(before) * len(after) > _MOST_COMPARISONS:
        yield from zip_longest(before, after, fillvalue=_NOTHING)
        return
    old, new = [piece.text for piece in before], [piece.text for piece in after]
    for _, i, i_end, j, j_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield from zip_longest(before[i:i_end], after[j:j_end], fillvalue=_NOTHING)


def _block(piece: _Piece) -> str:
    return f'<span class="block">{piece.html}</span>' if piece.text else _EMPTY_BLOCK


_EMPTY_BLOCK: Final = '<span class="block none"></span>'


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


def _broken(pieces: Iterable[_Piece]) -> str:
    return "<br>".join([piece.html for piece in pieces])


# --- One line -----------------------------------------------------------------------------------


class _Aside(NamedTuple):
    """A part of a line that is set apart: from, to, and the tag that does it."""

    start: int
    end: int
    opening: str
    closing: str


def _pieces(line: Line | None, side: Side) -> list[_Piece]:
    if line is None:
        return []
    asides = _asides(line.text)
    pieces: list[_Piece] = []
    start = 0
    for segments in _cut_at_breaks(line.segments):
        text = "".join([segment.text for segment in segments])
        pieces.append(_Piece(text, _html(segments, _TAG[side], start, asides)))
        start += len(text)
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


def _html(segments: Iterable[Segment], tag: str, start: int, asides: Sequence[_Aside]) -> str:
    if not asides:
        return "".join([_marked(text, tag, emphasis) for text, emphasis, _ in segments])
    html: list[str] = []
    for aside, parts in groupby(_parts(segments, start, asides), lambda part: part[2]):
        marked = "".join([_marked(text, tag, emphasis) for text, emphasis, _ in parts])
        html.append(f"{aside.opening}{marked}{aside.closing}" if aside else marked)
    return "".join(html)


def _marked(text: str, tag: str, emphasis: bool) -> str:
    return f"<{tag}>{escape(text)}</{tag}>" if emphasis else escape(text)


def _parts(
    segments: Iterable[Segment], start: int, asides: Sequence[_Aside]
) -> Iterator[tuple[str, bool, _Aside | None]]:
    """The segments cut where something set apart begins or ends."""
    bounds = sorted({bound for aside in asides for bound in (aside.start, aside.end)})
    for text, emphasis, _ in segments:
        end = start + len(text)
        stops = [start, *(bound for bound in bounds if start < bound < end), end]
        for left, right in pairwise(stops):
            aside = next((a for a in asides if a.start <= left and right <= a.end), None)
            yield text[left - start : right - start], emphasis, aside
        start = end


def _asides(text: str) -> list[_Aside]:
    if '"$redacted"' in text:
        found = _REDACTED.finditer(text)
        return [_Aside(*match.span(), '<span class="redacted">', "</span>") for match in found]
    if text.isascii() or not _RIGHT_TO_LEFT.search(text):
        return []
    strings = _STRING.finditer(text)
    return [
        _Aside(*match.span(1), "<bdi>", "</bdi>")
        for match in strings
        if _RIGHT_TO_LEFT.search(match[1])
    ]
