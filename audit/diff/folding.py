"""Unchanged stretches folded away, with what surrounds a change kept in sight."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from audit.diff.pointers import Place
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
    noteworthy = list(_noteworthy(rows))
    for index in noteworthy:
        start, end = max(0, index - context), min(len(rows), index + context + 1)
        visible[start:end] = b"\1" * (end - start)
    for lines in ([row.before for row in rows], [row.after for row in rows]):
        _show_enclosing(lines, [lines[index] for index in noteworthy], visible)
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


def _show_enclosing(
    lines: Sequence[Line | None], changed: Sequence[Line | None], visible: bytearray
) -> None:
    """Show the opening line of all that encloses a changed line, and what identifies it."""
    places = _enclosing(changed)
    wanted = {(place.parent, place.key) for place in places}
    wanted |= {(place, place.identity) for place in places if place.identity is not None}
    parents = {parent for parent, _ in wanted}
    for index, line in enumerate(lines):
        if line and line.parent in parents and (line.parent, line.key) in wanted:
            wanted.remove((line.parent, line.key))
            visible[index] = 1


def _enclosing(lines: Sequence[Line | None]) -> set[Place]:
    places: set[Place] = set()
    for line in lines:
        place = line.parent if line else None
        while place and place not in places:
            places.add(place)
            place = place.parent
    return places
