"""What the dictionaries know of words and values that are only begun."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connections

from audit.browsing.criteria import Condition
from audit.browsing.wildcards import MAX_KNOWN_VALUES, Alternatives, Beginning, Phrase
from audit.recording.dictionary import INCOMPLETE, MAX_VALUES_PER_FIELD
from audit.recording.words import MAX_WORDS_LEARNT, is_learnt

# Words that one beginning stands for.
MAX_ENDINGS = 50

# Words are ordered by code point, of which this is the last.
_WORDS = """
SELECT begun.text, ending.word,
  (SELECT count(*) FROM audit_word WHERE organization_id = %(organization)s) >= %(full)s
FROM unnest(%(begun)s::text[]) AS begun (text) CROSS JOIN LATERAL (
  SELECT word FROM audit_word
  WHERE organization_id = %(organization)s AND word >= begun.text COLLATE "C"
    AND word < (begun.text || chr(1114111)) COLLATE "C"
  ORDER BY word LIMIT %(limit)s) AS ending
ORDER BY ending.word
"""
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
    """The words by their beginning, one more than MAX_ENDINGS where there are more; and the
    values by field and beginning, where the dictionary has them all and they are not too many.
    """

    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    values: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    has_too_many_words: bool = False


def look_up(conditions: Iterable[Condition], organization_id: int, using: str) -> Known:
    """What the dictionaries of this organisation say to all beginnings in the conditions."""
    words, values = list[str](), list[Beginning]()
    for condition in conditions:
        if isinstance(condition, Phrase) and _goes_on_in_dictionary(condition.begun):
            words.append(condition.begun)
        elif isinstance(condition, Alternatives):
            values += [
                option
                for option in condition.options
                if isinstance(option, Beginning) and _is_in_dictionary(option)
            ]
    endings, is_full = _endings(words, organization_id, using) if words else ({}, False)
    return Known(endings, _values(values, organization_id, using) if values else {}, is_full)


def _goes_on_in_dictionary(begun: str) -> bool:
    """Not where it has digits: words with more of them are not learnt."""
    return bool(begun) and is_learnt(begun) and not any(map(str.isdigit, begun))


def _endings(
    begun: list[str], organization_id: int, using: str
) -> tuple[dict[str, tuple[str, ...]], bool]:
    found: dict[str, list[str]] = {text: [] for text in begun}
    is_full = False
    params = {
        "organization": organization_id,
        "begun": list(found),
        "limit": MAX_ENDINGS + 1,
        "full": MAX_WORDS_LEARNT,
    }
    for text, word, is_full in _rows(using, _WORDS, params):  # noqa: B007 -- the same in each
        found[text].append(word)
    return {text: tuple(words) for text, words in found.items()}, is_full


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


def _rows(using: str, sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connections[using].cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
