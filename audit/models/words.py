"""The words of an event, as free-text search compares them: without case and accents."""

import re
import unicodedata
from collections.abc import Iterable
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
        words = words_of(text)[:room]
        if words and (phrase := f" {' '.join(words)} ") not in joined:
            joined += phrase
            room -= len(words)
    return joined


def _without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character))
