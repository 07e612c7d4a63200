"""Unchanged stretches folded away, with what surrounds a change kept in sight."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from audit.diff.pointers import Key, Place
from audit.diff.rows import Line, Row

CONTEXT: Final = 3
MINIMUM: Final = 4


@dataclass(frozen=True, slots=True)
class Fold:
    """Rows that are hidden: the index of the first among all rows, and how many.

    The index stays the same however many other folds are opened, so a URL can name it.
    """

    index: int
    count: int


def fold(
    rows: Sequence[Row],
    *,
    context: int = CONTEXT,
    minimum: int = MINIMUM,
    opened: Container[int] = (),
) -> list[Row | Fold]:
    """The rows, stretches of at least `minimum` unchanged ones folded unless `opened`.

    Each change keeps `context` rows around it, the opening line of everything that encloses it,
    and of each enclosing array item the member that identifies it.
    """
    folded: list[Row | Fold] = []
    for start, end, visible in _stretches(_visible(rows, context)):
        if visible or end - start < minimum or start in opened:
            folded += rows[start:end]
        else:
            folded.append(Fold(start, end - start))
    return folded


def _stretches(visible: bytearray) -> Iterator[tuple[int, int, bool]]:
    start = 0
    for index in range(1, len(visible) + 1):
        if index == len(visible) or visible[index] != visible[start]:
            yield start, index, bool(visible[start])
            start = index


def _visible(rows: Sequence[Row], context: int) -> bytearray:
    visible = bytearray(len(rows))
    before = _Enclosing([row.before for row in rows])
    after = _Enclosing([row.after for row in rows])
    for index in _noteworthy(rows):
        start, end = max(0, index - context), min(len(rows), index + context + 1)
        visible[start:end] = b"\1" * (end - start)
        for enclosing, line in ((before, rows[index].before), (after, rows[index].after)):
            if line:
                enclosing.show(line, visible)
    return visible


def _noteworthy(rows: Sequence[Row]) -> Iterator[int]:
    """Changes; of what moved, the first and last line."""
    kinds = ["", *(row.kind for row in rows), ""]
    for index, row in enumerate(rows):
        if row.kind == "moved":
            within = kinds[index] == kinds[index + 2] == "moved"
            if not within or any(line and line.note for line in (row.before, row.after)):
                yield index
        elif row.kind != "same":
            yield index


class _Enclosing:
    """Where each value of one side begins."""

    def __init__(self, lines: Sequence[Line | None]) -> None:
        self._shown: set[Place] = set()
        self._begins: dict[tuple[Place | None, Key], int] = {}
        for index in range(len(lines) - 1, -1, -1):
            line = lines[index]
            if line:
                self._begins[line.parent, line.key] = index

    def show(self, line: Line, visible: bytearray) -> None:
        """Show the opening line of all that encloses the line, and what identifies it."""
        place = line.parent
        while place and place not in self._shown:
            self._shown.add(place)
            visible[self._begins[place.parent, place.key]] = 1
            if place.identity is not None and (place, place.identity) in self._begins:
                visible[self._begins[place, place.identity]] = 1
            place = place.parent
