"""What a query asks, as values. ``str(query)`` is its text, and parses to an equal query."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from audit.browsing.grammar.errors import GrammarError, Span
from audit.browsing.grammar.spelling import spell_details_key, spell_value, spell_word
from audit.browsing.grammar.times import Period, intersection, is_day, resolve
from audit.browsing.grammar.vocabulary import DETAILS, FIELDS, SINCE, TIME, UNTIL
from audit.browsing.moments import InvalidMoment

# Where something stands is no part of what it asks, so queries that differ in it are equal.
_NOWHERE: Final = Span()


@dataclass(frozen=True, slots=True)
class Value:
    """One alternative: this text, or any that begins with it.

    No text and ``prefix`` is any value at all (``session:*``); only a details key may be asked
    for the empty value (``note:""``).
    """

    text: str
    prefix: bool = False
    span: Span = dataclasses.field(default=_NOWHERE, compare=False)

    def __str__(self) -> str:
        return spell_value(self.text, prefix=self.prefix)


@dataclass(frozen=True, slots=True)
class Word:
    """Free text: these words in this order, the last one only begun if ``prefix``.

    If ``suffix``, it is the end of one word, or with ``prefix`` a part of one; then there is no
    space, quote, star or colon in it.
    """

    text: str
    prefix: bool = False
    excluded: bool = False
    suffix: bool = False
    span: Span = dataclasses.field(default=_NOWHERE, compare=False)

    def __str__(self) -> str:
        minus = "-" * self.excluded
        if self.suffix:
            return f"{minus}*{self.text}{'*' * self.prefix}"
        return minus + spell_word(self.text, prefix=self.prefix)


@dataclass(frozen=True, slots=True)
class FieldTerm:
    """A field has one of the values or, if ``excluded``, none of them.

    ``field`` is a name in FIELDS, or DETAILS and then ``key`` says which. A value of ``resource``
    is ``type/id``, or the type alone if it holds no slash; ``resource_type`` is there for types
    that hold one. ``name_span`` is the name as written, up to its colon.
    """

    field: str
    alternatives: tuple[Value, ...]
    key: str = ""
    excluded: bool = False
    span: Span = dataclasses.field(default=_NOWHERE, compare=False)
    name_span: Span = dataclasses.field(default=_NOWHERE, compare=False)

    @property
    def parameter(self) -> str:
        """The URL parameter of the field; ``tag`` for details."""
        return "tag" if self.field == DETAILS else FIELDS[self.field].parameter

    @property
    def name(self) -> str:
        """As it stands before the colon."""
        return spell_details_key(self.key) if self.field == DETAILS else self.field

    def __str__(self) -> str:
        values = ",".join(str(value) for value in self.alternatives)
        return f"{'-' * self.excluded}{self.name}:{values}"


@dataclass(frozen=True, slots=True)
class TimeTerm:
    """From ``since`` to ``until``, in the words of ``audit.browsing.moments``; "" is unbounded.

    They stay words, for ``now-24h`` in a saved view is another moment every time.
    """

    since: str = ""
    until: str = ""
    span: Span = dataclasses.field(default=_NOWHERE, compare=False)

    def resolve(self, *, now: datetime, zone: tzinfo) -> Period:
        """The moments meant. Raises InvalidMoment."""
        return resolve(self.since, self.until, now=now, zone=zone)

    def __str__(self) -> str:
        if not self.until:
            return f"{SINCE}:{spell_value(self.since)}"
        if not self.since:
            return f"{UNTIL}:{spell_value(self.until)}"
        if self.since == self.until and is_day(self.since):
            return f"{TIME}:{self.since}"
        return f"{TIME}:{spell_value(f'{self.since}..{self.until}')}"


type Term = Word | FieldTerm | TimeTerm


@dataclass(frozen=True, slots=True)
class Query:
    """Events that meet every term; without terms, all of them.

    ``text`` is what the query was read from and what its spans count in; empty if it was not
    read. ``str()`` is the same question as we would write it.
    """

    terms: tuple[Term, ...] = ()
    text: str = dataclasses.field(default="", compare=False)

    def __str__(self) -> str:
        return " ".join(str(term) for term in self.terms)

    @property
    def words(self) -> Iterator[Word]:
        return (term for term in self.terms if isinstance(term, Word))

    @property
    def fields(self) -> Iterator[FieldTerm]:
        return (term for term in self.terms if isinstance(term, FieldTerm))

    @property
    def times(self) -> Iterator[TimeTerm]:
        return (term for term in self.terms if isinstance(term, TimeTerm))

    def period(self, *, now: datetime, zone: tzinfo) -> Period:
        """The moments between which all the times of the query lie.

        ``zone`` is that of times without one. Raises GrammarError if no moment can be meant, or
        the end comes before the beginning.
        """
        times = list(self.times)
        try:
            since, until = intersection(term.resolve(now=now, zone=zone) for term in times)
        except InvalidMoment as error:
            raise self.error(str(error), times[-1]) from None
        if since and until and since > until:
            raise self.error("The time ends before it begins.", times[-1])
        return since, until

    def asks_the_same(self, other: "Query") -> bool:
        """Whether it is the same question but for the order of its terms and alternatives."""
        return set(map(_unordered, self.terms)) == set(map(_unordered, other.terms))

    def error(self, message: str, at: Value | Term, suggestion: str | None = None) -> GrammarError:
        """For whoever runs the query and finds that a part of it cannot be asked."""
        return GrammarError(message, self.text, at.span, suggestion)


def _unordered(term: Term) -> Term:
    if isinstance(term, FieldTerm):
        in_order = tuple(sorted(set(term.alternatives), key=str))
        return dataclasses.replace(term, alternatives=in_order)
    return term
