"""The dictionary of words, which says what may follow where only the beginning is known.

Learnt as the values of filters are: after the commit, best effort.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection, transaction

from audit.recording.validation import NewEvent

# Of one organisation: what its people write, with room for names. Events keep all their words,
# and are found by those that are not learnt, too, where they are written in full.
MAX_WORDS_LEARNT = 50_000
# Dates, numbers and ids are new for ever, and nobody completes them.
_MAX_LENGTH = 32
_MAX_DIGITS = 2

# Per organisation, what this process knows to be in the dictionary, or that there is no room.
_known: defaultdict[int, set[str]] = defaultdict(set)
_full: set[int] = set()

_LEARN = """
WITH new AS (
  SELECT seen.word FROM unnest(%(words)s::text[]) AS seen (word)
  WHERE NOT EXISTS (SELECT 1 FROM audit_word known
                    WHERE known.organization_id = %(organization)s AND known.word = seen.word)
), room AS (
  SELECT greatest(%(limit)s - count(*), 0) AS words FROM audit_word
  WHERE organization_id = %(organization)s
), learnt AS (
  INSERT INTO audit_word (organization_id, word) SELECT %(organization)s, word FROM new
  ORDER BY word LIMIT (SELECT words FROM room)
  ON CONFLICT DO NOTHING
)
SELECT words <= (SELECT count(*) FROM new) FROM room
"""


def learn_words_later(organization_id: int, events: Iterable[NewEvent]) -> None:
    """Remember the words of these events once their transaction is committed."""
    if organization_id in _full:
        return
    used = {word for event in events for word in event.words.split()}
    new = {word for word in used - _known[organization_id] if is_learnt(word)}
    if new:
        transaction.on_commit(lambda: _learn(organization_id, new), robust=True)


def is_learnt(word: str) -> bool:
    """Whether the dictionary takes such a word, if there is room."""
    return len(word) <= _MAX_LENGTH and sum(map(str.isdigit, word)) <= _MAX_DIGITS


def _learn(organization_id: int, new: set[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _LEARN,
            {"organization": organization_id, "words": sorted(new), "limit": MAX_WORDS_LEARNT},
        )
        (is_full,) = cursor.fetchone()
    if is_full:
        _full.add(organization_id)
        _known.pop(organization_id, None)
    else:
        _known[organization_id] |= new
