"""Refinement alone: no database, no request."""

from urllib.parse import urlencode

from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from audit.browsing import Value
from audit.web.refinement import Refinement
from tests.web.markup import parse

values = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
params = st.sampled_from(["actor", "tag", "deployment", "since", "tz"])
queries = st.lists(
    st.tuples(params, st.builds(lambda v, e: str(Value(v, e)), values, st.booleans()))
)


def asked(href: str) -> QueryDict:
    assert href.startswith("?")
    return QueryDict(href[1:])


def refinement(pairs: list[tuple[str, str]]) -> Refinement:
    return Refinement(QueryDict(urlencode(pairs)))


def href_of(refined: Refinement, param: str, value: str) -> str:
    return parse(f"<a {refined.choice(param, value).attributes}></a>").find("a")["href"]


@given(queries, params, values)
def test_three_clicks_add_exclude_and_let_go(
    pairs: list[tuple[str, str]], param: str, value: str
) -> None:
    pairs = [p for p in pairs if p[0] != param or Value.parse(p[1]).text != value]
    first = href_of(refinement(pairs), param, value)
    assert asked(first).getlist(param)[-1] == str(Value(value))
    second = href_of(Refinement(asked(first)), param, value)
    assert asked(second).getlist(param)[-1] == str(Value(value, excluded=True))
    third = href_of(Refinement(asked(second)), param, value)
    assert dict(asked(third).lists()) == dict(QueryDict(urlencode(pairs)).lists())


@given(queries, params, values)
def test_no_link_loses_another_filter(pairs: list[tuple[str, str]], param: str, value: str) -> None:
    before = dict(QueryDict(urlencode(pairs)).lists())
    after = dict(asked(href_of(refinement(pairs), param, value)).lists())
    assert {k: v for k, v in after.items() if k != param} == {
        k: v for k, v in before.items() if k != param
    }


def test_another_filter_means_the_first_page() -> None:
    refined = refinement([("cursor", "c"), ("open", "o"), ("newer", "n"), ("actor", "a")])
    assert href_of(refined, "tag", "k:v") == "?actor=a&tag=k:v"
    assert refined.without("actor") == "?"
    assert refined.setting(since="now-1h") == "?actor=a&since=now-1h"


def test_opening_an_event_keeps_the_page_and_paging_closes_it() -> None:
    refined = refinement([("cursor", "c"), ("open", "o"), ("actor", "a")])
    assert refined.place(open="p") == "?cursor=c&actor=a&open=p"
    assert refined.closed == "?cursor=c&actor=a"
    assert refined.place(cursor="d") == "?actor=a&cursor=d"


def test_clearing_keeps_the_zone() -> None:
    assert refinement([("tz", "UTC"), ("actor", "a"), ("since", "now-1h")]).nothing == "?tz=UTC"


def test_a_toggled_chip_goes_the_other_way() -> None:
    refined = refinement([("actor", "a"), ("actor", "-b")])
    assert refined.toggled("actor", Value("a")) == "?actor=-b&actor=-a"
    assert refined.toggled("actor", Value("b", excluded=True)) == "?actor=a&actor=b"


def test_an_address_too_long_for_a_server_is_no_link() -> None:
    choice = refinement([]).choice("tag", "k:" + "é" * 2_000)
    assert choice.attributes == ""
    assert refinement([]).choice("tag", "k:" + "e" * 2_000).attributes
