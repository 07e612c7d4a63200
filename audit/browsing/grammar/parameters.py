"""Queries and the URL parameters of the filter form, both ways.

The form knows exact values: those of a parameter (for ``tag``: of a key) are alternatives, a
leading minus excludes, ``\\-`` is a dash that belongs to the value. What it cannot say stays text
in ``q``: words, prefixes, and whatever is asked of a field that is taken already.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from audit.browsing.grammar.errors import GrammarError, Span
from audit.browsing.grammar.parsing import parse
from audit.browsing.grammar.query import FieldTerm, Query, Term, TimeTerm, Value
from audit.browsing.grammar.vocabulary import BY_PARAMETER, DETAILS, SINCE, UNTIL

QUERY: Final = "q"
TAG: Final = "tag"

_LOOK_ESCAPED = ("\\-", "\\\\")

# A parameter, a details key, and whether the values are excluded.
type _Place = tuple[str, str, bool]


def to_parameters(query: Query) -> dict[str, list[str]]:
    """What a URL asks for the same events with, in the order of the form.

    Equal questions need not have equal parameters, but taking them to a query and back changes
    nothing.
    """
    placed: dict[_Place, list[str]] = {}
    left: list[Term] = []
    for term in query.terms:
        wanted = dict(_places(term))
        if not wanted or not placed.keys().isdisjoint(place for place in wanted if not place[2]):
            left.append(term)
            continue
        for place, texts in wanted.items():
            held = placed.setdefault(place, [])
            held += (text for text in texts if text not in held)
    return _in_order(placed) | ({QUERY: [str(Query(tuple(left)))]} if left else {})


def from_parameters(parameters: Mapping[str, Sequence[str]]) -> Query:
    """What a URL asks, with ``text`` for the search box; other parameters are passed over.

    Of a parameter that is there once, the last value counts, as it does in a form. Raises
    GrammarError; it points into ``q``, the ``tag``, or else the query's text.
    """
    terms: list[Term] = []
    for name in (*BY_PARAMETER, TAG):
        for excluded in (False, True):
            terms += _terms(name, parameters.get(name, ()), excluded=excluded)
    since, until = _last(parameters, SINCE), _last(parameters, UNTIL)
    if since or until:
        terms.append(TimeTerm(since, until))
    terms += parse(_last(parameters, QUERY)).terms
    return parse(str(Query(tuple(terms))))  # which checks it, and tells where everything stands


def read_value(raw: str) -> tuple[str, bool]:
    """The value that a parameter writes, and whether it is excluded."""
    if raw.startswith("-"):
        return raw[1:], True
    return (raw[1:] if raw.startswith(_LOOK_ESCAPED) else raw), False


def write_value(text: str, *, excluded: bool) -> str:
    if excluded:
        return f"-{text}"
    return f"\\{text}" if text.startswith(("-", *_LOOK_ESCAPED)) else text


def _places(term: Term) -> Iterable[tuple[_Place, list[str]]]:
    """Where the form would have a term; nowhere if it can't say it."""
    if isinstance(term, TimeTerm):
        ends = ((SINCE, term.since), (UNTIL, term.until))
        return [((name, "", False), [end]) for name, end in ends if end]
    if not isinstance(term, FieldTerm) or any(value.prefix for value in term.alternatives):
        return []
    by_parameter: dict[str, list[str]] = {}
    for value in term.alternatives:
        by_parameter.setdefault(_parameter(term, value), []).append(value.text)
    if len(by_parameter) > 1 and not term.excluded:
        return []  # a type or another's id: two parameters would ask for both
    return [((name, term.key, term.excluded), texts) for name, texts in by_parameter.items()]


def _parameter(term: FieldTerm, value: Value) -> str:
    is_type = term.field == "resource" and "/" not in value.text
    return "resource_type" if is_type else term.parameter


def _in_order(placed: Mapping[_Place, list[str]]) -> dict[str, list[str]]:
    ordered: dict[str, list[str]] = {}
    for name in (*BY_PARAMETER, TAG, SINCE, UNTIL):
        for excluded in (False, True):
            for (parameter, key, is_excluded), texts in placed.items():
                if parameter == name and is_excluded == excluded:
                    raw = (f"{key}:{text}" if name == TAG else text for text in texts)
                    written = [write_value(text, excluded=excluded) for text in raw]
                    ordered.setdefault(name, []).extend(written)
    return ordered


def _terms(name: str, raw: Sequence[str], *, excluded: bool) -> list[Term]:
    values = map(read_value, filter(None, dict.fromkeys(raw)))
    texts = [text for text, is_excluded in values if is_excluded == excluded]
    if not texts:
        return []
    if name == TAG:
        return _tag_terms(texts, excluded=excluded)
    has_slash = any("/" in text for text in texts)
    field = BY_PARAMETER[name].name
    if field == "resource_type" and not has_slash:
        field = "resource"
    return [FieldTerm(field, tuple(map(Value, texts)), excluded=excluded)]


def _tag_terms(texts: Sequence[str], *, excluded: bool) -> list[Term]:
    """One for each key: its values are alternatives, and different keys are not."""
    by_key: dict[str, list[Value]] = {}
    for text in texts:
        key, colon, value = text.partition(":")
        if not (key and colon):
            message = f"tag must be key:value, as in namespace:prod, not “{text}”."
            raise GrammarError(message, text, Span(0, len(text)))
        by_key.setdefault(key, []).append(Value(value))
    return [FieldTerm(DETAILS, tuple(values), key, excluded) for key, values in by_key.items()]


def _last(parameters: Mapping[str, Sequence[str]], name: str) -> str:
    values = parameters.get(name, ())
    return values[-1] if values else ""
