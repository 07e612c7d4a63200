"""The words of an event, as free-text search compares them: without case and accents."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word as ``words_of`` has it, and where each letter of it stands in the text."""

    word: str
    places: tuple[tuple[int, int], ...]  # start and end


def placed_words(text: str) -> list[PlacedWord]:
    letters = list(_letters(text))
    joined = "".join(letter for letter, _, _ in letters)
    return [
        PlacedWord(
            found[0], tuple((start, end) for _, start, end in letters[found.start() : found.end()])
        )
        for found in _WORD.finditer(joined)
    ]


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


def _letters(text: str) -> Iterator[tuple[str, int, int]]:
    """The characters of the normalised text, each with what it is made of: start and end."""
    if text.isascii():
        return ((letter, at, at + 1) for at, letter in enumerate(text.lower()))
    composed: list[tuple[str, int, int]] = []
    for at, character in enumerate(text):
        bare = _without_marks(_without_marks(character).casefold())
        if not bare and composed:  # a mark belongs to the letter before it
            letter, start, _ = composed[-1]
            composed[-1] = letter, start, at + 1
        for letter in bare:
            _compose(composed, letter, at)
    return (
        (plain, start, end) for letter, start, end in composed for plain in letter.translate(_PLAIN)
    )


def _compose(letters: list[tuple[str, int, int]], letter: str, at: int) -> None:
    """Add a letter as NFC does: to the one before it, where the two have one character."""
    if letters and not letter.isascii():
        before, start, _ = letters[-1]
        together = unicodedata.normalize("NFC", before + letter)
        if len(together) == 1:
            letters[-1] = together, start, at + 1
            return
    letters.append((unicodedata.normalize("NFC", letter), at, at + 1))


def _without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character))
