import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.browsing.filters import Value as FormValue
from audit.browsing.grammar import (
    DETAILS,
    FIELDS,
    MAX_VALUES,
    GrammarError,
    Query,
    from_parameters,
    parse,
    to_parameters,
)
from audit.browsing.grammar.parameters import read_value, write_value
from tests.browsing.grammar.queries import (
    MOMENTS,
    anything,
    events_near,
    is_inside,
    keys,
    queries,
    storable,
    texts_of,
)

PAIRS = [
    ("", {}),
    ("actor:a,b", {"actor": ["a", "b"]}),
    ("-actor:a,b", {"actor": ["-a", "-b"]}),
    ("actor:a -actor:b", {"actor": ["a", "-b"]}),
    ("event:x", {"event_type": ["x"]}),
    ("a:x,y b:z", {"tag": ["a:x", "a:y", "b:z"]}),
    ("-a:x", {"tag": ["-a:x"]}),
    ('"-a":x', {"tag": [r"\-a:x"]}),
    ('note:""', {"tag": ["note:"]}),
    ("actor:-a", {"actor": [r"\-a"]}),
    (r"actor:\-a", {"actor": [r"\\-a"]}),
    ("-actor:-a", {"actor": ["--a"]}),
    ("resource:flow", {"resource_type": ["flow"]}),
    ("resource:flow/a", {"resource": ["flow/a"]}),
    ("resource:flow resource:flow/a", {"resource_type": ["flow"], "resource": ["flow/a"]}),
    ("resource_type:a/b,c", {"resource_type": ["a/b", "c"]}),
    ("resource:flow,sensor/a", {"q": ["resource:flow,sensor/a"]}),
    ("-resource:flow -resource:a/b", {"resource_type": ["-flow"], "resource": ["-a/b"]}),
    ("time:now-2d..now", {"since": ["now-2d"], "until": ["now"]}),
    ("since:now-2d", {"since": ["now-2d"]}),
    ('"two words" -no pre*', {"q": ['"two words" -no pre*']}),
    ("actor:mara,tom*", {"q": ["actor:mara,tom*"]}),
    ("actor:a actor:b", {"actor": ["a"], "q": ["actor:b"]}),
    ("since:now-2d since:now-1d", {"since": ["now-2d"], "q": ["since:now-1d"]}),
]


@pytest.mark.parametrize(("text", "parameters"), PAIRS)
def test_a_query_and_its_parameters_become_each_other(
    text: str, parameters: dict[str, list[str]]
) -> None:
    assert to_parameters(parse(text)) == parameters
    assert from_parameters(parameters) == parse(text)


def test_exclusions_with_one_place_in_the_form_are_gathered() -> None:
    query = parse("-actor:a x -actor:b,a -resource:flow,sensor/x")
    assert to_parameters(query) == {
        "actor": ["-a", "-b"],
        "resource_type": ["-flow"],
        "resource": ["-sensor/x"],
        "q": ["x"],
    }


@given(queries)
def test_parameters_made_of_a_query_are_the_same_after_a_round(query: Query) -> None:
    parameters = to_parameters(query)
    assert to_parameters(from_parameters(parameters)) == parameters


@given(queries.flatmap(lambda query: st.tuples(st.just(query), events_near(query))))
def test_parameters_find_the_events_that_the_query_finds(given_: tuple) -> None:
    query, event = given_
    parameters = to_parameters(query)
    assert event.answers(parameters) == event.meets(query)
    assert event.meets(from_parameters(parameters)) == event.meets(query)


