"""What the dictionaries know of words and values of which only a part is given."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connections

from audit.browsing.criteria import Condition
from audit.browsing.wildcards import MAX_KNOWN_VALUES, Alternatives, Beginning, Phrase
from audit.recording.dictionary import INCOMPLETE, MAX_VALUES_PER_FIELD
from audit.recording.words import MAX_WORDS_LEARNT, is_learnt

# That one star stands for.
MAX_WORDS = 50

# Each pattern is written out in a statement of its own, for then the planner sees whether the
# words are a range of the key (they are ordered by code point) or have trigrams to look for.
_BEGUN = f"""
(SELECT %s AS asked, word FROM audit_word WHERE organization_id = %s AND word LIKE %s
 ORDER BY word LIMIT {MAX_WORDS + 1})
"""  # noqa: S608 -- constants only
_HELD = f"""
(SELECT %s AS asked, word FROM audit_word WHERE organization_id = %s AND word LIKE %s
 ORDER BY length(word), word LIMIT {MAX_WORDS + 1})
"""  # noqa: S608
_WORDS = f"""
SELECT held.*, (SELECT count(*) FROM audit_word WHERE organization_id = %s) >= {MAX_WORDS_LEARNT}
FROM ({{}}) AS held
"""  # noqa: S608
_VALUES = """
SELECT begun.place, ARRAY(
  SELECT value FROM audit_dictionary
  WHERE organization_id = %(organization)s AND field = begun.field
    AND starts_with(value, begun.text) ORDER BY value LIMIT %(limit)s)
FROM unnest(%(fields)s::text[], %(texts)s::text[]) WITH ORDINALITY AS begun (field, text, place)
WHERE (SELECT count(*) FROM audit_dictionary
       WHERE organization_id = %(organization)s AND field = begun.field
      ) BETWEEN 1 AND %(full)s - 1
  AND NOT EXISTS (SELECT FROM audit_dictionary WHERE organization_id = %(organization)s
                  AND field = %(incomplete)s AND value = begun.field)
"""
_FIELDS = frozenset({"actor", "event_type", "deployment", "branch_deployment", "resource_type"})


@dataclass(frozen=True, slots=True)
class Known:
    """The words by their pattern, one more than MAX_WORDS where there are more; and the
    values by field and beginning, where the dictionary has them all and they are not too many.
    """

    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    values: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    has_too_many_words: bool = False


def look_up(conditions: Iterable[Condition], organization_id: int, using: str) -> Known:
    """What the dictionaries of this organisation say to all stars in the conditions."""
    words, values = list[str](), list[Beginning]()
    for condition in conditions:
        if isinstance(condition, Phrase) and _is_of_words_learnt(condition.like):
            words.append(condition.like)
        elif isinstance(condition, Alternatives):
            values += [
                option
                for option in condition.options
                if isinstance(option, Beginning) and _is_in_dictionary(option)
            ]
    found, is_full = _words(words, organization_id, using) if words else ({}, False)
    return Known(found, _values(values, organization_id, using) if values else {}, is_full)


def _is_of_words_learnt(like: str) -> bool:
    """Not where it has digits: words with more of them are not learnt."""
    text = like.strip("%")
    return bool(text) and is_learnt(text) and not any(map(str.isdigit, text))


def _words(
    patterns: list[str], organization_id: int, using: str
) -> tuple[dict[str, tuple[str, ...]], bool]:
    found: dict[str, list[str]] = {like: [] for like in patterns}
    is_full = False
    arms = " UNION ALL ".join(_HELD if like.startswith("%") else _BEGUN for like in found)
    params = [param for like in found for param in (like, organization_id, like)]
    rows = _rows(using, _WORDS.format(arms), [organization_id, *params])
    for like, word, is_full in rows:  # noqa: B007 -- the same in each
        found[like].append(word)
    return {like: tuple(sorted(words, key=_order(like))) for like, words in found.items()}, is_full


def _order(like: str) -> Callable[[str], Any]:
    """That of the statements: the shortest are the nearest to a part, a beginning has a range."""
    return (lambda word: (len(word), word)) if like.startswith("%") else str


def _values(
    begun: list[Beginning], organization_id: int, using: str
) -> dict[tuple[str, str], tuple[str, ...]]:
    asked = [(one, *_in_dictionary(one)) for one in begun]
    params = {
        "organization": organization_id,
        "fields": [field for _, field, _ in asked],
        "texts": [text for _, _, text in asked],
        "limit": MAX_KNOWN_VALUES + 1,
        "full": MAX_VALUES_PER_FIELD,
        "incomplete": INCOMPLETE,
    }
    found = {}
    for place, values in _rows(using, _VALUES, params):
        one = asked[place - 1][0]
        if len(values) <= MAX_KNOWN_VALUES:
            found[one.field, one.text] = tuple(_as_events_have_it(one, value) for value in values)
    return found


def _is_in_dictionary(begun: Beginning) -> bool:
    """Whether it may know; of a details key that is there at all the index knows better."""
    if begun.field == "tag":
        return not begun.text.endswith(":")
    return begun.field in _FIELDS


def _in_dictionary(begun: Beginning) -> tuple[str, str]:
    """The field of the dictionary, and the beginning of its value."""
    if begun.field != "tag":
        return begun.field, begun.text
    key, _, text = begun.text.partition(":")
    return f"details.{key}", text


def _as_events_have_it(begun: Beginning, value: str) -> str:
    return f"{begun.text.partition(':')[0]}:{value}" if begun.field == "tag" else value


def _rows(using: str, sql: str, params: dict[str, Any] | list[Any]) -> list[tuple[Any, ...]]:
    with connections[using].cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
