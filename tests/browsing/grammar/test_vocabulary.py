import subprocess
import sys

import pytest

from audit.browsing import fields
from audit.browsing.grammar import FIELDS, OFFERED, TIMES, GrammarError, parse
from audit.browsing.grammar.vocabulary import BY_ANY_NAME, RESERVED

# Django is not there, and the package is found without the one above it, which needs Django.
_WITHOUT_DJANGO = """
import sys, types
sys.modules["django"] = None
browsing = types.ModuleType("audit.browsing")
browsing.__path__ = ["audit/browsing"]
sys.modules["audit.browsing"] = browsing
from audit.browsing.grammar import parse
print(parse("actor:mara since:now-2h"))
"""


def test_every_filter_has_a_name_and_every_name_a_filter() -> None:
    assert {field.parameter for field in FIELDS.values()} == set(fields.FIELDS) - {"tag"}


@pytest.mark.parametrize("field", FIELDS.values(), ids=str)
def test_closed_fields_have_the_values_that_events_have(field) -> None:
    assert set(field.choices) == set(fields.FIELDS[field.parameter].choices)


def test_every_name_means_one_thing() -> None:
    tried = [name for field in FIELDS.values() for name in field.tried]
    tried += [name for names in TIMES.values() for name in names]
    names = [*BY_ANY_NAME, *TIMES, *RESERVED, *tried]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", OFFERED)
def test_every_name_that_is_offered_is_understood(name: str) -> None:
    value = "now..now" if name == "time" else "now" if name in TIMES else "10.1.1.1"
    if name in FIELDS and FIELDS[name].choices:
        value = FIELDS[name].choices[0]
    assert str(parse(f"{name}:{value}")) == f"{name}:{value}"


@pytest.mark.parametrize(("parameter", "value"), [("ip", "10.1"), ("resource", "flow/")])
def test_values_that_the_filters_refuse_are_refused_here_at_their_place(
    parameter: str, value: str
) -> None:
    with pytest.raises(fields.InvalidValue):
        fields.FIELDS[parameter].clean(value)
    with pytest.raises(GrammarError):
        parse(f"{parameter}:{value}")


def test_the_grammar_needs_no_django() -> None:
    result = subprocess.run(
        [sys.executable, "-c", _WITHOUT_DJANGO], capture_output=True, text=True, check=True
    )
    assert result.stdout == "actor:mara since:now-2h\n"
