from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.browsing import misspelt
from audit.browsing.grammar import parse
from audit.browsing.misspelt import suggestions
from audit.models import Organization, Word
from tests.browsing.test_asking import filters
from tests.factories import OrganizationFactory


def know(organization: Organization, *words: str) -> None:
    Word.objects.bulk_create(Word(organization=organization, word=word) for word in words)


def told(organization: Organization, text: str) -> list[tuple[str, str | None]]:
    remarks = suggestions(parse(text), organization.pk, "default")
    return [(remark.message, remark.corrected) for remark in remarks]


@pytest.mark.parametrize(
    ("text", "meant", "corrected"),
    [
        ("x nihgtly", "nightly", "x nightly"),
        ("PASUED", "paused", "paused"),
        ("zaklda", "zaklad", "zaklad"),
        ('"nightly revenu"', "revenue", '"nightly revenue"'),
        ('"nihgtly rev"*', "nightly", '"nightly rev"*'),
        ("tenat", "tenant", "tenant"),
    ],
)
def test_the_nearest_word_that_is_known_is_suggested(
    organization: Organization, text: str, meant: str, corrected: str
) -> None:
    know(organization, "x", "nightly", "paused", "revenue", "zaklad", "tenant", "tenants", "rev")
    ((message, instead),) = told(organization, text)
    assert message.endswith(f"Did you mean {meant}?")
    assert instead == corrected


def test_words_that_hold_it_are_named(organization: Organization) -> None:
    know(organization, "tenant", "covenant", "tenants", "lieutenant", "tenantless", "x")
    assert told(organization, "x ENAN") == [
        (
            "No event is known to have the word “enan”."
            " It is a part of tenant, tenants, covenant, lieutenant, …",
            "x *enan*",
        )
    ]


def test_nothing_is_said_where_nothing_can_be_known(organization: Organization) -> None:
    know(OrganizationFactory.create(), "nightly")
    assert told(organization, "nihgtly") == []  # no dictionary yet
    know(organization, "nightly")
    for text in ("nightly", "-nihgtly", "nihgtl*", "*ihgt*", "inc4711", "a" * 40, "actor:nihgtly"):
        assert told(organization, text) == []
    assert told(organization, "qqqqq") == [("No event is known to have the word “qqqqq”.", None)]


def test_where_the_dictionary_is_full_a_word_may_be_missing(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    know(organization, "nightly", "paused")
    monkeypatch.setattr(misspelt, "MAX_WORDS_LEARNT", 2)
    assert told(organization, "nihgtly") == []


def test_at_most_three_words_are_looked_after(organization: Organization) -> None:
    know(organization, "nightly")
    assert len(told(organization, "aaaa bbbb cccc dddd")) == 3


def test_known_words_cost_one_statement(
    organization: Organization, django_assert_num_queries: Any
) -> None:
    know(organization, "nightly", "paused")
    with django_assert_num_queries(1):
        assert told(organization, "nightly paused") == []
    with django_assert_num_queries(0):
        assert told(organization, "actor:x -nightly") == []


@pytest.mark.parametrize("text", ["*enan*", "enan"])
def test_parts_and_likenesses_are_looked_up_by_their_trigrams(
    organization: Organization, owner_cursor: Any, text: str
) -> None:
    owner_cursor.execute(
        "INSERT INTO audit_word SELECT %s, translate(md5(n::text), '0123456789', 'ghijklmnop')"
        " FROM generate_series(1, 30000) n",
        [organization.pk],
    )
    owner_cursor.execute("SELECT gin_clean_pending_list('audit_word_trigrams')")
    owner_cursor.execute("ANALYZE audit_word")
    with CaptureQueriesContext(connection) as captured:
        assert filters(organization, text).hints is not None
    asked = [query["sql"] for query in captured if "word LIKE" in query["sql"]]
    assert len(asked) == 1
    owner_cursor.execute("SET LOCAL pg_trgm.similarity_threshold = 0.2")
    owner_cursor.execute(f"EXPLAIN {asked[0]}")
    assert "audit_word_trigrams" in str(owner_cursor.fetchall())
