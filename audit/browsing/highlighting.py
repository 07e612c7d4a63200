"""Where the words that were searched for stand in the texts of an event."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from audit.browsing import asking
from audit.browsing.grammar import GrammarError, Query, parse
from audit.browsing.wildcards import Phrase
from audit.models.words import PlacedWord, normalized, placed_words

# Characters of a text that are quoted on each side of a match.
_CONTEXT = 40

type Span = tuple[int, int]  # start and end


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Part of a text, with the label of where it stands."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Marker:
    """``asked`` is a query for the same words."""

    phrases: tuple[Phrase, ...] = ()
    asked: str = ""

    @classmethod
    def of(cls, query: Query) -> "Marker":
        """Nothing is marked where nobody can search: for a query that is wrong."""
        try:
            phrases = asking.phrases(query)
        except GrammarError:
            return cls()
        return cls(phrases, " ".join(str(word) for word in query.words if not word.excluded))

    @classmethod
    def of_text(cls, text: str) -> "Marker":
        try:
            return cls.of(parse(text))
        except GrammarError:
            return cls()

    def __bool__(self) -> bool:
        return bool(self.phrases)

    def spans(self, text: str) -> list[Span]:
        """Where in the text the words stand, in order; none touches another."""
        found = sorted(span for phrase in self.phrases for span in _spans(phrase, text))
        return _merged(found)

    def unseen(self, shown: Iterable[str], texts: Iterable[tuple[str, str]]) -> list[Excerpt]:
        """For what was searched and stands in no text that is shown: where it does.

        ``texts`` are all that were searched, with their labels, the most telling first.
        """
        seen, searched = list(shown), list(texts)
        missing = [
            phrase for phrase in self.phrases if not any(any(_spans(phrase, text)) for text in seen)
        ]
        excerpts = (_excerpt(phrase, searched) for phrase in missing)
        return list(dict.fromkeys(excerpt for excerpt in excerpts if excerpt))


def _excerpt(phrase: Phrase, texts: Iterable[tuple[str, str]]) -> Excerpt | None:
    for label, text in texts:
        for span in _spans(phrase, text):
            return Excerpt(label, _around(text, span))
    return None


def _around(text: str, span: Span) -> str:
    """The span with what stands around it, cut between words."""
    start, end = max(0, span[0] - _CONTEXT), min(len(text), span[1] + _CONTEXT)
    if start:
        start = next((at + 1 for at in range(start, span[0]) if text[at].isspace()), start)
    if end < len(text):
        end = next((at for at in range(end, span[1], -1) if text[at].isspace()), end)
    return "…" * bool(start) + text[start:end] + "…" * (end < len(text))


def _spans(phrase: Phrase, text: str) -> Iterator[Span]:
    bare = normalized(text)  # which most texts fail, at a tenth of the cost
    if not all(part in bare for part in (*phrase.words, phrase.like.strip("%"))):
        return
    words, length = placed_words(text), len(phrase.words) + bool(phrase.like)
    for at in range(len(words) - length + 1):
        if all(words[at + n].word == word for n, word in enumerate(phrase.words)):
            last = words[at + length - 1]
            if part := _part(phrase.like, last) if phrase.like else (0, len(last.word)):
                start = part[0] if length == 1 else 0
                yield words[at].places[start][0], last.places[part[1] - 1][1]


def _part(like: str, word: PlacedWord) -> Span | None:
    """Which letters of the word are those of the pattern (of ``LIKE``)."""
    text = like.strip("%")
    if not like.startswith("%"):
        start = 0 if word.word.startswith(text) else -1
    elif like.endswith("%"):
        start = word.word.find(text)
    else:
        start = len(word.word) - len(text) if word.word.endswith(text) else -1
    return None if start < 0 else (start, start + len(text))


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
