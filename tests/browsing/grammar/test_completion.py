import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.browsing.grammar import (
    DETAILS,
    FieldTerm,
    Value,
    Word,
    apply_completion,
    completion_at,
    parse,
    rest_of,
)
from tests.browsing.grammar.queries import anything, keys, storable


def complete(marked: str) -> tuple[str, str, str, str, str]:
    """Of a text with | at the cursor: kind, typed, what is replaced, field and key."""
    text, cursor = marked.replace("|", ""), marked.index("|")
    found = completion_at(text, cursor)
    replaced = text[found.replace_start : found.replace_end]
    return found.kind, found.typed, replaced, found.field, found.key


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("|", ("field", "", "", "", "")),
        ("actor:x |", ("field", "", "", "", "")),
        ("a  |  b", ("field", "", "", "", "")),
        ("dep|", ("field", "dep", "dep", "", "")),
        ("-dep|", ("field", "dep", "dep", "", "")),
        ("-|", ("field", "", "", "", "")),
        ("|-dep", ("field", "", "dep", "", "")),
        ("dep|loy:prod", ("field", "dep", "deploy", "", "")),
        ("deploy|:prod", ("field", "deploy", "deploy", "", "")),
        ('"my k|ey":prod', ("field", "my k", '"my key"', "", "")),
        ("actor:|", ("value", "", "", "actor", "")),
        ("actor:ma| x", ("value", "ma", "ma", "actor", "")),
        ("actor:m|ara x", ("value", "m", "mara", "actor", "")),
        ("actor:tom,ma|", ("value", "ma", "ma", "actor", "")),
        ("actor:|,ma", ("value", "", "", "actor", "")),
        ("event_type:run.|", ("value", "run.", "run.", "event", "")),
        ("actor:mar*|", ("value", "mar", "mar*", "actor", "")),
        ('actor:"mara i|', ("value", "mara i", '"mara i', "actor", "")),
        ('actor:"mara ito"|', ("value", "mara ito", '"mara ito"', "actor", "")),
        (r'actor:"say \"h|', ("value", 'say "h', r'"say \"h', "actor", "")),
        ("namespace:pr|", ("value", "pr", "pr", DETAILS, "namespace")),
        ("details.actor:pr|", ("value", "pr", "pr", DETAILS, "actor")),
        ("since:now|", ("value", "now", "now", "since", "")),
        ("time:|", ("value", "", "", "time", "")),
        ("before:x|", ("word", "x", "x", "", "")),
        ('"two wo|', ("word", "two wo", '"two wo', "", "")),
        ("tena*|", ("word", "tena", "tena*", "", "")),
        ("*ena|", ("word", "*ena", "*ena", "", "")),
        ('actor:"ma| deployment:prod', ("value", "ma", '"ma', "actor", "")),
        ('actor:"ma|ra name:"x y"', ("value", "ma", '"mara', "actor", "")),
    ],
)
def test_what_is_being_typed_is_known(marked: str, expected: tuple[str, ...]) -> None:
    assert complete(marked) == expected


def choose(marked: str, choice: str, *, is_key: bool = False) -> str:
    text, cursor = marked.replace("|", ""), marked.index("|")
    found = completion_at(text, cursor)
    text, cursor = apply_completion(text, found, choice, is_key=is_key)
    return f"{text[:cursor]}|{text[cursor:]}"


def test_a_chosen_field_waits_for_its_value() -> None:
    assert choose("x dep|", "deployment") == "x deployment:|"
    assert choose("-ev| y", "event") == "-event:| y"
    assert choose("dep|:prod", "deployment") == "deployment:|prod"


def test_a_chosen_details_key_is_written_so_that_nothing_hides_it() -> None:
    assert choose("na|", "namespace", is_key=True) == "namespace:|"
    assert choose("cost|", "cost center", is_key=True) == '"cost center":|'
    assert choose("act|", "actor", is_key=True) == "details.actor:|"
    assert choose("details.act|", "actor", is_key=True) == "details.actor:|"


def test_a_chosen_value_is_quoted_where_needed_and_ends_its_term() -> None:
    assert choose("actor:ma|", "mara") == "actor:mara |"
    assert choose("actor:ma|", "Mara Ito") == 'actor:"Mara Ito" |'
    assert choose("actor:tom,|", "a,b") == 'actor:tom,"a,b" |'
    assert choose("actor:m| x", "mara") == "actor:mara| x"
    assert choose("actor:m|,tom", "mara") == "actor:mara|,tom"
    assert choose('actor:"m| deployment:prod', "Mara Ito") == 'actor:"Mara Ito"| deployment:prod'


def test_a_chosen_word_is_quoted_where_needed() -> None:
    assert choose('"night|', "nightly: revenue") == '"nightly: revenue" |'


@given(anything, st.integers(-2, 40))
def test_any_text_can_be_completed_anywhere(text: str, cursor: int) -> None:
    found = completion_at(text, cursor)
    cursor = max(0, min(cursor, len(text)))
    assert 0 <= found.replace_start <= found.replace_end <= len(text)
    assert found.replace_end >= cursor or found.typed
    after, at = apply_completion(text, found, "namespace", is_key=True)
    assert 0 <= at <= len(after)


@pytest.mark.parametrize(
    ("marked", "rest"),
    [
        ("a b|c d", "a  d"),
        ("a actor:x,|", "a "),
        ("|", ""),
        ("a  |  b", "a    b"),
        ('"a |b" c', " c"),
    ],
)
def test_the_rest_is_the_query_without_what_is_typed(marked: str, rest: str) -> None:
    assert rest_of(marked.replace("|", ""), marked.index("|")) == rest


@given(storable)
def test_whatever_value_is_chosen_is_the_value_asked_for(value: str) -> None:
    text, cursor = apply_completion("x actor:", completion_at("x actor:", 8), value)
    assert parse(text).terms == (Word("x"), FieldTerm("actor", (Value(value),)))
    assert cursor == len(text)


@given(keys)
def test_whatever_key_is_chosen_is_the_key_asked_for(key: str) -> None:
    text, _ = apply_completion("-", completion_at("-", 1), key, is_key=True)
    assert parse(text + "v").terms == (FieldTerm(DETAILS, (Value("v"),), key, excluded=True),)
