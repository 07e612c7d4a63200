import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from audit.diff import dumps
from audit.recording.importers.documents import NotADocument, TooLarge, read_document

_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
_SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _TEXT
_VALUE = st.recursive(
    _SCALAR,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=20,
)


def read(text: str) -> str:
    """The document as JSON text, which tells 1.0 from 1 and keeps the order of keys."""
    return dumps(read_document(text.encode(), "yaml").value)


def refusal(text: str) -> str:
    with pytest.raises(NotADocument) as caught:
        read(text)
    return str(caught.value)


@given(_VALUE.filter(lambda value: value not in (float("inf"), float("-inf"))))
def test_what_pyyaml_writes_is_read_back(value: Any) -> None:
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True)
    if ".inf" not in text:
        assert json.loads(read(text)) == value


@pytest.mark.parametrize(
    ("written", "json_text"),
    [
        pytest.param("on", "true", id="yaml-1.1-booleans"),
        pytest.param("No", "false", id="booleans-in-any-case"),
        pytest.param("~", "null", id="null"),
        pytest.param("0644", "420", id="octal"),
        pytest.param("-0x1F", "-31", id="hexadecimal"),
        pytest.param("0b101", "5", id="binary-number"),
        pytest.param("1_000", "1000", id="underscores"),
        pytest.param("+1.", "1.0", id="no-digits-after-the-point"),
        pytest.param(".5", "0.5", id="no-digits-before-the-point"),
        pytest.param("1.10", "1.10", id="trailing-zeros"),
        pytest.param("0.30000000000000004441", "0.30000000000000004441", id="more-than-a-float"),
        pytest.param("90071992547409931234", "90071992547409931234", id="beyond-2**53"),
        pytest.param("1.5e+3", "1.5e+3", id="exponent"),
        pytest.param("1e3", '"1e3"', id="no-number-in-yaml-1.1"),
        pytest.param("12:30", '"12:30"', id="base-60-stays-text"),
        pytest.param("12:30.5", '"12:30.5"', id="base-60-fraction-stays-text"),
        pytest.param("2026-11-22", '"2026-11-22"', id="date-stays-text"),
        pytest.param("2026-11-22 14:32:07 +01:00", '"2026-11-22 14:32:07 +01:00"', id="time"),
        pytest.param(".nan", '".nan"', id="nan-stays-text"),
        pytest.param("-.inf", '"-.inf"', id="infinity-stays-text"),
        pytest.param("!!str 3", '"3"', id="tagged-string"),
        pytest.param("!!int '3'", "3", id="tagged-integer"),
        pytest.param("! 3", '"3"', id="non-specific-tag"),
        pytest.param("!!binary |\n  aGk\n  k=", '"aGkk="', id="binary-stays-base64"),
        pytest.param("!Ref bucket", '{"!Ref":"bucket"}', id="own-tag"),
        pytest.param("!Join [a, [b]]", '{"!Join":["a",["b"]]}', id="own-tag-of-a-list"),
        pytest.param(
            "!!python/name:os.system", '{"!!python/name:os.system":""}', id="tag-of-python"
        ),
        pytest.param("!!set {x, y}", '{"x":null,"y":null}', id="set"),
        pytest.param("{=: 1, a: =}", '{"=":1,"a":"="}', id="default-key"),
        pytest.param("a: |\n  one\n  two\n", '{"a":"one\\ntwo\\n"}', id="block-of-text"),
        pytest.param("\ufeffa: 1", '{"a":1}', id="byte-order-mark"),
        pytest.param("", "null", id="empty"),
        pytest.param("# only words", "null", id="only-a-comment"),
        pytest.param("a: 1\n---\nb: 2\n", '[{"a":1},{"b":2}]', id="several-documents"),
        pytest.param("---\na: 1\n...\n", '{"a":1}', id="one-document"),
    ],
)
def test_a_value_is_read_as_decided(written: str, json_text: str) -> None:
    assert read(written) == json_text


def test_a_key_is_the_text_that_is_written() -> None:
    written = "on: push\n8080: a\n0x1F: b\nTrue: c\n1.10: d\n2026-01-01: e\n? \n: f"
    assert list(json.loads(read(written))) == [
        "on", "8080", "0x1F", "True", "1.10", "2026-01-01", "null",
    ]  # fmt: skip


def test_an_alias_repeats_what_it_names() -> None:
    assert read("a: &x {p: [1]}\nb: *x\nc: &x 2\nd: *x\n") == (
        '{"a":{"p":[1]},"b":{"p":[1]},"c":2,"d":2}'
    )
    assert read("&k name: 1\nof: *k\n") == '{"name":1,"of":"name"}'


def test_anchors_end_with_their_document() -> None:
    assert "alias *x names nothing" in refusal("a: &x 1\n---\nb: *x\n")


def test_a_merged_mapping_gives_way_to_own_keys() -> None:
    base = "base: &b {p: 1, q: 1}\nmore: &m {q: 2, r: 2}\n"
    merged = json.loads(read(f"{base}own: {{q: 3, <<: [*b, *m]}}\n"))["own"]
    assert merged == {"p": 1, "q": 3, "r": 2}
    # Among those merged in, the first wins.
    assert json.loads(read(f"{base}own: {{<<: [*b, *m]}}\n"))["own"]["q"] == 1
    assert json.loads(read('{"<<": 1}')) == {"<<": 1}


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        pytest.param("a: 1\nb: 2\na: 3\n", "duplicate key “a” (line 3, column 1)", id="duplicate"),
        pytest.param("1: x\n'1': y\n", "duplicate key “1” (line 2, column 1)", id="same-as-text"),
        pytest.param("a: &x [*x]", "alias *x stands inside what it names", id="endless"),
        pytest.param("a: *x", "alias *x names nothing (line 1, column 4)", id="unknown-alias"),
        pytest.param("<<: 3", "<< names something that is not a mapping", id="merge-of-a-number"),
        pytest.param("name: {{ .Values.name }}", "an unfilled template", id="template"),
        pytest.param("? [a]\n: 1", "a key that is no single value", id="list-as-key"),
        pytest.param("!!int x", "“x” cannot be read as !!int", id="wrong-tag"),
        pytest.param("!!bool maybe", "“maybe” cannot be read as !!bool", id="wrong-boolean"),
        pytest.param("a: b: c", "mapping values are not allowed", id="not-well-formed"),
        pytest.param("\tx: 1", "cannot start any token (line 1, column 1)", id="tab"),
        pytest.param("a: \x01", "control characters are not allowed (character 4)", id="control"),
        pytest.param("[" * 300, "nested deeper than 256 levels (line 1, column 257)", id="deep"),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_place(written: str, reason: str) -> None:
    refused = refusal(written)
    assert refused.startswith("not YAML: ")
    assert reason in refused


def test_nesting_beyond_any_stack_is_only_refused() -> None:
    assert "nested deeper" in refusal("[" * 100_000)
    assert "nested deeper" in refusal("- " * 100_000)


def test_an_alias_bomb_is_defused() -> None:
    lines = ["a0: &a0 [" + "lol, " * 9 + "lol]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 10) + "]" for n in range(1, 30)]
    with pytest.raises(TooLarge, match="unfolds to more than the 1,048,576 bytes"):
        read("\n".join(lines))


def test_a_merge_bomb_is_defused() -> None:
    lines = ["a0: &a0 {" + ", ".join(f"k{n}: {'x' * 50}" for n in range(100)) + "}"]
    lines += [f"a{n}: {{<<: *a0, own: {n}}}" for n in range(1, 400)]
    with pytest.raises(TooLarge):
        read("\n".join(lines))
