"""From text to a query, or to the first thing that is wrong with it and where."""

import re
from typing import Final, NoReturn

from audit.browsing.grammar.checking import choose, problem_with
from audit.browsing.grammar.errors import GrammarError, Span
from audit.browsing.grammar.query import FieldTerm, Query, Term, TimeTerm, Value, Word
from audit.browsing.grammar.scanning import Piece, RawTerm, scan, skip_space
from audit.browsing.grammar.spelling import quote
from audit.browsing.grammar.times import check_range, split_range
from audit.browsing.grammar.vocabulary import (
    BY_ANY_NAME,
    DETAILS,
    DETAILS_PREFIX,
    RESERVED,
    SINCE,
    TIME,
    TIMES,
    Field,
)
from audit.browsing.moments import InvalidMoment

#: Characters: the longest detail an event can have, even if each needs an escape.
MAX_LENGTH: Final = 5_000
#: Words and alternatives in a query. More is a list, and belongs into an export.
MAX_VALUES: Final = 50

_QUOTE_INSIDE = "A quote opens at the beginning. To find a quote itself, put the text in quotes."
_STAR_INSIDE = "* stands for the rest, so it comes last. To find a star, put the text in quotes."
# A star before a word, of which only the end is given or, with one behind it, a part.
_ENDS = re.compile(r'\*[^\s*"]+')
_IN_NO_EVENT = re.compile("[\0\ud800-\udfff]")


