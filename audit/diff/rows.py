"""What a diff is made of: rows of two lines, lines of segments."""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from audit.diff.document import JSON, is_redacted
from audit.diff.identity import display_key
from audit.diff.notation import Segment, joined, one_line, quote, text_segments
from audit.diff.pointers import Place

type Kind = Literal["same", "changed", "added", "removed", "moved"]
type Key = str | int

REDACTED_NOTE: Final = "redacted"

_INDENT: Final = "  "
# Deeper levels keep this indentation: many deep lines would else be mostly blanks.
_DEEPEST_INDENT: Final = 40


class Line(NamedTuple):
    """A line of one document, numbered from 1; `note` is said about it, no part of its text."""

    number: int
    segments: tuple[Segment, ...]
    note: str
    place: Place

    @property
    def pointer(self) -> str:
        """Where the line's value stands (RFC 6901)."""
        return self.place.pointer

    @property
    def text(self) -> str:
        return "".join([segment.text for segment in self.segments])


class Row(NamedTuple):
    """Lines that stand side by side.

    Kind "same" with one side alone is an object's member in another order, which means nothing;
    "moved" is an array's item in another order, which does.
    """

    kind: Kind
    before: Line | None
    after: Line | None


class Draft(NamedTuple):
    """A line without its number."""

    segments: tuple[Segment, ...]
    note: str
    place: Place


class Spot(NamedTuple):
    """A value about to be printed: what stands before and behind it, what is said about it."""

    value: JSON
    place: Place
    depth: int = 0
    lead: str = ""
    tail: str = ""
    note: str = ""

    @property
    def short(self) -> str | None:
        """The value on one line, if that is its form here."""
        return one_line(self.value, in_array=isinstance(self.place.key, int))

    @property
    def opening(self) -> str:
        return "{" if isinstance(self.value, dict) else "["

    @property
    def closing(self) -> Draft:
        """The closing bracket's line."""
        bracket = "}" if isinstance(self.value, dict) else "]"
        text = _indent(self.depth) + bracket + self.tail
        return Draft((Segment(text),), "", self.place)

    def noted(self, *notes: str) -> "Spot":
        return self._replace(note=", ".join(note for note in (self.note, *notes) if note))

    def line(self, body: str) -> Draft:
        """The line that begins with the lead and goes on with the body."""
        return Draft((Segment(self.lead + body),), self.note, self.place)

    def whole_line(self, body: Iterable[Segment]) -> Draft:
        segments = joined((Segment(self.lead), *body, Segment(self.tail)))
        return Draft(segments, self.note, self.place)

    def leaf_line(self, short: str) -> Draft:
        """The line of a value that is short, or a long text with its line breaks."""
        if isinstance(self.value, str) and "\n" in self.value:
            return self.whole_line(text_segments([(self.value, False)]))
        return self.line(short + self.tail)


def children(parent: Spot, identity: str | None = None) -> dict[Key, Spot]:
    """The spots of an object's members or an array's items, by key."""
    depth = parent.depth + 1
    lead = _indent(depth)
    spots: dict[Key, Spot] = {}
    if isinstance(parent.value, dict):
        for key, value in parent.value.items():
            place = Place(parent.place, key)
            spots[key] = Spot(value, place, depth, f"{lead}{quote(key)}: ", ",", _note(value))
    elif isinstance(parent.value, list):
        for index, value in enumerate(parent.value):
            place = Place(parent.place, index, display_key(value, identity))
            spots[index] = Spot(value, place, depth, lead, ",", _note(value))
    if spots:
        last = next(reversed(spots))
        spots[last] = spots[last]._replace(tail="")
    return spots


def _indent(depth: int) -> str:
    return _INDENT * min(depth, _DEEPEST_INDENT)


def _note(value: JSON) -> str:
    return REDACTED_NOTE if is_redacted(value) else ""


def drafts(spot: Spot) -> list[Draft]:
    """All lines of a value that stands alone."""
    lines: list[Draft] = []
    _collect(spot, lines)
    return lines


def _collect(spot: Spot, lines: list[Draft]) -> None:
    short = spot.short
    if short is not None:
        lines.append(spot.leaf_line(short))
        return
    lines.append(spot.line(spot.opening))
    for child in children(spot).values():
        _collect(child, lines)
    lines.append(spot.closing)
