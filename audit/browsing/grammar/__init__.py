"""The query grammar: one for the search box, URLs, exports, saved views and machines.

Pure functions and frozen values. docs/search.md describes it to those who write queries.
"""

from audit.browsing.grammar.completion import (
    Completion,
    apply_completion,
    completion_at,
    rest_of,
)
from audit.browsing.grammar.errors import GrammarError, Remark, Span
from audit.browsing.grammar.hints import hints
from audit.browsing.grammar.parameters import from_parameters, to_parameters
from audit.browsing.grammar.parsing import MAX_LENGTH, MAX_VALUES, parse
from audit.browsing.grammar.query import FieldTerm, Query, Term, TimeTerm, Value, Word
from audit.browsing.grammar.vocabulary import DETAILS, FIELDS, OFFERED, TIMES, Field

__all__ = [
    "DETAILS",
    "FIELDS",
    "MAX_LENGTH",
    "MAX_VALUES",
    "OFFERED",
    "TIMES",
    "Completion",
    "Field",
    "FieldTerm",
    "GrammarError",
    "Query",
    "Remark",
    "Span",
    "Term",
    "TimeTerm",
    "Value",
    "Word",
    "apply_completion",
    "completion_at",
    "from_parameters",
    "hints",
    "parse",
    "rest_of",
    "to_parameters",
]