def parse(text: str) -> Query:
    """The query that a text means.

    Raises GrammarError, and nothing else, whatever the text.
    """
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.values = 0

    def query(self) -> Query:
        self._check_text()
        return Query(tuple(self._term(raw) for raw in scan(self.text)), self.text)

    def _check_text(self) -> None:
        if (length := len(self.text)) > MAX_LENGTH:
            beyond = Span(MAX_LENGTH, length - MAX_LENGTH)
            self._fail(f"A query has at most {MAX_LENGTH:,} characters, not {length:,}.", beyond)
        if found := _IN_NO_EVENT.search(self.text):
            self._fail("No event can hold this character.", Span(found.start(), 1), "")

    def _term(self, raw: RawTerm) -> Term:
        if raw.excluded:
            self._check_minus(raw)
        if raw.name is None:
            return self._word(raw, raw.values[0])
        return self._named(raw, raw.name)

    def _check_minus(self, raw: RawTerm) -> None:
        if raw.name is None and raw.values[0].is_missing:
            self._refuse_lone_minus(raw)
        first = raw.name or raw.values[0]
        if not first.quoted and first.text.startswith("-"):
            message = "Put what begins with a minus in quotes."
            self._fail(message, raw.span, quote(self.text[raw.start : raw.end]))

    def _refuse_lone_minus(self, raw: RawTerm) -> NoReturn:
        message = "A minus excludes what follows it, without a space between."
        following = skip_space(self.text, raw.end)
        if following < len(self.text):
            self._fail(message, Span(raw.start, following - raw.start), "-")
        self._fail(message, raw.span)

    def _word(self, raw: RawTerm, piece: Piece) -> Word:
        self._count(piece)
        if not piece.quoted and _ENDS.fullmatch(piece.text):
            return Word(piece.text[1:], piece.star, raw.excluded, suffix=True, span=raw.span)
        self._check_piece(piece)
        if not piece.text and piece.star:
            self._fail("* needs the beginning of a word before it.", piece.span)
        if not piece.text.strip():
            self._fail("Between these quotes is nothing to look for.", piece.span)
        return Word(piece.text, piece.star, raw.excluded, span=raw.span)

    def _named(self, raw: RawTerm, name: Piece) -> Term:
        key = self._key(name)
        if key in RESERVED:
            self._refuse_reserved(key, name)
        if key in TIMES:
            return self._time(raw, name, key)
        return self._field(raw, name, key)

    def _key(self, name: Piece) -> str:
        self._check_piece(name)
        if name.star:
            self._fail("* belongs to a value, after the colon.", Span(name.end - 1, 1), "")
        if not name.text or name.text == DETAILS_PREFIX:
            colon = Span(name.start, name.end + 1 - name.start)
            self._fail("Before a colon stands a field or a details key.", colon)
        if ":" in name.text:
            self._fail("A details key holds no colon.", name.span)
        return name.text

    def _refuse_reserved(self, key: str, name: Piece) -> NoReturn:
        instead = RESERVED[key]
        message = (
            f"{key}: is kept for snapshots. For a time write {instead}:,"
            f" for a details key {DETAILS_PREFIX}{key}:"
        )
        self._fail(message, name.span, instead)

    def _field(self, raw: RawTerm, name: Piece, key: str) -> FieldTerm:
        field = BY_ANY_NAME.get(key)
        values = tuple(dict.fromkeys(self._value(raw, name, field, piece) for piece in raw.values))
        if field is None:
            key = key.removeprefix(DETAILS_PREFIX)
            return FieldTerm(DETAILS, values, key, raw.excluded, raw.span, name.span)
        field_name = field.name
        if field_name == "resource_type" and not any("/" in value.text for value in values):
            field_name = "resource"  # which is the same, and shorter
        return FieldTerm(field_name, values, "", raw.excluded, raw.span, name.span)

    def _value(self, raw: RawTerm, name: Piece, field: Field | None, piece: Piece) -> Value:
        self._count(piece)
        self._check_piece(piece)
        if piece.is_missing:
            self._refuse_missing(raw, name, piece)
        if field is None:
            return Value(piece.text, piece.star, piece.span)
        if not piece.text and not piece.star:
            self._refuse_empty(raw, field)
        if problem := problem_with(field, piece.text, prefix=piece.star):
            self._fail(problem.message, piece.span, problem.suggestion)
        return Value(choose(field, piece.text) or piece.text, piece.star, piece.span)

    def _refuse_missing(self, raw: RawTerm, name: Piece, piece: Piece) -> NoReturn:
        if len(raw.values) > 1:
            comma = piece.start if piece is not raw.values[-1] else piece.start - 1
            self._fail("A comma stands between two values.", Span(comma, 1), "")
        written = self.text[name.start : name.end + 1]
        following = skip_space(self.text, piece.end)
        if piece.end < following < len(self.text):
            message = f"The value follows {written} without a space."
            self._fail(message, Span(name.start, following - name.start), written)
        self._fail(f"{written} needs a value.", Span(name.start, len(written)))

    def _refuse_empty(self, raw: RawTerm, field: Field) -> NoReturn:
        message = f"No event has an empty {field.name}."
        if field.choices or len(raw.values) > 1:
            self._fail(message, raw.span)
        sign = "" if raw.excluded else "-"
        words = "with any at all" if raw.excluded else "without any"
        instead = f"{sign}{field.name}:*"
        self._fail(f"{message} For events {words}: {instead}", raw.span, instead)

    def _time(self, raw: RawTerm, name_piece: Piece, name: str) -> TimeTerm:
        piece = self._time_piece(raw, name_piece, name)
        since, until = (piece.text, "") if name == SINCE else ("", piece.text)
        try:
            if name == TIME:
                since, until = split_range(piece.text)
            check_range(since, until)
        except InvalidMoment as error:
            self._fail(str(error), piece.span)
        return TimeTerm(since, until, raw.span)

    def _time_piece(self, raw: RawTerm, name_piece: Piece, name: str) -> Piece:
        piece = raw.values[0]
        if raw.excluded:
            message = f"A time can't be excluded: {name}: is the range that is wanted."
            self._fail(message, Span(raw.start, 1), "")
        for value in raw.values:
            if value.is_missing:
                self._refuse_missing(raw, name_piece, value)
        if len(raw.values) > 1:
            self._fail(f"{name}: takes one value.", Span(piece.end, raw.end - piece.end), "")
        self._check_piece(piece)
        if piece.star:
            self._fail("A time takes no *.", Span(piece.end - 1, 1), "")
        if not piece.text:
            self._fail(f"{name}: needs a value.", piece.span)
        return piece

    def _count(self, piece: Piece) -> None:
        self.values += 1
        if self.values > MAX_VALUES:
            self._fail(f"A query asks for at most {MAX_VALUES} words and values.", piece.span)

    def _check_piece(self, piece: Piece) -> None:
        """That quotes and stars are where they mean something."""
        if not piece.closed:
            self._fail("This quote is never closed.", piece.span, quote(piece.text))
        if piece.tail:
            tail = Span(piece.end - len(piece.tail), len(piece.tail))
            self._fail("After a closing quote comes a space.", tail, f" {piece.tail}")
        if piece.quoted:
            return
        if '"' in piece.text:
            self._fail(_QUOTE_INSIDE, piece.span, quote(piece.text) + "*" * piece.star)
        if "*" in piece.text:
            self._fail(_STAR_INSIDE, piece.span, quote(self.text[piece.start : piece.end]))

    def _fail(self, message: str, span: Span, suggestion: str | None = None) -> NoReturn:
        raise GrammarError(message, self.text, span, suggestion)
