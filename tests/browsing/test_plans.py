"""How PostgreSQL answers the statements of a page: by which indexes, of which partitions.

Costs in milliseconds are what ``make bench`` measures; that a plan is the one that stays cheap
however long the log gets is promised here.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.http import QueryDict

from audit.browsing import EventFilterSet, Limits, newest_first
from audit.management.bench import vocabulary
from audit.management.bench.filling import Filling
from audit.models import Event, Organization
from tests.factories import OrganizationFactory

SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
MONTHS = {f"audit_event_2026{month:02}01" for month in (1, 2, 3)}
RARE = {
    "actor": [vocabulary.actor_id(30)],
    "tag": ["region:us-east", "region:ap-south"],
}
# So few that the walk never finds enough, and what comes after it is asked as well.
SHORT = Limits(walk=20, deep_walk=40)


@dataclass(frozen=True)
class Plan:
    statement: str
    nodes: tuple[dict[str, Any], ...]

    def named(self, key: str) -> set[str]:
        return {node[key] for node in self.nodes if key in node}

    @property
    def types(self) -> set[str]:
        return self.named("Node Type")

    @property
    def partitions(self) -> set[str]:
        """Those read that hold events: which way an empty one is read says nothing."""
        return self.named("Relation Name") & MONTHS


@pytest.fixture
def log(db: None, owner_cursor: CursorWrapper) -> Organization:
    """Two organisations' events in three months, with the statistics that recording keeps."""
    organizations = [OrganizationFactory.create(), OrganizationFactory.create()]
    filling = Filling(organizations=organizations, count=9_000, since=SINCE, until=UNTIL)
    assert sum(filling.write()) == 9_000
    for month in MONTHS:  # as an autovacuum does
        owner_cursor.execute("SELECT gin_clean_pending_list(%s)", [f"{month}_terms_idx"])
    filling.finish()
    return organizations[0]


def plans_of(work: Callable[[], object]) -> list[Plan]:
    """The plans of all that is asked of the database meanwhile."""
    asked: list[tuple[str, Any]] = []

    def listen(execute: Callable[..., Any], sql: str, params: Any, *args: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, *args)

    with connection.execute_wrapper(listen):
        work()
    return [explained(sql, params) for sql, params in asked]


def explained(sql: str, params: Any) -> Plan:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        (found,) = cursor.fetchone()
    tree = json.loads(found) if isinstance(found, str) else found
    return Plan(sql, tuple(nodes_below(tree[0]["Plan"])))


def nodes_below(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from nodes_below(child)


def page_plans(
    organization: Organization, asked: dict[str, list[str]], limits: Limits = SHORT
) -> dict[str, Plan]:
    """Of the statements of one page, by the step of the search that each belongs to."""
    data = QueryDict(mutable=True)
    for name, values in asked.items():
        data.setlist(name, values)
    visible = Event.objects.in_organization(organization.pk)
    filters = EventFilterSet(data, queryset=visible)
    assert not filters.errors
    plans = plans_of(lambda: newest_first(filters.qs, limits=limits))
    return {step(plan.statement): plan for plan in plans}


def step(sql: str) -> str:
    signs = {
        "MATERIALIZED": "arms", "walked": "walk", "OFFSET": "edge", "audit_partition": "partitions",
        "= ANY (": "events", "audit_word": "words", "audit_dictionary": "values",
    }  # fmt: skip
    return next(name for sign, name in signs.items() if sign in sql)


def test_a_page_without_filters_is_read_off_the_key(log: Organization) -> None:
    (walk,) = page_plans(log, {}).values()
    assert walk.types <= {"Limit", "Append", "Index Scan", "Subquery Scan"}
    assert all(name.endswith("_pkey") for name in walk.named("Index Name"))


def test_every_step_of_a_search_is_read_off_an_index(log: Organization) -> None:
    plans = page_plans(log, RARE)
    assert [*plans] == ["walk", "edge", "partitions", "arms", "events"]
    del plans["partitions"]  # PostgreSQL's own catalogue
    for plan in plans.values():
        read = [node for node in plan.nodes if node.get("Relation Name") in MONTHS]
        assert read
        assert "Seq Scan" not in {node["Node Type"] for node in read}
    for name in ("walk", "edge"):
        assert "Sort" not in plans[name].types
    for name in ("walk", "edge", "events"):
        assert all(index.endswith("_pkey") for index in plans[name].named("Index Name"))


def test_matches_are_found_by_terms_in_every_month(log: Organization) -> None:
    arms = page_plans(log, RARE)["arms"]
    by_terms = [node for node in arms.nodes if node["Node Type"] == "Bitmap Index Scan"]
    indexes = {node["Index Name"] for node in by_terms}
    assert {f"{month}_terms_idx" for month in MONTHS} <= indexes
    assert arms.partitions == MONTHS
    for node in by_terms:
        if "terms_idx" in node["Index Name"]:
            assert "(terms @> " in node["Index Cond"]
            assert "(terms && " in node["Index Cond"]


@pytest.mark.parametrize(
    "asked",
    [
        {"request_id": ["req_0"]},
        {"session": ["s_1"]},
        {"q": ["zyzzyva"]},
        {"q": ['"load test flow"']},
        {"q": ["revision:*"]},
        {"q": ["namespace:company.web.*"]},
    ],
)
def test_each_kind_of_value_is_found_by_terms(
    log: Organization, asked: dict[str, list[str]]
) -> None:
    arms = page_plans(log, asked)["arms"]
    assert {f"{month}_terms_idx" for month in MONTHS} <= arms.named("Index Name")


def test_a_time_range_leaves_other_months_alone(log: Organization) -> None:
    of_february = {"since": ["2026-02-03T00:00Z"], "until": ["2026-02-20T00:00Z"]}
    plans = page_plans(log, RARE | of_february)
    for name in ("walk", "edge", "arms"):
        assert plans[name].partitions == {"audit_event_20260201"}


def test_a_permalink_reads_one_month(log: Organization) -> None:
    newest = Event.objects.in_organization(log.pk).order_by("-id")[0]
    visible = Event.objects.in_organization(log.pk)
    (plan,) = plans_of(lambda: visible.get(id=newest.id))
    assert plan.named("Relation Name") == {"audit_event_20260301"}
    assert plan.named("Index Name") == {"audit_event_20260301_pkey"}


def test_what_is_begun_is_looked_up_in_the_dictionaries_key(
    organization: Organization, owner_cursor: CursorWrapper
) -> None:
    organizations = [
        organization.pk,
        *(OrganizationFactory.create().pk for _ in range(39)),
    ]  # of more, a count would read all
    owner_cursor.execute(
        "INSERT INTO audit_word SELECT unnest(%s), 'w' || n FROM generate_series(1, 2000) AS n",
        [organizations],
    )
    owner_cursor.execute(
        "INSERT INTO audit_dictionary (organization_id, field, value, label)"
        " SELECT unnest(%s), 'details.k' || n %% 50, 'v' || n, '' FROM generate_series(1, 2000) n",
        [organizations],
    )
    owner_cursor.execute("ANALYZE audit_word, audit_dictionary")
    plans = page_plans(organization, {"q": ["wor* k7:v1*"]})
    for name in ("words", "values"):
        assert "Seq Scan" not in plans[name].types
        assert plans[name].named("Index Name")
