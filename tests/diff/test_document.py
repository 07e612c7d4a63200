import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.diff import MAX_DEPTH, InvalidJSON, JSONNumber, dumps, loads
from tests.diff.documents import VALUES


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_what_is_written_reads_back_the_same(value: Any) -> None:
    written = dumps(value)
    assert dumps(loads(written)) == written


@pytest.mark.parametrize(
    "text",
    [
        "1.10", "1E5", "1e5", "1.0e0", "1e400", "-0", "-0.0", "0.1", "1e-7", "1e16",
        "9007199254740993", "9" * 5000, "-" + "9" * 5000, "0." + "3" * 100,
    ],
)  # fmt: skip
def test_numbers_keep_their_spelling(text: str) -> None:
    assert dumps(loads(text)) == text
    assert dumps(loads(f'{{"deep":[{text}]}}')) == f'{{"deep":[{text}]}}'


def test_ordinary_numbers_stay_ordinary() -> None:
    assert [type(item) for item in loads("[1,1.5,1.50]")] == [int, float, JSONNumber]  # type: ignore[union-attr]


def test_member_order_is_kept() -> None:
    assert dumps(loads('{"b":1,"a":2}')) == '{"b":1,"a":2}'


@pytest.mark.parametrize("text", ['"\\u0000"', '"\\ud800"', '"a\\udfffb"', '{"\\ud800":0}'])
def test_nul_and_lone_surrogates_survive_as_escapes(text: str) -> None:
    assert dumps(loads(text)) == text


def test_other_characters_are_written_as_themselves() -> None:
    assert dumps(loads('"\\u00e9\\ud83d\\ude80"')) == '"é🚀"'


@pytest.mark.parametrize(
    ("text", "reason", "line", "column"),
    [
        ('{"a":1,\n "a":2}', 'duplicate key "a"', 2, 2),
        ('[{"a":1},\n{"b":{"a":1,"c":":","\\u0061":2}}]', 'duplicate key "a"', 2, 21),
        ("[1,\n NaN]", "NaN is not a JSON number", 2, 2),
        ('["NaN", -Infinity]', "-Infinity is not a JSON number", 1, 9),
        ("\ufeff{}", "a byte order mark", 1, 1),
        ('"\ud800"', "half of a surrogate pair not written as an escape", 1, 2),
        ("{} x", "something follows the end of the document", 1, 4),
        ("", "a value is expected here", 1, 1),
        ("{'a':1}", "a key in double quotes is expected here", 1, 2),
        ('"a\tb"', "a control character must be written as an escape", 1, 3),
        ('"\\x"', "an escape that JSON does not know", 1, 2),
        ('"abc', "a string that does not end", 1, 1),
        ("[1 2]", "a comma is expected here", 1, 4),
        ('{"a" 1}', "a colon is expected here", 1, 6),
        ("[01]", "a comma is expected here", 1, 3),
    ],
)
def test_what_is_not_strict_json_is_refused_with_its_place(
    text: str, reason: str, line: int, column: int
) -> None:
    with pytest.raises(InvalidJSON) as refused:
        loads(text)
    assert (refused.value.reason, refused.value.line, refused.value.column) == (
        reason,
        line,
        column,
    )


@pytest.mark.parametrize("text", ["[1,]", '{"a":1,}', "[", "{", "nul", "+1", ".5", "1.", "'a'"])
def test_near_json_is_refused(text: str) -> None:
    with pytest.raises(InvalidJSON):
        loads(text)


def _nested(levels: int) -> str:
    return "[" * levels + "]" * levels


def test_depth_is_limited_without_overflowing_the_stack() -> None:
    assert dumps(loads(_nested(MAX_DEPTH))) == _nested(MAX_DEPTH)
    with pytest.raises(InvalidJSON, match=r"deeper than 256 levels \(line 1, column 257\)"):
        loads(_nested(MAX_DEPTH + 1))
    with pytest.raises(InvalidJSON, match="deeper"):
        loads('{"a":' * 100_000)


@given(st.lists(st.text('[]{}"\\n')))
def test_brackets_in_texts_are_no_depth(texts: list[str]) -> None:
    brackets = ["[" * MAX_DEPTH, *texts]
    assert loads(dumps([*brackets, []])) == [*brackets, []]
    deep = f"[{dumps([*brackets])},{_nested(MAX_DEPTH)}]"
    with pytest.raises(InvalidJSON, match="nested deeper"):
        loads(deep)
    assert loads(deep, max_depth=MAX_DEPTH + 1)


def test_many_brackets_side_by_side_are_not_deep() -> None:
    text = "[" + ",".join(['{"[[[":[]}'] * 400) + "]"
    assert dumps(loads(text)) == text


def test_a_value_too_deep_to_read_back_is_not_written() -> None:
    value: Any = 1
    for _ in range(sys.getrecursionlimit() * 2):
        value = [value]
    with pytest.raises(InvalidJSON, match="deeper than 256"):
        dumps(value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": [float("nan")]}, "nan is not a JSON number (at /a/0)"),
        ({"a/b": float("inf")}, "inf is not a JSON number (at /a~1b)"),
        ({"when": object()}, "object is not a JSON value (at /when)"),
        ([{"~": b"x"}], "bytes is not a JSON value (at /0/~0)"),
        ({"a": {1: 2}}, "an object's key that is not text (at /a)"),
        ([{None: 2}], "an object's key that is not text (at /0)"),
    ],
)
def test_what_json_cannot_hold_is_refused_by_its_pointer(value: Any, message: str) -> None:
    with pytest.raises(InvalidJSON) as refused:
        dumps(value)
    assert str(refused.value) == message


def test_an_integer_python_will_not_print_is_written_all_the_same() -> None:
    assert dumps([10**5000]) == "[1" + "0" * 5000 + "]"


@pytest.mark.parametrize("text", ["", "1,2", "NaN", "1 ", "0x1", "01", "1.", '"1"'])
def test_a_number_must_be_one(text: str) -> None:
    with pytest.raises(InvalidJSON):
        JSONNumber(text)
