"""Queries to try the laws with, and what they mean, spelt out event by event."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

from audit.browsing.grammar import (
    DETAILS,
    FIELDS,
    FieldTerm,
    GrammarError,
    Query,
    Remark,
    Term,
    TimeTerm,
    Value,
    Word,
    parse,
)

# Of these, texts are made that look like anything the grammar knows.
_SIGNS = ['"', "\\", "*", ":", ",", "-", "/", ".", "..", " ", "\n", "\u3000", "(", "|"]
_NAMES = ["actor", "event_type", "since", "time", "before", "details.", "details", "a", "b", "é日"]
MOMENTS = ("now", "now-7d", "2026-11-17", "2026-11-17T14:00", "2026-11-17 14:00:30.5+01:00")

#: Whatever people might type, and things they would not.
anything = st.one_of(
    st.text(),
    st.lists(st.sampled_from([*_SIGNS, *_NAMES, *MOMENTS, "change:created", "ip:10.1.2.3"])).map(
        "".join
    ),
)
#: What an event may hold.
storable = (
    st.one_of(
        st.sampled_from(["a", "b", "flow", "flow/a", "a/b/c", "-", "-a", "\\-a", "*", "", " "]),
        st.lists(st.sampled_from([*_SIGNS, *_NAMES]), max_size=4).map("".join),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
    )
    .filter(bool)
    .map(lambda text: text[:40])
)
keys = storable.map(lambda text: text.replace(":", ";"))
addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)


def texts_of(name: str) -> st.SearchStrategy[str]:
    """Values that a field may have."""
    if name in FIELDS and FIELDS[name].choices:
        return st.sampled_from(FIELDS[name].choices)
    if name == "ip":
        return addresses
    if name == "resource":
        return storable.filter(lambda text: text.partition("/")[2] or "/" not in text)
    return storable


def values_of(name: str) -> st.SearchStrategy[Value]:
    exact = texts_of(name).map(Value)
    if name == DETAILS:
        exact = st.one_of(exact, st.just(Value("")))
    if name == "ip":
        return st.one_of(exact, st.sampled_from([Value("10.", True), Value("", True)]))
    if name in FIELDS and FIELDS[name].choices:
        return exact
    return st.one_of(
        exact, exact, st.builds(Value, st.one_of(storable, st.just("")), st.just(True))
    )


@st.composite
def field_terms(draw: st.DrawFn) -> FieldTerm:
    name = draw(st.sampled_from([*FIELDS, DETAILS, DETAILS]))
    values = draw(st.lists(values_of(name), min_size=1, max_size=3, unique=True))
    if name == "resource_type" and not any("/" in value.text for value in values):
        name = "resource"
    key = draw(keys) if name == DETAILS else ""
    return FieldTerm(name, tuple(values), key, draw(st.booleans()))


ends = st.sampled_from(MOMENTS)
time_terms = st.one_of(
    st.builds(TimeTerm, ends, ends),
    st.builds(TimeTerm, since=ends),
    st.builds(TimeTerm, until=ends),
)
words = st.builds(Word, storable.filter(str.strip), st.booleans(), st.booleans())
parts = st.builds(
    Word,
    storable.filter(lambda text: not re.search(r'[\s*":]', text)),
    st.booleans(),
    st.booleans(),
    suffix=st.just(True),
)
terms: st.SearchStrategy[Term] = st.one_of(field_terms(), field_terms(), words, parts, time_terms)
queries = st.lists(terms, max_size=5).map(lambda found: Query(tuple(found)))


def read(text: str) -> Query | GrammarError:
    """What comes of a text; any other exception is not for catching."""
    try:
        return parse(text)
    except GrammarError as error:
        return error


def is_inside(remark: Remark) -> bool:
    return 0 <= remark.position <= remark.span.end <= len(remark.text)


@dataclass(frozen=True)
class Event:
    """As much of one as queries of the laws ask for. ``at`` is an index of MOMENTS."""

    fields: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""
    at: int = 0

    def meets(self, query: Query) -> bool:
        return all(self._meets(term) for term in query.terms)

    def _meets(self, term: Term) -> bool:
        if isinstance(term, Word):
            return (term.text in self.summary) != term.excluded
        if isinstance(term, TimeTerm):
            since = MOMENTS.index(term.since) if term.since else 0
            until = MOMENTS.index(term.until) if term.until else len(MOMENTS)
            return since <= self.at <= until
        return any(self._has(term, value) for value in term.alternatives) != term.excluded

    def _has(self, term: FieldTerm, value: Value) -> bool:
        held = self.details.get(term.key) if term.field == DETAILS else self._field(term, value)
        if held is None:
            return False
        return held.startswith(value.text) if value.prefix else held == value.text

    def _field(self, term: FieldTerm, value: Value) -> str | None:
        is_type = term.field == "resource" and "/" not in value.text
        return self.fields.get("resource_type" if is_type else term.field)

    def answers(self, parameters: Mapping[str, Sequence[str]]) -> bool:
        """Whether the filter form would find it. (docs/search.md: The filter form.)"""
        by_name = {f.parameter: self.fields.get(f.name) for f in FIELDS.values()}
        for name, raw in parameters.items():
            if name == "q":
                found = self.meets(parse(raw[-1]))
            elif name in ("since", "until"):
                end = MOMENTS.index(raw[-1])
                found = end <= self.at if name == "since" else self.at <= end
            elif name == "tag":
                found = self._answers_tags(raw)
            else:
                found = _answers(by_name[name], raw)
            if not found:
                return False
        return True

    def _answers_tags(self, raw: Sequence[str]) -> bool:
        by_key: dict[str, list[str]] = {}
        for one in raw:
            minus = "-" if one.startswith("-") else ""
            tag = one[1:] if one.startswith(("-", "\\-", "\\\\")) else one
            key, _, value = tag.partition(":")
            escape = "\\" if not minus and value.startswith(("-", "\\-", "\\\\")) else ""
            by_key.setdefault(key, []).append(f"{minus}{escape}{value}")
        return all(_answers(self.details.get(key), values) for key, values in by_key.items())


def _answers(held: str | None, raw: Iterable[str]) -> bool:
    wanted, refused = [], []
    for one in raw:
        if one.startswith("-"):
            refused.append(one[1:])
        else:
            wanted.append(one[1:] if one.startswith(("\\-", "\\\\")) else one)
    return held not in refused and (not wanted or held in wanted)


@st.composite
def events_near(draw: st.DrawFn, query: Query) -> Event:
    """An event that has some of what the query asks for, so that it may be found."""
    fields: dict[str, str] = {}
    details: dict[str, str] = {}
    summary = ""
    for term in query.terms:
        if not draw(st.integers(0, 3)):
            continue
        if isinstance(term, Word):
            summary += f" {term.text}"
        elif isinstance(term, FieldTerm):
            text = draw(st.sampled_from(term.alternatives)).text
            if term.field == DETAILS:
                details.setdefault(term.key, text)
            elif term.field == "resource":
                fields.setdefault("resource_type", text.partition("/")[0])
                if "/" in text:
                    fields.setdefault("resource", text)
            else:
                fields.setdefault(term.field, text)
    return Event(fields, details, summary, draw(st.integers(0, len(MOMENTS) - 1)))
