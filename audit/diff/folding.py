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
    enclosing = _Enclosing(rows)
    for index, row in enumerate(rows):
        if row.kind != "same":
            start = max(0, index - context)
            end = min(len(rows), index + context + 1)
            visible[start:end] = b"\1" * (end - start)
            for line in (row.before, row.after):
                if line:
                    enclosing.show(line, visible)
    return visible


class _Enclosing:
    """Where each place opens, and where the member that identifies it stands."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._opening: dict[Place, int] = {}
        self._identity: dict[Place, int] = {}
        self._shown: set[Place] = set()
        for index, row in enumerate(rows):
            for line in (row.before, row.after):
                if line:
                    self._note(line.place, index)

    def _note(self, place: Place, index: int) -> None:
        self._opening.setdefault(place, index)
        parent = place.parent
        if parent and parent.identity is not None and parent.identity == place.key:
            self._identity.setdefault(parent, index)

    def show(self, line: Line, visible: bytearray) -> None:
        place: Place | None = line.place
        while place and place not in self._shown:
            self._shown.add(place)
            for known in (self._opening, self._identity):
                if place in known:
                    visible[known[place]] = 1
            place = place.parent
