"""The words of an event, as free-text search compares them: without case and accents."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

#: Of one event. An ordinary one has thirty; more are a document in its details, whose first words
#: stand for it.
MAX_WORDS: Final = 300
#: Longer runs of letters and digits are tokens and digests, found through their details key.
MAX_WORD_LENGTH: Final = 64

_WORD = re.compile(r"[^\W_]+")
# Letters that are not a plain one with a mark, though people type them so.
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i"} | {
    "æ": "ae", "œ": "oe", "þ": "th",
})  # fmt: skip


def normalized(text: str) -> str:
    """``text`` in small letters without marks: “Żak” and “ZAK” are both “zak”."""
    if text.isascii():
        return text.lower()
    bare = _without_marks(_without_marks(text).casefold())
    return unicodedata.normalize("NFC", bare).translate(_PLAIN)


def words_of(text: str) -> list[str]:
    """The words in order, with "" in place of one that is too long to be kept."""
    found = _WORD.findall(normalized(text))
    return [word if len(word) <= MAX_WORD_LENGTH else "" for word in found]


def searchable(texts: Iterable[str]) -> str:
    """The words of these texts, each between spaces, and two spaces between two texts.

    So ``" nightly revenue "`` is in it where these words follow one another in one of them. At
    most MAX_WORDS; a text that others hold already adds nothing.
    """
    joined, room = "", MAX_WORDS
    for text in texts:
        phrase, count = _remembered(text) if len(text) <= _RECURS else _phrase(text)
        if count > room:
            phrase, count = f" {' '.join(phrase.split(' ')[1 : room + 1])} " if room else "", room
        if count and phrase not in joined:
            joined += phrase
            room -= count
    return joined


def _phrase(text: str) -> tuple[str, int]:
    """The words between spaces, and how many they are."""
    words = words_of(text)
    return (f" {' '.join(words)} " if words else ""), len(words)


# Names, labels and values recur in one event after the other; longer texts hardly do.
_RECURS: Final = 100
_remembered = lru_cache(20_000)(_phrase)


def _without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character))
