import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.browsing.grammar import (
    DETAILS,
    MAX_LENGTH,
    MAX_VALUES,
    FieldTerm,
    GrammarError,
    Query,
    Term,
    TimeTerm,
    Value,
    Word,
    parse,
)
from tests.browsing.grammar.queries import anything, is_inside, queries, read, storable


def details(key: str, *texts: str) -> FieldTerm:
    return FieldTerm(DETAILS, tuple(map(Value, texts)), key)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ()),
        ("  \n\t ", ()),
        ("tenant", [Word("tenant")]),
        ("paused nightly", [Word("paused"), Word("nightly")]),
        ('"nightly  run"', [Word("nightly  run")]),
        ('"single"', [Word("single")]),
        ("pau*", [Word("pau", prefix=True)]),
        ('"nightly rev"*', [Word("nightly rev", prefix=True)]),
        ("*enan*", [Word("enan", prefix=True, suffix=True)]),
        ("-*nant", [Word("nant", suffix=True, excluded=True)]),
        ("*-x", [Word("-x", suffix=True)]),
        ("-paused", [Word("paused", excluded=True)]),
        ('-"-x"*', [Word("-x", prefix=True, excluded=True)]),
        ("a-b", [Word("a-b")]),
        ("1,000", [Word("1,000")]),
        (r"acme\mara", [Word(r"acme\mara")]),
        (r'"say \"hi\" \\ c:\temp"', [Word(r'say "hi" \ c:\temp')]),
        ("actor:mara", [FieldTerm("actor", (Value("mara"),))]),
        ("-actor:a,b*", [FieldTerm("actor", (Value("a"), Value("b", True)), excluded=True)]),
        ("actor:a,a", [FieldTerm("actor", (Value("a"),))]),
        ('actor:"a, b","c"*', [FieldTerm("actor", (Value("a, b"), Value("c", True)))]),
        ("actor:-x", [FieldTerm("actor", (Value("-x"),))]),
        ("event_type:run.launched", [FieldTerm("event", (Value("run.launched"),))]),
        ("request_id:r", [FieldTerm("request", (Value("r"),))]),
        ("branch:b", [FieldTerm("branch", (Value("b"),))]),
        ("impersonator:*", [FieldTerm("impersonator", (Value("", True),))]),
        ("change:Created", [FieldTerm("change", (Value("created"),))]),
        ("ip:10.1.*,::1", [FieldTerm("ip", (Value("10.1.", True), Value("::1")))]),
        ("resource:flow/a/b", [FieldTerm("resource", (Value("flow/a/b"),))]),
        ("resource:flow/*", [FieldTerm("resource", (Value("flow/", True),))]),
        ("resource_type:flow", [FieldTerm("resource", (Value("flow"),))]),
        ("resource_type:a/b", [FieldTerm("resource_type", (Value("a/b"),))]),
        ("namespace:prod", [details("namespace", "prod")]),
        ("Actor:x", [details("Actor", "x")]),
        ('"my key":x', [details("my key", "x")]),
        (r'"a\"b":x', [details('a"b', "x")]),
        ('note:""', [details("note", "")]),
        ("url:https://acme.dev", [details("url", "https://acme.dev")]),
        ("details.actor:x", [details("actor", "x")]),
        ("details.namespace:x", [details("namespace", "x")]),
        ("details.details.x:y", [details("details.x", "y")]),
        ('"details.my key":x', [details("my key", "x")]),
        ("details:x", [details("details", "x")]),
        ("details.before:x", [details("before", "x")]),
        ("tag:v1.2", [details("tag", "v1.2")]),
        ('"actor":x', [FieldTerm("actor", (Value("x"),))]),
        ("since:2026-11-01", [TimeTerm(since="2026-11-01")]),
        ("until:now-2h", [TimeTerm(until="now-2h")]),
        ("time:now-7d..now-1d", [TimeTerm("now-7d", "now-1d")]),
        ("time:now-7d..", [TimeTerm(since="now-7d")]),
        ("time:..now-7d", [TimeTerm(until="now-7d")]),
        ("time:2026-11-17", [TimeTerm("2026-11-17", "2026-11-17")]),
        ("time:2026-11-17T14:00..16:00", [TimeTerm("2026-11-17T14:00", "2026-11-17T16:00")]),
        ("time:2026-11-17..16:00:30", [TimeTerm("2026-11-17", "2026-11-17T16:00:30")]),
        ("time:2026-11-17T14:00Z..16:00", [TimeTerm("2026-11-17T14:00Z", "2026-11-17T16:00Z")]),
        ('since:"2026-11-17 14:00"', [TimeTerm(since="2026-11-17 14:00")]),
    ],
)
def test_a_text_means_its_terms(text: str, terms: list[Term]) -> None:
    assert parse(text) == Query(tuple(terms))


