import sys
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.browsing import Criterion, EventFilterSet, Overview, Period, overview
from audit.browsing.criteria import tag_criteria
from audit.browsing.overview import Bounds
from audit.browsing.pagination import UnknownCondition
from audit.models import Event, EventQuerySet, Organization
from tests.browsing import logs
from tests.factories import EventFactory

# The machine that runs the tests may be busy; bounds in time are tested apart.
SLOW = 60_000
ROOMY = Bounds(statement_ms=SLOW, values=1_000)
TIGHT = st.builds(
    Bounds,
    matches=st.integers(1, 60),
    walk=st.integers(61, 300),
    partitions=st.integers(1, 4),
    statement_ms=st.just(SLOW),
    values=st.just(1_000),
)


def one_of(field: str, values: list[str]) -> st.SearchStrategy[Criterion]:
    return st.builds(Criterion, st.just(field), st.tuples(st.sampled_from(values)), st.booleans())


asked_once = (
    one_of("actor", logs.ACTORS)
    | one_of("change", logs.CHANGES)
    | one_of("tag", ["ns:a", "flow:x"])
    | st.just(Period(logs.START + timedelta(days=40)))
    | st.just(Period(until=logs.START + timedelta(days=90)))
)
anything = st.lists(asked_once, max_size=3)


def counts(events: Sequence[Event]) -> dict[str, dict[str, int]]:
    """What the facets of these events must be, by brute force."""
    found: dict[str, Counter[str]] = {}
    for event in events:
        values = {
            "actor": event.actor_id,
            **{name: getattr(event, name) for name in (
                "event_type", "deployment", "resource_type", "change", "actor_kind", "outcome",
            )},
            **{f"details.{key}": value for key, value in event.details.items()},
        }  # fmt: skip
        for name, value in values.items():
            if value or name.startswith("details."):
                found.setdefault(name, Counter())[value] += 1
    return {name: dict(values) for name, values in found.items()}


def told(found: Overview) -> dict[str, dict[str, int]]:
    return {
        name: {each.value: each.count for each in facet.values}
        for name, facet in found.facets.items()
    }


def events_of(organization: Organization, *asked: Any) -> EventQuerySet:
    return Event.objects.in_organization(organization.pk).matching(*asked)


def test_what_is_counted_is_what_brute_force_counts(db: None) -> None:
    organization, _ = logs.make_log()
    everything = list(Event.objects.filter(organization=organization))

    @given(anything)
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    def check(asked: list[Criterion | Period]) -> None:
        expected = logs.matching(everything, asked)
        found = overview(events_of(organization, *asked), bounds=ROOMY)
        assert found
        assert (found.total.count, found.total.is_exact) == (len(expected), True)
        assert (found.counted, found.has_all) == (len(expected), True)
        assert told(found) == counts(expected)

    check()


def test_where_bounds_are_reached_the_newest_are_counted_and_it_is_said(db: None) -> None:
    organization, _ = logs.make_log()
    everything = list(Event.objects.filter(organization=organization))

    @given(anything, TIGHT)
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    def check(asked: list[Criterion | Period], bounds: Bounds) -> None:
        expected = logs.matching(everything, asked)
        found = overview(events_of(organization, *asked), bounds=bounds)
        assert found
        assert found.total.count <= len(expected)
        assert found.total.count <= bounds.matches
        if found.total.is_exact:
            assert found.total.count == len(expected)
        if len(expected) <= bounds.matches and bounds.walk >= 200:
            assert found.total.is_exact
        assert found.counted <= bounds.matches
        assert told(found) == counts(expected[: found.counted])

    check()


def test_rare_values_are_left_out_and_added_up(organization: Organization) -> None:
    for n in range(12):
        EventFactory.create_batch(
            2 if n < 3 else 1, organization=organization, details={"run": f"r{n:02}"}
        )
    bounds = Bounds(values=4, statement_ms=SLOW)
    asked = [("details.run", "r11"), ("actor", "r10")]
    found = overview(events_of(organization), asked=asked, bounds=bounds)
    assert found
    facet = found.facets["details.run"]
    assert [each.value for each in facet.values] == ["r00", "r01", "r02", "r03", "r11"]
    assert (facet.distinct, facet.events) == (12, 15)
    assert (facet.other_values, facet.other_events) == (7, 7)


def test_keys_that_divide_the_events_come_first(organization: Organization) -> None:
    for n in range(5):
        EventFactory.create(organization=organization, details={"id": str(n), "team": "data"})
    found = overview(events_of(organization), bounds=Bounds(keys=1, statement_ms=SLOW))
    assert found
    assert [name for name in found.facets if name.startswith("details.")] == ["details.team"]
    assert found.keys == 2


def test_a_value_is_called_what_its_events_call_it(organization: Organization) -> None:
    EventFactory.create(organization=organization)
    found = overview(events_of(organization))
    assert found
    assert found.facets["actor"].values[0].label == "Mara Ito"


def test_an_organisation_counts_its_own_events(organization: Organization) -> None:
    EventFactory.create()
    found = overview(events_of(organization))
    assert found == Overview(found.total) if found else False
    assert found.total.count == 0


def test_without_an_answer_in_time_there_is_none(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    EventFactory.create(organization=organization)
    endless = "(SELECT *, pg_sleep(1) FROM audit_event) AS audit_event"
    monkeypatch.setattr(
        sys.modules[overview.__module__],
        "by_walking",
        lambda search, columns, rows, most: (f"SELECT {columns} FROM {endless}", []),
    )
    assert overview(events_of(organization), bounds=Bounds(statement_ms=20)) is None


@pytest.mark.parametrize(
    "query", ["", "actor=ada", "actor=-ada", "q=paus*", "tag=a:b&change=other"]
)
def test_it_takes_few_statements_however_many_events(query: str, db: None) -> None:
    organization, _ = logs.make_log(size=60)
    filters = EventFilterSet(QueryDict(query), queryset=events_of(organization))
    events = filters.qs
    with CaptureQueriesContext(connection) as queries:
        overview(events, bounds=ROOMY)
    assert len([q for q in queries if "audit_" in q["sql"]]) <= 4


def test_other_conditions_are_refused(organization: Organization) -> None:
    with pytest.raises(UnknownCondition):
        overview(events_of(organization).filter(actor_id="ada"))


def test_tags_of_one_key_are_alternatives(db: None) -> None:
    organization, _ = logs.make_log(size=80)
    asked = tag_criteria(["ns:a", "ns:b"])
    expected = logs.matching(list(events_of(organization)), asked)
    found = overview(events_of(organization, *asked), bounds=ROOMY)
    assert found
    assert found.total.count == len(expected)
