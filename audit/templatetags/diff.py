"""A diff as table rows.

Put together here and not in a template, which would take many times as long for the thousands
of rows a document can have.

The cells of one side, joined by newlines, are that side's JSON document. So whatever is said
about a line (its number, + and −, "moved from 3") stands in other cells or in CSS content.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from django.template import Library
from django.utils.safestring import SafeString, mark_safe

from audit.diff import Fold, Line, Row
from audit.diff.notation import escape as in_json
from audit.templatetags.diff_cells import Side, cells

register = Library()

# Which side of which kind of row is marked as what.
_MARKS: Final[dict[tuple[str, Side], str]] = {
    ("changed", "before"): "del",
    ("changed", "after"): "add",
    ("removed", "before"): "del",
    ("added", "after"): "add",
    ("moved", "before"): "moved",
    ("moved", "after"): "moved",
}

# Deeper lines wrap as this one does.
_DEEPEST: Final = 12


@dataclass(frozen=True, slots=True)
class _Bounds:
    """How much one page holds, in rows and characters of text; it says what is left out."""

    rows: int
    characters: int
    characters_in_row: int


_PAGE: Final = _Bounds(rows=3_000, characters=600_000, characters_in_row=120_000)
# Room for two documents of the greatest size recorded, 1 MiB each, though each character may
# be shown as an escape of six.
_FULL: Final = _Bounds(rows=60_000, characters=14_000_000, characters_in_row=14_000_000)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What the rows of one table have in common."""

    sides: tuple[Side, ...]
    anchor: str
    unfold: str
    fragment: str
    everything: str
    raw: str

    @property
    def columns(self) -> int:
        return 2 * len(self.sides)


@register.simple_tag
def diff_rows(
    rows: Iterable[Row | Fold],
    *,
    sides: tuple[Side, ...],
    anchor: str,
    unfold: str,
    fragment: str,
    everything: str,
    raw: str,
) -> SafeString:
    """The rows of a diff as ``<tr>`` elements, bounded.

    ``anchor`` begins the ids of the rows. The others are URLs: ``unfold`` and ``fragment`` end
    where the index of a fold goes, the page with it unfolded and its rows alone; ``everything``
    is the page without folds, blank where this is it; ``raw`` is the document itself.
    """
    urls = (escape(url) for url in (unfold, fragment, everything, raw))
    frame = _Frame(sides, anchor, *urls)
    html = "".join(_rows(rows, frame, _PAGE if everything else _FULL))
    return mark_safe(html)  # noqa: S308  every value in it was escaped


def _rows(rows: Iterable[Row | Fold], frame: _Frame, bounds: _Bounds) -> Iterator[str]:
    shown = characters = left_out = 0
    place = ""
    remaining = iter(rows)
    for row in remaining:
        size = _size(row)
        if size > bounds.characters_in_row or characters + size > bounds.characters:
            left_out += 1
            continue
        if left_out:
            yield _left_out(left_out, frame)
        left_out = 0
        characters += size
        if isinstance(row, Fold):
            yield _fold(row, place, frame)
        else:
            place = _place(row, frame)
            yield _row(row, place, frame)
        shown += 1
        if shown == bounds.rows:
            break
    left_out += sum(row.count if isinstance(row, Fold) else 1 for row in remaining)
    if left_out:
        yield _left_out(left_out, frame)


def _size(row: Row | Fold) -> int:
    """The characters of its text."""
    if isinstance(row, Fold):
        return 0
    return sum([len(line.text) for line in (row.before, row.after) if line])


def _place(row: Row, frame: _Frame) -> str:
    if row.after:
        return f"{frame.anchor}{row.after.number}"
    return f"{frame.anchor}b{row.before.number if row.before else 0}"


def _fold(fold: Fold, place: str, frame: _Frame) -> str:
    lines = "line" if fold.count == 1 else "lines"
    # Without a script the page comes back at the line above.
    return (
        f'<tr class="fold"><td colspan="{frame.columns}">'
        f'<a href="{frame.unfold}{fold.index}#{place}" hx-get="{frame.fragment}{fold.index}"'
        f' hx-target="closest tr" hx-swap="outerHTML">'
        f"Show {fold.count:,} unchanged {lines}</a></td></tr>"
    )


def _left_out(count: int, frame: _Frame) -> str:
    lines = "line is" if count == 1 else "lines are"
    way = f' <a href="{frame.everything}">Show everything</a> ·' if frame.everything else ""
    return (
        f'<tr class="fold left-out"><td colspan="{frame.columns}">{count:,} {lines} left out here,'
        f' too much for one page.{way} <a href="{frame.raw}">Open the raw JSON</a></td></tr>'
    )


def _row(row: Row, place: str, frame: _Frame) -> str:
    texts = cells(row)
    name = _class(row, interleaved=texts.interleaved)
    depth = f' data-depth="{depth}"' if (depth := _depth(row)) else ""
    html = [f'<tr id="{place}"{name}{depth}>']
    for side in frame.sides:
        if side == "before":
            html.append(_cell(side, row.before, row.kind, texts.before))
        else:
            html.append(_cell(side, row.after, row.kind, texts.after))
    if texts.hidden:
        html.append(_reveal(texts.hidden))
    html.append("</tr>")
    return "".join(html)


def _depth(row: Row) -> int:
    """How deep the line is indented, for its own wrapping to be indented as well."""
    line = row.after or row.before
    if line is None:
        return 0
    text = line.text
    return min((len(text) - len(text.lstrip(" "))) // 2, _DEEPEST)


def _class(row: Row, *, interleaved: bool) -> str:
    if row.kind == "same":
        # A member that the other side has too, but elsewhere in its object.
        return "" if row.before and row.after else ' class="elsewhere"'
    return f' class="{row.kind} texts"' if interleaved else f' class="{row.kind}"'


def _cell(side: Side, line: Line | None, kind: str, html: str) -> str:
    if line is None:
        return '<td class="ln"></td><td class="none"></td>'
    # Shown and spoken through CSS, no part of the text.
    note = f'<span class="note" data-note="{escape(line.note)}"></span>' if line.note else ""
    mark = _MARKS.get((kind, side))
    if mark is None:
        return f'<td class="ln">{line.number}</td><td data-side="{side}">{html}{note}</td>'
    # As RFC 6901, section 5, writes it in JSON: a key may hold what HTML cannot.
    pointer = escape(in_json(line.pointer))
    return (
        f'<td class="ln {mark}" data-pointer="{pointer}">{line.number}</td>'
        f'<td data-side="{side}" class="{mark}">{html}{note}</td>'
    )


def _reveal(hidden: int) -> str:
    lines = "line" if hidden == 1 else "lines"
    return (
        '<td class="reveal"><label><input type="checkbox">'
        f" Show {hidden:,} unchanged {lines} of this text</label></td>"
    )
