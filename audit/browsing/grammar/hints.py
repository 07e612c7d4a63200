"""What is worth saying about a query that can be run, but is perhaps not what was meant."""

import re
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Final

from audit.browsing.grammar.errors import Remark, Span
from audit.browsing.grammar.nearness import nearest
from audit.browsing.grammar.query import FieldTerm, Query
from audit.browsing.grammar.spelling import quote, spell_details_key
from audit.browsing.grammar.vocabulary import (
    BY_ANY_NAME,
    DETAILS,
    DETAILS_PREFIX,
    FIELDS,
    TIMES,
)

#: Who sees more than this many reads none.
MAX_HINTS: Final = 5

_NAMES: Final = (*FIELDS, *TIMES, *BY_ANY_NAME)
_MEANT_BY: Final = {tried: field.name for field in FIELDS.values() for tried in field.tried} | {
    tried: name for name, all_tried in TIMES.items() for tried in all_tried
}
_CURLY: Final = "“”„«»"
_WORDS_WITH_COMMA: Final = re.compile(r"[^\W\d_]+(?:,[^\W\d_]+)+")


def hints(query: Query, known_keys: Collection[str] | None = None) -> tuple[Remark, ...]:
    """Remarks on a query that was read from text, at most MAX_HINTS of them.

    ``known_keys`` are the details keys in use, at best as a set; None if they are not known.
    """
    return tuple(islice(_all(query, known_keys), MAX_HINTS))


def _all(query: Query, known_keys: Collection[str] | None) -> Iterator[Remark]:
    for term in query.fields:
        if term.field == DETAILS and term.key not in (known_keys or ()):
            yield from _on_key(query, term, known_keys)
    yield from _on_contradictions(query)
    yield from _on_curly_quotes(query)
    yield from _on_commas(query)


def _on_key(query: Query, term: FieldTerm, known_keys: Collection[str] | None) -> Iterator[Remark]:
    """A key that no event has, or that looks as if none had."""
    unknown = f"No event has details called “{term.key}”. " if known_keys is not None else ""
    if name := _meant(query, term, known_keys or ()):
        yield Remark(f"{unknown}Did you mean {name}:?", query.text, term.name_span, name)
    elif unknown:
        written = query.text[term.span.position : term.span.end].removeprefix("-")
        message = f"{unknown}To find the text itself, put it in quotes."
        start = term.span.end - len(written)
        yield Remark(message, query.text, Span(start, len(written)), quote(written))


def _meant(query: Query, term: FieldTerm, known_keys: Collection[str]) -> str | None:
    """How the name is written that was perhaps meant."""
    written = query.text[term.name_span.position : term.name_span.end]
    may_be_field = not written.strip('"').startswith(DETAILS_PREFIX)
    if may_be_field and (name := _MEANT_BY.get(term.key.casefold()) or nearest(term.key, _NAMES)):
        return BY_ANY_NAME[name].name if name in BY_ANY_NAME else name
    key = nearest(term.key, known_keys)
    return None if key is None else spell_details_key(key)


def _on_contradictions(query: Query) -> Iterator[Remark]:
    """An event has one value of a field, and of a details key, so it can't have two."""
    wanted: dict[tuple[object, ...], FieldTerm] = {}
    for term in filter(_is_plain, query.fields):
        has_id = term.field == "resource" and "/" in term.alternatives[0].text
        first = wanted.setdefault((term.field, term.key, has_id), term)
        if not set(first.alternatives).isdisjoint(term.alternatives):
            continue
        either = FieldTerm(term.field, (*first.alternatives, *term.alternatives), term.key)
        message = f"No event meets both {first} and {term}. For either: {either}"
        yield Remark(message, query.text, term.span)


def _is_plain(term: FieldTerm) -> bool:
    """Whether it asks for exact values, and they can be compared with each other."""
    kinds = {term.field != "resource" or "/" in value.text for value in term.alternatives}
    return not term.excluded and len(kinds) == 1 and not any(v.prefix for v in term.alternatives)


def _on_curly_quotes(query: Query) -> Iterator[Remark]:
    for word in query.words:
        if word.text[0] in _CURLY or word.text[-1] in _CURLY:
            message = 'Only straight quotes (") keep words together.'
            yield Remark(message, query.text, word.span)
            return


def _on_commas(query: Query) -> Iterator[Remark]:
    for word in query.words:
        if _WORDS_WITH_COMMA.fullmatch(word.text):
            message = "A comma gives alternatives to the value of a field, not to a word."
            yield Remark(message, query.text, word.span)
