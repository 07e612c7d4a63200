"""From text to the pieces it is made of, whether they make sense or not.

Parsing tells what is wrong with them; completion takes them as they are, for a query that is
being typed is seldom right. Every character is read once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from audit.browsing.grammar.errors import Span
from audit.browsing.grammar.spelling import unescape

_SPACES = re.compile(r"\s*")
# ``*+`` never gives back what it took, so that an unclosed quote costs one pass.
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_TO_COLON = re.compile(r"[^\s:]*")
_TO_COMMA = re.compile(r"[^\s,]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A name, a value or a word. ``text`` is what it says, without quotes and final star.

    ``tail`` is what follows a closing quote without a space, if that is not a star.
    """

    start: int
    end: int
    text: str
    star: bool
    quoted: bool = False
    closed: bool = True
    tail: str = ""

    @property
    def span(self) -> Span:
        return Span(self.start, self.end - self.start)

    @property
    def content_start(self) -> int:
        return self.start + self.quoted

    @property
    def content_end(self) -> int:
        return self.end - len(self.tail) - self.star - (self.quoted and self.closed)

    @property
    def is_missing(self) -> bool:
        return self.start == self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTerm:
    """``-name:value,value``, or ``-word``: then there is no name, and one value."""

    start: int
    excluded: bool
    name: Piece | None
    values: tuple[Piece, ...]

    @property
    def end(self) -> int:
        return self.values[-1].end

    @property
    def span(self) -> Span:
        return Span(self.start, self.end - self.start)


def scan(text: str) -> Iterator[RawTerm]:
    """Every term, in order. Between them is nothing but space."""
    at = skip_space(text, 0)
    while at < len(text):
        term = _term(text, at)
        yield term
        at = skip_space(text, term.end)


def skip_space(text: str, at: int) -> int:
    spaces = _SPACES.match(text, at)
    return spaces.end() if spaces else at


def _term(text: str, start: int) -> RawTerm:
    excluded = text[start] == "-"
    first = _piece(text, start + excluded, _TO_COLON)
    if text.startswith(":", first.end):
        values = tuple(_values(text, first.end + 1))
        return RawTerm(start=start, excluded=excluded, name=first, values=values)
    return RawTerm(start=start, excluded=excluded, name=None, values=(first,))


def _values(text: str, at: int) -> Iterator[Piece]:
    value = _piece(text, at, _TO_COMMA)
    yield value
    while text.startswith(",", value.end):
        value = _piece(text, value.end + 1, _TO_COMMA)
        yield value


def _piece(text: str, start: int, run: re.Pattern[str]) -> Piece:
    if not text.startswith('"', start):
        end = _end(run, text, start)
        star = end > start and text[end - 1] == "*"
        return Piece(start=start, end=end, text=text[start : end - star], star=star)
    quoted = _QUOTED.match(text, start)
    if quoted is None:
        content = unescape(text[start + 1 :])
        return Piece(
            start=start, end=len(text), text=content, star=False, quoted=True, closed=False
        )
    end = _end(run, text, quoted.end())
    tail = text[quoted.end() : end]
    return Piece(
        start=start,
        end=end,
        text=unescape(quoted[1]),
        star=tail == "*",
        quoted=True,
        tail="" if tail == "*" else tail,
    )


def _end(run: re.Pattern[str], text: str, start: int) -> int:
    found = run.match(text, start)
    return found.end() if found else start