@pytest.mark.parametrize(
    ("text", "place", "corrected"),
    [
        ('x "open', '"open', 'x "open"'),
        ('actor:"a b', '"a b', 'actor:"a b"'),
        ('"ends in \\', '"ends in \\', '"ends in \\\\"'),
        ('"a"b', "b", '"a" b'),
        ('actor:"a"b,c', "b", 'actor:"a" b,c'),
        ('5"', '5"', '"5\\""'),
        ('actor:5"*', '5"*', 'actor:"5\\""*'),
        ("a*b", "a*b", '"a*b"'),
        ("namespace:**", "**", 'namespace:"**"'),
        ("*", "*", None),
        ('""', '""', None),
        ('"  "', '"  "', None),
        ("x -", "-", None),
        ("x - y", "- ", "x -y"),
        ("--force", "--force", '"--force"'),
        ("--a:b", "--a:b", '"--a:b"'),
        (":x", ":", None),
        ("details.:x", "details.:", None),
        ('"a:b":c', '"a:b"', None),
        ("na*:x", "*", "na:x"),
        ("actor:", "actor:", None),
        ("x actor: mara", "actor: ", "x actor:mara"),
        ("actor:,a", ",", "actor:a"),
        ("actor:a,", ",", "actor:a"),
        ("actor:a,,b", ",", "actor:a,b"),
        ('session:""', 'session:""', "-session:*"),
        ('-session:""', '-session:""', "session:*"),
        ('change:""', 'change:""', None),
        ("change:creatd", "creatd", "change:created"),
        ("outcome:success,fail", "fail", "outcome:success,failure"),
        ('kind:"service account"', '"service account"', "kind:service_account"),
        ("outcome:fail*", "fail*", "outcome:failure"),
        ("change:*", "*", None),
        ("ip:10.0.0.0/8", "10.0.0.0/8", None),
        ("ip:fe80::1%eth0", "fe80::1%eth0", "ip:fe80::1"),
        ("ip:x*", "x*", None),
        ("resource:flow/", "flow/", "resource:flow"),
        ("before:2026-11-01", "before", "until:2026-11-01"),
        ("after:2026-11-01", "after", "since:2026-11-01"),
        ("since:yesterday", "yesterday", None),
        ("time:now-2h", "now-2h", None),
        ("time:..", "..", None),
        ("time:2026-11-17..x", "2026-11-17..x", None),
        ("since:now-999999w", "now-999999w", None),
        ("since:", "since:", None),
        ('until:""', '""', None),
        ("since:now*", "*", "since:now"),
        ("since:now,now-1d", ",now-1d", "since:now"),
        ("since:now,", ",", "since:now"),
        ("-since:now", "-", "since:now"),
        ("a\0b", "\0", "ab"),
        ("a \ud800", "\ud800", "a "),
    ],
)
def test_an_error_shows_its_place_and_what_could_stand_there(
    text: str, place: str, corrected: str | None
) -> None:
    with pytest.raises(GrammarError) as caught:
        parse(text)
    error = caught.value
    assert text[error.position : error.position + error.length] == place
    assert error.corrected == corrected
    if corrected is not None:
        parse(corrected)


@given(anything)
def test_nothing_but_a_grammar_error_inside_the_text_is_raised(text: str) -> None:
    found = read(text)
    assert found.text == text
    if isinstance(found, GrammarError):
        assert is_inside(found)
        assert str(found)
        assert "^" in found.caret()


@given(anything)
def test_spans_hold_what_they_are_spans_of(text: str) -> None:
    query = read(text)
    for term in query.terms if isinstance(query, Query) else ():
        written = text[term.span.position : term.span.end]
        assert parse(written).terms == (term,)
        if isinstance(term, FieldTerm):
            assert text[term.name_span.end] == ":"
            assert all(term.span.position < v.span.position for v in term.alternatives)
            assert all(v.span.length > 0 and v.span.end <= term.span.end for v in term.alternatives)


@given(queries)
def test_a_query_is_read_as_it_was_written(query: Query) -> None:
    assert parse(str(query)) == query


@given(anything)
def test_writing_what_was_read_settles(text: str) -> None:
    query = read(text)
    if isinstance(query, Query):
        assert parse(str(query)) == query
        assert str(parse(str(query))) == str(query)


@given(storable, st.sampled_from(["", "actor:"]))
def test_quotes_stand_only_where_they_are_needed(text: str, name: str) -> None:
    written = str(Word(text) if not name else FieldTerm("actor", (Value(text),)))
    assert (written == name + text) == _is_read_bare(name, text)


def _is_read_bare(name: str, text: str) -> bool:
    wanted = Word(text) if not name else FieldTerm("actor", (Value(text),))
    return read(name + text) == Query((wanted,))


def test_a_query_may_be_as_long_as_stated_and_no_longer() -> None:
    parse("x" * MAX_LENGTH)
    with pytest.raises(GrammarError, match=r"at most 5,000 characters, not 5,001") as caught:
        parse("x" * (MAX_LENGTH + 1))
    assert (caught.value.position, caught.value.length) == (MAX_LENGTH, 1)


@pytest.mark.parametrize("text", ["x " * MAX_VALUES, "a:" + ",".join("b" * MAX_VALUES)])
def test_a_query_may_ask_for_as_much_as_stated_and_no_more(text: str) -> None:
    parse(f"{text} time:now-2d..now since:now-1d")
    with pytest.raises(GrammarError, match="at most 50 words and values") as caught:
        parse(f"{text} actor:one,more")
    assert text.join(["", " actor:one,more"])[caught.value.position :].startswith("one")


@pytest.mark.parametrize(
    "text",
    [
        '"' * MAX_LENGTH,
        '"' + "\\" * (MAX_LENGTH - 1),
        '"' + "a\\" * (MAX_LENGTH // 2 - 1),
        "a:" + '"' * (MAX_LENGTH - 2),
        "a:" + ",".join(['""'] * 1600),
        "-" * MAX_LENGTH,
        " " * MAX_LENGTH,
        ":" * MAX_LENGTH,
        "*" * MAX_LENGTH,
        "time:" + "." * (MAX_LENGTH - 5),
        "since:" + "9" * (MAX_LENGTH - 6),
        "ip:" + ":" * (MAX_LENGTH - 3),
    ],
)
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    try:
        parse(text)
    except GrammarError as error:
        error.caret()
    assert time.process_time() - began < 0.1  # it takes a few milliseconds at most
