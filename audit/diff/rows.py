"""What a diff is made of: rows of two lines, lines of segments."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal, NamedTuple

from audit.diff.document import JSON, is_redacted
from audit.diff.identity import display_key
from audit.diff.notation import Segment, joined, one_line, quote, spell, text_segments
from audit.diff.pointers import Key, Place, escape

type Kind = Literal["same", "changed", "added", "removed", "moved"]

REDACTED_NOTE: Final = "redacted"

_INDENT: Final = "  "
# Deeper levels keep this indentation: many deep lines would else be mostly blanks.
_DEEPEST_INDENT: Final = 40

type Body = str | tuple[str | Segment, ...]
"""A line's text; segments where there is something to tell apart."""


class Line(NamedTuple):
    """A line of one document, numbered from 1; `note` is said about it, no part of its text."""

    number: int
    body: Body
    note: str
    parent: Place | None
    key: Key

    @property
    def segments(self) -> tuple[Segment, ...]:
        parts = (self.body,) if isinstance(self.body, str) else self.body
        return joined(Segment(part) if isinstance(part, str) else part for part in parts)

    @property
    def text(self) -> str:
        if isinstance(self.body, str):
            return self.body
        return "".join(part if isinstance(part, str) else part.text for part in self.body)

    @property
    def pointer(self) -> str:
        """Where the line's value stands (RFC 6901)."""
        return "" if self.parent is None else f"{self.parent.pointer}/{escape(self.key)}"


class Row(NamedTuple):
    """Lines that stand side by side.

    Kind "same" with one side alone is an object's member in another order, which means nothing;
    "moved" is an array's item in another order, which does.
    """

    kind: Kind
    before: Line | None
    after: Line | None


type Draft = tuple[Body, str, Place | None, Key]
"""A line without its number."""


class Spot(NamedTuple):
    """A value about to be printed: what stands before and behind it, what is said about it."""

    value: JSON
    parent: Place | None = None
    key: Key = ""
    depth: int = 0
    lead: str = ""
    tail: str = ""
    note: str = ""

    @property
    def short(self) -> str | None:
        """The value on one line, if that is its form here."""
        return one_line(self.value, in_array=type(self.key) is int)

    @property
    def opening(self) -> Draft:
        """The opening bracket's line."""
        bracket = "{" if isinstance(self.value, dict) else "["
        return self.lead + bracket, self.note, self.parent, self.key

    @property
    def closing(self) -> Draft:
        """The closing bracket's line."""
        bracket = "}" if isinstance(self.value, dict) else "]"
        return indent(self.depth) + bracket + self.tail, "", self.parent, self.key

    def noted(self, note: str) -> "Spot":
        both = ", ".join(part for part in (self.note, note) if part)
        return Spot(*self[:-1], both)

    def line(self, short: str) -> Draft:
        """The line of a value that is short, or a long text with its line breaks."""
        if type(self.value) is str and "\n" in self.value:
            return self.line_of(text_segments([(self.value, False)]))
        return self.lead + short + self.tail, self.note, self.parent, self.key

    def line_of(self, body: Iterable[Segment]) -> Draft:
        """The line of a value in segments."""
        return (self.lead, *body, self.tail), self.note, self.parent, self.key


class Inside:
    """The spots within an object or array that is printed over several lines."""

    __slots__ = ("_depth", "_last", "_lead", "_value", "keys", "place")

    def __init__(
        self, spot: Spot, identity: str | None = None, other: "Inside | None" = None
    ) -> None:
        self._value: Any = spot.value
        self._depth = spot.depth + 1
        self._lead = indent(self._depth)
        self.keys = _keys(spot.value)
        self._last = self.keys[-1] if self.keys else None
        self.place: Place = _place(spot, identity, other.place if other else None)

    def leaf(self, key: Key, note: str = "") -> Draft | None:
        """The line of a scalar, in fewer steps than by its spot; None for anything else."""
        value = self._value[key]
        if isinstance(value, dict | list) or (isinstance(value, str) and "\n" in value):
            return None
        return f"{self._label(key)}{spell(value)}{self.tail(key)}", note, self.place, key

    def marked_leaf(self, key: Key, note: str = "") -> Draft | None:
        """The same for a number, true, false or null that changed as a whole."""
        value = self._value[key]
        if isinstance(value, dict | list | str):
            return None
        body = self._label(key), Segment(spell(value), emphasis=True), self.tail(key)
        return body, note, self.place, key

    def _label(self, key: Key) -> str:
        return f"{self._lead}{quote(key)}: " if isinstance(key, str) else self._lead

    def tail(self, key: Key) -> str:
        return "" if key == self._last else ","

    def spot(self, key: Key) -> Spot:
        value: JSON = self._value[key]
        note = REDACTED_NOTE if type(value) is dict and is_redacted(value) else ""
        return Spot(value, self.place, key, self._depth, self._label(key), self.tail(key), note)


def _keys(value: JSON) -> Sequence[Key]:
    if isinstance(value, dict):
        return [*value]
    return range(len(value)) if isinstance(value, list) else ()


def _place(spot: Spot, identity: str | None, other: Place | None) -> Place:
    """The other side's place, if it is the same."""
    if other and other.parent is spot.parent and other.key == spot.key:
        return other
    array = spot.parent if type(spot.key) is int else None
    told_by = display_key(spot.value, array.item_key) if array else None
    return Place(spot.parent, spot.key, told_by, identity)


def indent(depth: int) -> str:
    return _INDENT * min(depth, _DEEPEST_INDENT)


def drafts(spot: Spot) -> list[Draft]:
    """All lines of a value that stands alone."""
    lines: list[Draft] = []
    _collect(spot, lines)
    return lines


def _collect(spot: Spot, lines: list[Draft]) -> None:
    short = spot.short
    if short is not None:
        lines.append(spot.line(short))
        return
    lines.append(spot.opening)
    inside = Inside(spot)
    for key in inside.keys:
        leaf = inside.leaf(key)
        if leaf:
            lines.append(leaf)
        else:
            _collect(inside.spot(key), lines)
    lines.append(spot.closing)
