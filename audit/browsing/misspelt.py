"""What may have been meant where no event is known to have a word that was asked for."""

from collections.abc import Iterator
from dataclasses import replace

from django.db import connections, transaction

from audit.browsing.grammar import Query, Remark, Word
from audit.browsing.grammar.nearness import nearest
from audit.models.words import words_of
from audit.recording.words import MAX_WORDS_LEARNT, is_learnt

# Words that are looked after in one query.
_MOST_ASKED = 3
# Words named that hold the one which was asked for.
_MOST_NAMED = 4
_MOST_CANDIDATES = 40
# Of the trigrams of two words. A swap of neighbours in a word of six letters leaves a quarter.
_LEAST_ALIKE = 0.2

_UNKNOWN = """
SELECT asked.word FROM unnest(%s::text[]) WITH ORDINALITY AS asked (word, place)
WHERE NOT EXISTS (SELECT FROM audit_word known
                  WHERE known.organization_id = %s AND known.word = asked.word)
ORDER BY place
"""
_HOW_MANY = "SELECT count(*) FROM audit_word WHERE organization_id = %s"
_ALIKE = f"""
SELECT word FROM audit_word
WHERE organization_id = %s AND (word %% %s OR word LIKE %s)
ORDER BY word LIKE %s DESC, similarity(word, %s) DESC, length(word), word
LIMIT {_MOST_CANDIDATES}
"""  # noqa: S608 -- constants only


def suggestions(query: Query, organization_id: int, using: str) -> Iterator[Remark]:
    """A remark on each word of the query that no event is known to have, and what comes near.

    Costs one statement where all words are known.
    """
    asked = {word: term for term in query.words for word in _whole_words(term)}
    unknown = _unknown(list(asked), organization_id, using) if asked else []
    for word in unknown:
        term = asked[word]
        yield _remark(query, term, word, _alike(word, organization_id, using))


def _whole_words(term: Word) -> list[str]:
    """Those the dictionary has, if events do."""
    if term.excluded or term.suffix:
        return []
    words = words_of(term.text)[: -1 if term.prefix else None]
    return [word for word in words if word and is_learnt(word)]


def _unknown(words: list[str], organization_id: int, using: str) -> list[str]:
    """None where there is no dictionary yet, or no room in it for all words."""
    with connections[using].cursor() as cursor:
        cursor.execute(_UNKNOWN, [words, organization_id])
        unknown = [word for (word,) in cursor.fetchall()]
        if not unknown:
            return []
        cursor.execute(_HOW_MANY, [organization_id])
        (known,) = cursor.fetchone()
    return unknown[:_MOST_ASKED] if 0 < known < MAX_WORDS_LEARNT else []


def _alike(word: str, organization_id: int, using: str) -> list[str]:
    """Words that hold this one, then those that are spelt much like it."""
    part = f"%{word}%"
    with transaction.atomic(using), connections[using].cursor() as cursor:
        cursor.execute(f"SET LOCAL pg_trgm.similarity_threshold = {_LEAST_ALIKE}")
        cursor.execute(_ALIKE, [organization_id, word, part, part, word])
        return [found for (found,) in cursor.fetchall()]


def _remark(query: Query, term: Word, word: str, alike: list[str]) -> Remark:
    message = f"No event is known to have the word “{word}”."
    holding = sorted((other for other in alike if word in other), key=len)
    if meant := nearest(word, alike):
        return Remark(
            f"{message} Did you mean {meant}?", query.text, term.span, _with(term, word, meant)
        )
    if not holding:
        return Remark(message, query.text, term.span)
    named = ", ".join(holding[:_MOST_NAMED]) + (", …" if len(holding) > _MOST_NAMED else ".")
    is_alone = words_of(term.text) == [word]
    part = str(Word(word, prefix=True, suffix=True)) if is_alone else None
    return Remark(f"{message} It is a part of {named}", query.text, term.span, part)


def _with(term: Word, word: str, meant: str) -> str:
    """The term with another word in the place of one."""
    words = [meant if each == word else each for each in words_of(term.text)]
    return str(replace(term, text=" ".join(words)))
