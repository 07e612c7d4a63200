import pytest
from hypothesis import given

from audit.browsing.grammar import Query, hints, parse
from audit.browsing.grammar.hints import MAX_HINTS
from audit.browsing.grammar.nearness import distance
from tests.browsing.grammar.queries import anything, is_inside, read

KNOWN = {"namespace", "revision", "cost center", "actor", "user"}


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("deplyment:prod", "deployment:prod"),
        ("x -deployemnt:prod", "x -deployment:prod"),
        ("Actor:mara", "actor:mara"),
        ("evnt:x", "event:x"),
        ("event_typ:x", "event:x"),
        ("IP:10.1.1.1", "ip:10.1.1.1"),
        ("untill:now", "until:now"),
        ("from:now", "since:now"),
        ("status:failure", "outcome:failure"),
        ("namspace:prod", "namespace:prod"),
        ('"cost centre":7', '"cost center":7'),
        ("details.acter:x", "details.actor:x"),
    ],
)
def test_a_key_that_is_nearly_a_name_gets_the_name_suggested(text: str, corrected: str) -> None:
    (hint,) = hints(parse(text), KNOWN)
    assert hint.corrected == corrected
    assert f"Did you mean {hint.suggestion}:?" in hint.message


def test_without_knowing_the_keys_only_likeness_is_remarked_on() -> None:
    assert str(*hints(parse("deplyment:prod host:a"))) == "Did you mean deployment:?"


@pytest.mark.parametrize("text", ["namespace:x", "user:x", "details.actor:x", "actor:x", "id"])
def test_what_is_known_gets_no_hint(text: str) -> None:
    assert hints(parse(text), KNOWN) == ()


def test_a_key_that_no_event_has_is_perhaps_a_text() -> None:
    (hint,) = hints(parse("x -https://acme.dev y"), KNOWN)
    assert hint.message.startswith("No event has details called “https”.")
    assert hint.corrected == 'x -"https://acme.dev" y'


@pytest.mark.parametrize(
    ("text", "either"),
    [
        ("actor:a actor:b", "actor:a,b"),
        ("namespace:a revision:1 namespace:b,c", "namespace:a,b,c"),
        ("resource:flow/a resource:flow/b", "resource:flow/a,flow/b"),
    ],
)
def test_two_values_that_no_event_has_both_of_get_a_hint(text: str, either: str) -> None:
    (hint,) = hints(parse(text), KNOWN)
    assert hint.message.endswith(f"For either: {either}")


@pytest.mark.parametrize(
    "text",
    [
        "actor:a actor:a,b",
        "actor:a actor:b*",
        "-actor:a -actor:b",
        "namespace:a revision:a",
        "resource:flow resource:flow/a",
        "resource:flow,sensor/x resource:sensor,flow/a",
    ],
)
def test_values_that_one_event_may_have_get_no_hint(text: str) -> None:
    assert hints(parse(text), KNOWN) == ()


def test_curly_quotes_get_one_hint() -> None:
    (hint,) = hints(parse("“nightly revenue”"))
    assert "straight quotes" in hint.message


def test_a_comma_between_words_gets_a_hint_and_one_in_a_number_does_not() -> None:
    (hint,) = hints(parse("1,000 paused,stopped paused,"))
    assert hint.text[hint.position :].startswith("paused,stopped")


def test_hints_are_few() -> None:
    text = " ".join(f"key{i}:x" for i in range(50))
    assert len(hints(parse(text), KNOWN)) == MAX_HINTS


@given(anything)
def test_hints_lie_inside_the_text_and_what_they_suggest_is_understood(text: str) -> None:
    query = read(text)
    for hint in hints(query, KNOWN) if isinstance(query, Query) else ():
        assert is_inside(hint)
        assert hint.length
        if hint.corrected is not None:
            # A value may be none that the suggested field can have.
            after = read(hint.corrected)
            assert isinstance(after, Query) or after.span.position > hint.position


@pytest.mark.parametrize(
    ("one", "other", "limit", "slips"),
    [
        ("actor", "actor", 0, 0),
        ("actor", "actr", 1, 1),
        ("actor", "acttor", 1, 1),
        ("actor", "axtor", 1, 1),
        ("actor", "acotr", 1, 1),
        ("deployment", "depolymnet", 2, 2),
        ("deployment", "deplomen", 2, 2),
        ("deployment", "dplomen", 2, None),
        ("ab", "ba", 0, None),
        ("event", "agent", 1, None),
    ],
)
def test_slips_of_the_pen_are_counted(one: str, other: str, limit: int, slips: int | None) -> None:
    assert distance(one, other, limit) == slips
    assert distance(other, one, limit) == slips
