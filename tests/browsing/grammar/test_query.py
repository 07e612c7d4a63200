from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from audit.browsing.grammar import FieldTerm, GrammarError, TimeTerm, Value, Word, parse

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("", None, None),
        ("since:now-2h", NOW - timedelta(hours=2), None),
        ("until:2026-11-17", None, at(2026, 11, 17, 23)),
        ("time:2026-11-17", at(2026, 11, 16, 23), at(2026, 11, 17, 23)),
        ("time:2026-11-17T14:00..16:00", at(2026, 11, 17, 13), at(2026, 11, 17, 15)),
        ("since:now-1d time:now-2d..now until:now-2h", NOW - timedelta(1), at(2026, 11, 22, 10)),
    ],
)
def test_the_period_is_where_all_times_meet(
    text: str, since: datetime | None, until: datetime | None
) -> None:
    assert parse(text).period(now=NOW, zone=BERLIN) == (since, until)


def test_a_period_that_ends_before_it_begins_is_an_error_at_its_place() -> None:
    with pytest.raises(GrammarError, match="ends before it begins") as caught:
        parse("x until:now-2d since:now-1d").period(now=NOW, zone=UTC)
    assert caught.value.caret() == "x until:now-2d since:now-1d\n" + " " * 15 + "^" * 12


def test_a_moment_outside_the_calendar_of_its_zone_is_an_error() -> None:
    with pytest.raises(GrammarError, match="since must be a time"):
        parse("since:0001-01-01").period(now=NOW, zone=BERLIN)


def test_terms_are_found_by_their_kind_in_order() -> None:
    query = parse("a actor:x since:now b y:z")
    assert list(query.words) == [Word("a"), Word("b")]
    assert list(query.times) == [TimeTerm(since="now")]
    assert [term.parameter for term in query.fields] == ["actor", "tag"]


def test_where_a_term_stands_makes_no_difference() -> None:
    assert parse("actor:x") == parse('   actor:"x"')
    assert hash(parse("actor:x")) == hash(parse('   actor:"x"'))


def test_whoever_runs_a_query_can_point_into_it() -> None:
    query = parse("deployment:prod,nowhere x")
    (term,) = query.fields
    error = query.error("There is no such deployment.", term.alternatives[1], "staging")
    assert error.caret() == "deployment:prod,nowhere x\n                ^^^^^^^"
    assert error.corrected == "deployment:prod,staging x"


def test_a_details_key_is_written_so_that_nothing_hides_it() -> None:
    for key in ("actor", "event_type", "time", "before", "details.x", "my key", '"', "-x", "a*"):
        term = FieldTerm("details", (Value("v"),), key)
        assert parse(str(term)).terms == (term,)
    assert str(FieldTerm("details", (Value("v"),), "actor")) == "details.actor:v"
    assert str(FieldTerm("details", (Value("v"),), "namespace")) == "namespace:v"
