"""What is being typed, for a type-ahead: a field, a value of one, or a word."""

import re
from dataclasses import dataclass
from typing import Literal

from audit.browsing.grammar.scanning import Piece, RawTerm, scan
from audit.browsing.grammar.spelling import (
    spell_details_key,
    spell_value,
    spell_word,
    unescape,
)
from audit.browsing.grammar.vocabulary import (
    BY_ANY_NAME,
    DETAILS,
    DETAILS_PREFIX,
    RESERVED,
    TIMES,
)

_RUN = re.compile(r'[^\s,"]*')

type Kind = Literal["field", "value", "word"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What could be completed at the cursor, and what a choice replaces.

    - ``field``: the name of a field or a details key, though it may become a word.
    - ``value``: of ``field``, which is a name in FIELDS or TIMES, or DETAILS and then ``key``
      says of which.
    - ``word``: free text, for which there is nothing to offer but whole phrases.

    ``typed`` is what the text before the cursor says, without quotes.
    """

    kind: Kind
    typed: str
    replace_start: int
    replace_end: int
    field: str = ""
    key: str = ""


def completion_at(text: str, cursor: int) -> Completion:
    """What is being typed at the cursor (in characters), however wrong the text is."""
    cursor = max(0, min(cursor, len(text)))
    term = next((term for term in scan(text) if term.start <= cursor <= term.end), None)
    if term is None:
        return Completion(kind="field", typed="", replace_start=cursor, replace_end=cursor)
    if term.name is None:
        return _name_or_word(text, cursor, term.values[0])
    if cursor <= term.name.end:
        return _completion("field", text, cursor, term.name)
    return _value(text, cursor, term, term.name)


def rest_of(text: str, cursor: int) -> str:
    """The text without the term that is being typed at the cursor (in characters)."""
    cursor = max(0, min(cursor, len(text)))
    for term in scan(text):
        if term.start <= cursor <= term.end:
            return text[: term.start] + text[term.end :]
    return text


def apply_completion(
    text: str, completion: Completion, choice: str, *, is_key: bool = False
) -> tuple[str, int]:
    """The text with the choice in its place, written so that it parses, and the new cursor.

    ``choice`` is the name of a field or, if ``is_key``, a details key; a value; or a word.
    """
    before, after = text[: completion.replace_start], text[completion.replace_end :]
    if completion.kind == "field":
        written = spell_details_key(choice) if is_key else choice
        after = after.removeprefix(":")
        return f"{before}{written}:{after}", len(before) + len(written) + 1
    written = spell_word(choice) if completion.kind == "word" else spell_value(choice)
    if not after:  # the next term may follow at once
        written += " "
    return f"{before}{written}{after}", len(before) + len(written)


def _name_or_word(text: str, cursor: int, piece: Piece) -> Completion:
    is_word = piece.quoted or piece.star or piece.text.startswith("*")
    kind: Kind = "word" if is_word else "field"
    return _completion(kind, text, cursor, piece)


def _value(text: str, cursor: int, term: RawTerm, name: Piece) -> Completion:
    piece = next(value for value in term.values if cursor <= value.end)
    if name.text in RESERVED:
        return _completion("word", text, cursor, piece)
    if name.text in TIMES:
        return _completion("value", text, cursor, piece, name.text)
    if field := BY_ANY_NAME.get(name.text):
        return _completion("value", text, cursor, piece, field.name)
    key = name.text.removeprefix(DETAILS_PREFIX)
    return _completion("value", text, cursor, piece, DETAILS, key)


def _completion(
    kind: Kind, text: str, cursor: int, piece: Piece, field: str = "", key: str = ""
) -> Completion:
    start, end = piece.content_start, min(cursor, piece.content_end)
    typed = text[start : max(start, end)]
    return Completion(
        kind=kind,
        typed=unescape(typed) if piece.quoted else typed,
        replace_start=piece.start,
        replace_end=_replace_end(text, cursor, piece),
        field=field,
        key=key,
    )


def _replace_end(text: str, cursor: int, piece: Piece) -> int:
    """The end of the piece, or of what is typed of it.

    A quote that was just opened seems to hold everything up to the next one, which was there
    before and is to stay.
    """
    if piece.closed and not piece.tail:
        return piece.end
    run = _RUN.match(text, max(cursor, piece.content_start))
    return run.end() if run else cursor
