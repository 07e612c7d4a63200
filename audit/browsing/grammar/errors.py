"""What is said about a place in a query: errors, and hints that are none."""

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Part of a text, in characters (code points, not UTF-16 units as JavaScript counts)."""

    position: int = 0
    length: int = 0

    @property
    def end(self) -> int:
        return self.position + self.length


class Remark:
    """A sentence about ``text[position:position + length]``, which is always inside the text.

    ``suggestion`` is what could stand there instead; None if nothing can be suggested.
    """

    def __init__(
        self, message: str, text: str = "", span: Span = Span(), suggestion: str | None = None
    ) -> None:
        self.message = message
        self.text = text
        self.span = span
        self.suggestion = suggestion

    def __str__(self) -> str:
        return self.message

    @property
    def position(self) -> int:
        return self.span.position

    @property
    def length(self) -> int:
        return self.span.length

    @property
    def corrected(self) -> str | None:
        """The whole text as it would be with the suggestion."""
        if self.suggestion is None:
            return None
        return self.text[: self.position] + self.suggestion + self.text[self.span.end :]

    def caret(self, width: int = 72) -> str:
        """Two lines for a monospaced font: the text, and carets under the place.

        Of a long text only about ``width`` characters around the place are shown.
        """
        start = max(0, min(self.position - width // 2, len(self.text) - width))
        stop = start + width
        before = ("…" if start else "") + _visible(self.text[start : self.position])
        place = _visible(self.text[self.position : min(self.span.end, stop)])
        after = _visible(self.text[self.span.end : stop]) + ("…" if stop < len(self.text) else "")
        return f"{before}{place}{after}\n{' ' * _columns(before)}{'^' * (_columns(place) or 1)}"


class GrammarError(Remark, ValueError):
    """A query that cannot be understood, or asks for what no event can have."""


def _visible(text: str) -> str:
    """On one line, each character in its place."""
    return "".join(character if character.isprintable() else " " for character in text)


def _columns(text: str) -> int:
    """How wide a monospaced font shows the text."""
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
