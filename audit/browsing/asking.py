"""From a query of the grammar to what is asked of the log.

``check`` says what is wrong with a query without asking the database; ``answer`` then looks up in
the dictionaries what stars stand for, in at most two statements.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from audit.browsing.criteria import Condition, Criterion
from audit.browsing.fields import InvalidValue
from audit.browsing.grammar import DETAILS, FieldTerm, Query, Remark, Word
from audit.browsing.grammar import Value as Asked
from audit.browsing.known import MAX_WORDS, Known, look_up
from audit.browsing.wildcards import Alternatives, Beginning, Phrase
from audit.models.words import MAX_WORD_LENGTH, normalized, words_of

# Of a phrase. It would hold more words than one looks for, and each is a search.
_MAX_PHRASE = 50
_ENDS_IN_WORD = re.compile(r"[^\W_]\Z")

type Part = tuple[Word | FieldTerm, Condition]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query asks, and what is to be said about it."""

    conditions: tuple[Condition, ...] = ()
    remarks: tuple[Remark, ...] = ()


def check(query: Query) -> None:
    """Raises GrammarError if the query asks for what no event can have."""
    for _ in _parts(query):
        pass


def answer(query: Query, organization_id: int, using: str) -> Answer:
    """Raises GrammarError, as ``check`` does."""
    parts = list(_parts(query))
    conditions = [condition for _, condition in parts]
    known = look_up(conditions, organization_id, using)
    return Answer(
        tuple(_completed(condition, known) for condition in conditions),
        tuple(_remarks(query, parts, known)),
    )


def phrases(query: Query) -> tuple[Phrase, ...]:
    """The words that an event must have. Raises GrammarError, as ``check`` does."""
    asked = (condition for _, condition in _parts(query))
    return tuple(one for one in asked if isinstance(one, Phrase) and not one.excluded)


def _parts(query: Query) -> Iterator[Part]:
    """Each term that is not a time, and what it asks; stars stand for nothing yet."""
    for term in query.terms:
        if isinstance(term, Word):
            yield term, _phrase(query, term)
        elif isinstance(term, FieldTerm):
            yield term, _of_field(query, term)


def _phrase(query: Query, term: Word) -> Phrase:
    words = words_of(term.text)
    if not words:
        raise query.error(f"There is no letter or digit to look for in “{term.text}”.", term)
    if "" in words:
        message = f"A word is found by itself up to {MAX_WORD_LENGTH} letters."
        raise query.error(f"{message} For a longer one ask its detail, as in token:…", term)
    if len(words) > _MAX_PHRASE:
        raise query.error(f"A phrase has at most {_MAX_PHRASE} words, not {len(words)}.", term)
    text = normalized(term.text)
    if term.suffix:
        if words != [text]:
            raise query.error("After a star stand the letters and digits of one word.", term)
        return Phrase(like=f"%{text}{'%' * term.prefix}", excluded=term.excluded)
    if term.prefix and _ENDS_IN_WORD.search(text):
        return Phrase(words=tuple(words[:-1]), like=f"{words[-1]}%", excluded=term.excluded)
    return Phrase(words=tuple(words), excluded=term.excluded)


def _of_field(query: Query, term: FieldTerm) -> Condition:
    exact: dict[str, list[str]] = {}
    begun: list[Beginning] = []
    for value in term.alternatives:
        field, text = _column(term, value)
        if value.prefix:
            begun.append(Beginning(field=field, text=text))
        else:
            _check(query, value, field, text)
            exact.setdefault(field, []).append(text)
    options = [Criterion(field, tuple(texts)) for field, texts in exact.items()]
    if len(options) == 1 and not begun:
        return replace(options[0], excluded=term.excluded)
    return Alternatives((*options, *begun), term.excluded)


def _column(term: FieldTerm, value: Asked) -> tuple[str, str]:
    """The field of ``audit.browsing.fields`` that is asked, and the text as it has it."""
    if term.field == DETAILS:
        return "tag", f"{term.key}:{value.text}"
    if term.field == "resource" and "/" not in value.text:
        return "resource_type", value.text
    if term.field == "ip":
        return "ip", value.text.lower()
    return term.parameter, value.text


def _check(query: Query, value: Asked, field: str, text: str) -> None:
    try:
        Criterion(field, (text,))
    except InvalidValue as error:
        raise query.error(str(error), value) from None


def _completed(condition: Condition, known: Known) -> Condition:
    if isinstance(condition, Phrase) and condition.like in known.words:
        return replace(condition, known=known.words[condition.like][:MAX_WORDS])
    if isinstance(condition, Alternatives):
        options = (
            replace(option, known=known.values.get((option.field, option.text)))
            if isinstance(option, Beginning)
            else option
            for option in condition.options
        )
        return replace(condition, options=tuple(options))
    return condition


def _remarks(query: Query, parts: list[Part], known: Known) -> Iterator[Remark]:
    for term, condition in parts:
        if isinstance(condition, Phrase) and condition.like in known.words:
            found = known.words[condition.like]
            is_bounded = len(found) > MAX_WORDS or known.has_too_many_words
            if not found:
                message = f"No word that is known {_does(condition.like)}."
                yield Remark(message, query.text, term.span)
            elif is_bounded:
                yield Remark(_bounded(condition.like, found[:MAX_WORDS]), query.text, term.span)


def _bounded(like: str, found: tuple[str, ...]) -> str:
    said = f"More words {_do(like)} than can be looked for: these are the"
    if like.startswith("%"):
        return f"{said} {len(found)} shortest that are known."
    return f"{said} {len(found)} from “{found[0]}” to “{found[-1]}”."


def _does(like: str) -> str:
    """What a word like this does."""
    verb, rest = _do(like).split(" ", 1)
    return f"{verb}s {rest}"


def _do(like: str) -> str:
    quoted = f"“{like.strip('%')}”"
    if not like.startswith("%"):
        return f"begin with {quoted}"
    return f"hold {quoted}" if like.endswith("%") else f"end with {quoted}"
