"""Queries over recorded events, against what they mean in Python."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.browsing import EventFilterSet, newest_first
from audit.browsing.grammar import FieldTerm, Query, Word, parse
from audit.browsing.search import Limits
from audit.models import DictionaryEntry, Event, Organization
from audit.models import Word as KnownWord
from audit.models.words import words_of
from audit.recording import dictionary, record_many
from tests.browsing import logs
from tests.factories import OrganizationFactory

WORDS = [
    "Żak",
    "zakład",
    "Nightly",
    "revenue",
    "reVENUE-report",
    "b2b",
    "Ångström",
    "404",
    "20261122",
]
ACTORS = ["mara.ito@acme.dev", "mara.berg@acme.dev", "tom.berg@acme.dev", "-odd", "100%_x"]
NAMESPACES = ["company.finance", "company.sales", "Company.x", "", "a:b"]
RESOURCES = [{}, {"type": "flow", "id": "a"}, {"type": "flow", "id": "a/b"}, {"type": "task"}]


def made_up(random: Random, n: int) -> dict[str, object]:
    at = logs.START + (logs.END - logs.START) * random.random()
    return {
        "event_type": random.choice(["schedule.updated", "kestra.flow.create", "own.thing"]),
        "actor": {"kind": "user", "id": random.choice(ACTORS), "name": random.choice(["", "Mara"])},
        "occurred_at": at,
        "summary": " ".join(random.choices(WORDS, k=random.randint(0, 4))),
        "resource": random.choice(RESOURCES),
        "details": {
            key: random.choice(NAMESPACES)
            for key in random.sample(["ns", "odd key", "actor"], k=random.randint(0, 2))
        },
        "ip": random.choice([None, "10.1.2.3", "10.2.0.1", "2001:db8::1"]),
        "session": random.choice(["", "s_1", "s_2"]),
    }


def make_log(organization: Organization, size: int = 150, seed: int = 1) -> list[Event]:
    random = Random(seed)
    result = record_many(organization, [made_up(random, n) for n in range(size)])
    assert result.recorded == size
    return list(Event.objects.filter(organization=organization).order_by("-id"))


@pytest.fixture
def log(organization: Organization, django_capture_on_commit_callbacks: Any) -> list[Event]:
    logs.make_partitions()
    other = OrganizationFactory.create()
    with django_capture_on_commit_callbacks(execute=True):
        made = make_log(organization)
        record_many(other, [made_up(Random(9), 1) | {"summary": "zakazany revolver"}])
    return made


def filters(organization: Organization, q: str, **others: str) -> EventFilterSet:
    data = QueryDict(urlencode({"q": q, **others}))
    return EventFilterSet(data, queryset=Event.objects.in_organization(organization.pk))


def found(organization: Organization, q: str, limits: Limits | None = None) -> list[UUID]:
    asked = filters(organization, q)
    assert not asked.errors
    return [event.id for event in newest_first(asked.qs, size=1_000, limits=limits).events]


# --- What a query means, without SQL ------------------------------------------------------------


def meets(event: Event, query: Query) -> bool:
    return all(_meets(event, term) for term in query.terms)


def _meets(event: Event, term: Any) -> bool:
    if isinstance(term, Word):
        return any(_has(text, term) for text in event.words.split("  ")) != term.excluded
    assert isinstance(term, FieldTerm)
    return any(_is(event, term, value) for value in term.alternatives) != term.excluded


def _has(text: str, term: Word) -> bool:
    have, wanted = text.split(), words_of(term.text)
    for at in range(len(have) - len(wanted) + 1):
        *others, last = have[at : at + len(wanted)]
        ends_right = _is_like(last, wanted[-1], term)
        if others == wanted[:-1] and ends_right:
            return True
    return False


def _is_like(word: str, wanted: str, term: Word) -> bool:
    if term.suffix:
        return wanted in word if term.prefix else word.endswith(wanted)
    return word.startswith(wanted) if term.prefix else word == wanted


def _is(event: Event, term: FieldTerm, value: Any) -> bool:
    has = _value(event, term, value.text)
    if has is None:
        return False
    text = value.text.lower() if term.field == "ip" else value.text
    return has.startswith(text) if value.prefix else has == text


def _value(event: Event, term: FieldTerm, text: str) -> str | None:
    if term.key:
        return event.details.get(term.key)
    if term.field == "resource":
        if "/" not in text:
            return event.resource_type or None
        return f"{event.resource_type}/{event.resource_id}" if event.resource_id else None
    column = "actor_id" if term.field == "actor" else term.parameter
    return getattr(event, column) or None


TERMS = [
    "zak", "ŻAK", "zak*", "angstrom", "revenue", "reven*", '"nightly revenue"', '"nightly rev"*',
    '"revenue report"', "b2*", "404", "40*", "2026*", "update", "create", "mara", "nothing*",
    "acme.dev", "zakaz*", "*AKLA*", "*evenue", "*ó*", "*2b", "*0261*", "*zzz*",
    "actor:mara.ito@acme.dev", "actor:mara.*",
    "actor:mara.*,tom.berg@acme.dev",
    'actor:"-odd"', "actor:100%*", "ns:company.*", "ns:*", "ns:company.finance,Comp*", 'ns:""',
    '"odd key":a*', '"odd key":*', "details.actor:*", "resource:flow", "resource:flow/a",
    "resource:flow/a,task", "resource:fl*", "resource:flow/*", "resource:*", "event:kestra.*",
    "ip:10.1.*", "ip:2001:DB8*", "ip:*", "session:*", "session:s_*", "ip:10.1.2.3,2001*",
]  # fmt: skip
queries = st.lists(
    st.tuples(st.sampled_from(["", "", "-"]), st.sampled_from(TERMS)).map("".join),
    min_size=1, max_size=3, unique=True,
).map(" ".join)  # fmt: skip
LIMITS = st.sampled_from(
    [Limits(), Limits(walk=1, deep_walk=1_000), Limits(walk=7, arms=2, deep_walk=1_000)]
)


def test_a_query_finds_what_it_means(organization: Organization, log: list[Event]) -> None:
    @given(queries, LIMITS)
    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
    def check(text: str, limits: Limits) -> None:
        expected = [event.id for event in log if meets(event, parse(text))]
        assert found(organization, text, limits) == expected
        plain = filters(organization, text).qs.order_by("-id")
        assert [event.id for event in plain] == expected

    check()


def test_every_kind_of_term_finds_what_it_means(
    organization: Organization, log: list[Event]
) -> None:
    for text in (sign + term for term in TERMS for sign in ("", "-")):
        expected = [event.id for event in log if meets(event, parse(text))]
        assert found(organization, text, Limits(walk=1, deep_walk=1_000)) == expected, text


def test_what_the_dictionary_does_not_know_is_found_all_the_same(
    organization: Organization, log: list[Event], django_capture_on_commit_callbacks: Any
) -> None:
    long = "company." + "x" * dictionary.MAX_OFFERED_LENGTH
    with django_capture_on_commit_callbacks(execute=True):
        record_many(organization, [made_up(Random(3), 1) | {"details": {"ns": long}}])
    assert DictionaryEntry.objects.filter(field="incomplete", value="details.ns").exists()
    everything = list(Event.objects.filter(organization=organization).order_by("-id"))
    expected = [e.id for e in everything if meets(e, parse("ns:company.*"))]
    assert any(e.details.get("ns") == long for e in everything if e.id in expected)
    assert found(organization, "ns:company.*", Limits(walk=1)) == expected
    DictionaryEntry.objects.all().delete()
    assert found(organization, "ns:company.*", Limits(walk=1)) == expected


def test_the_words_of_another_organization_are_no_endings(
    organization: Organization, log: list[Event]
) -> None:
    assert KnownWord.objects.filter(word="zakazany").exists()
    asked = filters(organization, "zak* zakaz* revol*")
    known = [condition.known for condition in asked.criteria]
    assert known == [("zak", "zaklad"), (), ()]
    assert "zakazany" not in " ".join(map(str, asked.hints))


def test_a_beginning_stands_for_so_many_words_and_says_so(
    organization: Organization, django_capture_on_commit_callbacks: Any
) -> None:
    letters = "abcdefgh"
    summary = " ".join(f"x{a}{b}" for a in letters for b in letters)
    with django_capture_on_commit_callbacks(execute=True):
        record_many(organization, [made_up(Random(1), 1) | {"summary": summary}])
    asked = filters(organization, "xa* x*")
    assert [len(condition.known) for condition in asked.criteria] == [8, 50]
    assert [hint.message for hint in asked.hints] == [
        "More words begin with “x” than can be looked for: these are the 50 from “xaa” to “xgb”."
    ]
    assert asked.hints[0].text[asked.hints[0].position :] == "x*"


def test_a_hash_is_checked_against_the_words(
    organization: Organization, log: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = found(organization, "zak revenue")
    monkeypatch.setattr("audit.browsing.search.by_terms", lambda *_: ("terms @> '{}'::int8[]", []))
    assert found(organization, "zak revenue", Limits(walk=1)) == expected


@pytest.mark.parametrize("text", ["zak*", "nightly tom* ns:company.* actor:mara.* event:k*"])
def test_a_query_takes_as_many_statements_at_any_size(
    organization: Organization, log: list[Event], text: str, django_assert_max_num_queries: Any
) -> None:
    for _ in range(2):
        with django_assert_max_num_queries(6):  # endings, values, walk, edge, words and keys in use
            asked = filters(organization, text)
            newest_first(asked.qs)
            assert asked.hints is not None
        record_many(organization, [made_up(Random(4), n) for n in range(50)])


# --- As a parameter -----------------------------------------------------------------------------


def test_a_query_applies_together_with_the_form(
    organization: Organization, log: list[Event]
) -> None:
    asked = filters(organization, "revenue since:2026-02-01", actor=ACTORS[0], until="2026-05-01")
    expected = [
        event.id
        for event in log
        if meets(event, parse(f"revenue actor:{ACTORS[0]}"))
        and datetime(2026, 2, 1, tzinfo=UTC) <= event.occurred_at
        and event.occurred_at < datetime(2026, 5, 1, tzinfo=UTC) + timedelta(days=1)
    ]
    assert expected
    assert [event.id for event in newest_first(asked.qs, size=1_000).events] == expected
    assert asked.query_text == (f"actor:{ACTORS[0]} until:2026-05-01 revenue since:2026-02-01")


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ('a "', "This quote is never closed.", '"'),
        ("mara change:creatd", "change is created, updated, deleted or other", "creatd"),
        ("a --", "Put what begins with a minus in quotes.", "--"),
        ('x "!!"', "There is no letter or digit to look for in “!!”.", '"!!"'),
        (f"x {'a' * 65}", "A word is found by itself up to 64 letters.", "a" * 65),
        ("a b " + "c." * 60, "A phrase has at most 50 words, not 60.", "c." * 60),
        (f"session:{'s' * 2400}", "session has 2,400 characters", "s" * 2400),
        ("since:now-1h until:now-2h", "The time ends before it begins.", "until:now-2h"),
        ("since:2026-13-01", "since must be a time", "2026-13-01"),
        ("a\0b", "No event can hold this character.", "\0"),
    ],
)
def test_a_wrong_query_is_an_error_that_names_the_place(
    text: str, message: str, place: str
) -> None:
    asked = EventFilterSet(
        QueryDict(urlencode({"q": text})), queryset=Event.objects.in_organization(1)
    )
    assert asked.errors["q"][0].startswith(message)
    assert asked.qs.query.is_empty()
    error = asked.grammar_error
    assert error is not None
    assert error.text[error.position : error.position + error.length] == place
    assert "^" in error.caret()
    assert asked.hints == ()
    assert asked.chips == ()


def test_each_term_is_a_chip_that_can_be_taken_away(organization: Organization) -> None:
    asked = filters(
        organization,
        'paused -"nightly rev"* -actor:mara.*,tom ns:company.* event:x* since:now-1h',
        deployment="prod",
    )
    assert [(c.param, c.label, c.text, c.excluded) for c in asked.chips] == [
        ("deployment", "Deployment", "prod", False),
        ("q", "Word", "paused", False),
        ("q", "Word", '"nightly rev"*', True),
        ("q", "User", "mara.*,tom", True),
        ("q", "Details", "ns:company.*", False),
        ("q", "Event type", "x*", False),
        ("q", "Time", "since:now-1h", False),
    ]
    assert asked.chips[1].without == {
        "q": ['-"nightly rev"* -actor:mara.*,tom ns:company.* event:x* since:now-1h'],
        "cursor": None, "newer": None, "open": None,
    }  # fmt: skip
    assert filters(organization, "paused").chips[0].without["q"] is None


def test_hints_know_the_keys_in_use(organization: Organization, log: list[Event]) -> None:
    assert filters(organization, "ns:a").hints == ()
    (hint,) = filters(organization, "deploymnt:prod").hints
    assert hint.message.endswith("Did you mean deployment:?")
    (unknown,) = filters(organization, "wqz*").hints
    assert unknown.message == "No word that is known begins with “wqz”."
    (unknown,) = filters(organization, "*wqz*").hints
    assert unknown.message == "No word that is known holds “wqz”."
    (unknown,) = filters(organization, "*wqz").hints
    assert unknown.message == "No word that is known ends with “wqz”."


def test_without_a_query_nothing_is_asked(django_assert_num_queries: Any, db: None) -> None:
    with django_assert_num_queries(0):
        asked = EventFilterSet(QueryDict("q="), queryset=Event.objects.in_organization(1))
        assert asked.criteria == asked.hints == asked.chips == ()
        assert asked.query_text == ""
        assert EventFilterSet(None, queryset=Event.objects.in_organization(1)).hints == ()