@st.composite
def form_data(draw: st.DrawFn) -> dict[str, list[str]]:
    """What the filter form makes of clicks: values included or excluded, and a time."""
    data: dict[str, list[str]] = {}
    for field in draw(st.lists(st.sampled_from(list(FIELDS.values())), max_size=3, unique=True)):
        texts = texts_of(field.name)
        if field.name == "resource":
            texts = texts.filter(lambda text: "/" in text)
        data[field.parameter] = _values(draw, texts)
    if draw(st.booleans()):
        tags = st.builds("{}:{}".format, keys, st.one_of(texts_of(DETAILS), st.just("")))
        data["tag"] = _values(draw, tags)
    for name in draw(st.lists(st.sampled_from(["since", "until"]), max_size=2, unique=True)):
        data[name] = [draw(st.sampled_from(MOMENTS))]
    return data


def _values(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> list[str]:
    pairs = st.tuples(texts, st.booleans())
    values = draw(st.lists(pairs, min_size=1, max_size=4, unique=True))
    return [str(FormValue(text, excluded)) for text, excluded in values]


@given(form_data())
def test_what_the_form_asks_is_the_same_after_a_round_but_for_its_order(
    data: dict[str, list[str]],
) -> None:
    after = to_parameters(from_parameters(data))
    assert {name: sorted(values) for name, values in after.items()} == {
        name: sorted(values) for name, values in data.items()
    }


@given(form_data())
def test_a_query_made_of_parameters_has_its_own_text(data: dict[str, list[str]]) -> None:
    query = from_parameters(data)
    assert query.text == str(query)
    assert parse(query.text) == query


@given(
    st.dictionaries(
        st.sampled_from([f.parameter for f in FIELDS.values()] + ["tag", "since", "until", "q"]),
        st.lists(anything, max_size=3),
    )
)
def test_whatever_a_url_holds_only_a_grammar_error_is_raised(data: dict[str, list[str]]) -> None:
    query = read_parameters(data)
    if isinstance(query, GrammarError):
        assert is_inside(query)
    else:
        again = from_parameters(to_parameters(query))
        assert to_parameters(again) == to_parameters(query)


def read_parameters(data: dict[str, list[str]]) -> Query | GrammarError:
    try:
        return from_parameters(data)
    except GrammarError as error:
        return error


@given(storable, st.booleans())
def test_values_are_written_as_the_form_writes_them(text: str, excluded: bool) -> None:
    assert write_value(text, excluded=excluded) == str(FormValue(text, excluded))
    assert read_value(write_value(text, excluded=excluded)) == (text, excluded)


@given(anything)
def test_values_are_read_as_the_form_reads_them(raw: str) -> None:
    value = FormValue.parse(raw)
    assert read_value(raw) == (value.text, value.excluded)


def test_what_is_no_filter_or_empty_is_passed_over_and_the_last_of_one_counts() -> None:
    data = {"cursor": ["x"], "actor": ["", "a", "a"], "since": ["now-1d", "now-2d"], "q": []}
    assert from_parameters(data) == parse("actor:a since:now-2d")


@pytest.mark.parametrize(
    ("data", "text", "place"),
    [
        ({"tag": ["nokey"]}, "nokey", "nokey"),
        ({"tag": [":value"]}, ":value", ":value"),
        ({"actor": ["-"]}, '-actor:""', '-actor:""'),
        ({"actor": ["a"], "change": ["gone"]}, "actor:a change:gone", "gone"),
        ({"actor": ["a"], "q": ["b c:"]}, "b c:", "c:"),
        ({"since": ["yesterday"]}, "since:yesterday", "yesterday"),
    ],
)
def test_an_error_points_into_what_is_wrong(
    data: dict[str, list[str]], text: str, place: str
) -> None:
    with pytest.raises(GrammarError) as caught:
        from_parameters(data)
    error = caught.value
    assert error.text == text
    assert text[error.position : error.position + error.length] == place


def test_the_form_may_ask_for_as_much_as_a_query() -> None:
    values = [str(i) for i in range(MAX_VALUES)]
    assert len(next(from_parameters({"actor": values, "since": ["now"]}).fields).alternatives) == 50
    with pytest.raises(GrammarError, match="at most 50"):
        from_parameters({"actor": [*values, "more"]})
