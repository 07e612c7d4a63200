"""All that an event holds, in pages."""

import json
from typing import Any

import pytest
from django.test import Client

from audit.api import cursors
from audit.api.graphql.filters import EventFilters
from audit.api.searching import PARAMETERS
from audit.browsing import documents
from audit.models import Organization
from tests.api.graphql.conftest import Ask
from tests.factories import EventFactory, OrganizationFactory

pytestmark = pytest.mark.django_db

PAGE = """
query ($query: String, $first: Int! = 50, $after: String, $filters: EventFilters) {
  events(query: $query, first: $first, after: $after, filters: $filters) {
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    searchedBackTo
  }
}
"""
EVERYTHING = """
fragment all on Event {
  id occurredAt recordedAt actor { kind id name impersonator } eventType label sentence
  type { slug category details { name } } change outcome resource { type id name } deployment
  branchDeployment details summary session ip userAgent requestId changedPaths
  hasBefore hasAfter before after patch
  diffSummary { added removed changed moved retyped limitation }
}
"""


def data(answer: Any) -> Any:
    assert "errors" not in answer, answer
    return answer["data"]


def refusal(answer: Any) -> str:
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    return str(error["message"])


def test_the_filters_are_those_of_the_page() -> None:
    assert {*EventFilters.__annotations__, "q"} == set(PARAMETERS)


def test_an_event_has_all_that_it_holds(organization: Organization, ask: Ask) -> None:
    event = EventFactory.create(
        organization=organization,
        resource={"id": "nightly"},
        deployment="prod",
        details={"namespace": "company"},
        session="s_1",
        before={"n": 1, "gone": []},
        after={"n": 2},
    )
    query = "query ($id: ID!) { event(id: $id) { ...all } }" + EVERYTHING
    found = data(ask(query, id=str(event.id)))["event"]
    assert found["occurredAt"] == event.occurred_at.isoformat()
    assert found["actor"] == {
        "kind": "USER", "id": "mara.ito@acme.dev", "name": "Mara Ito", "impersonator": None,
    }  # fmt: skip
    assert found["sentence"] == "Mara Ito updated schedule nightly in prod"
    assert (found["label"], found["type"]["category"]) == ("Update schedule", "Automation")
    assert (found["change"], found["outcome"]) == ("UPDATED", "SUCCESS")
    assert found["details"] == {"namespace": "company"}
    assert found["changedPaths"] == ["/n", "/gone"]
    assert (found["before"], found["after"]) == ({"n": 1, "gone": []}, {"n": 2})
    assert {"op": "remove", "path": "/gone"} in found["patch"]
    assert found["diffSummary"] == {
        "added": 0, "removed": 1, "changed": 1, "moved": 0, "retyped": 0, "limitation": "",
    }  # fmt: skip


def test_no_document_is_not_a_document_that_is_null(organization: Organization, ask: Ask) -> None:
    EventFactory.create(organization=organization)
    EventFactory.create(organization=organization, after=None)
    query = "{ events { nodes { hasBefore hasAfter after patch diffSummary { added } } } }"
    created, without = data(ask(query))["events"]["nodes"]
    assert (created["hasBefore"], created["hasAfter"], created["after"]) == (False, True, None)
    assert created["patch"] == [{"op": "add", "path": "", "value": None}]
    assert (without["hasAfter"], without["patch"], without["diffSummary"]) == (False, None, None)


def test_numbers_are_spelt_as_they_were_recorded(
    organization: Organization, reader: str, post: Any
) -> None:
    deep = "[" * 255 + "1.10" + "]" * 255
    sent = {"event_type": "job.run", "actor": {"kind": "system", "id": "cron"}, "after": "HERE"}
    for document in ('{"n":1.10,"big":12345678901234567890123}', deep):
        assert post(json.dumps(sent).replace('"HERE"', document).encode()).status_code == 201
        answer = Client().get(
            "/acme/graphql",
            {"query": '{ events(query: "event:job.run") { nodes { after patch } } }'},
            headers={"Authorization": f"Bearer {reader}"},
        )
        assert answer.content.decode().count(document) == 2


def test_pages_go_on_from_their_cursors(organization: Organization, ask: Ask) -> None:
    made = [str(EventFactory.create(organization=organization).id) for _ in range(5)]
    found, after = [], None
    for has_next in (True, True, False):
        page = data(ask(PAGE, first=2, after=after, query="schedule"))["events"]
        assert page["pageInfo"]["hasNextPage"] is has_next
        assert page["pageInfo"]["hasPreviousPage"] is bool(after)
        assert page["searchedBackTo"] is None
        found += [edge["node"]["id"] for edge in page["edges"]]
        assert page["edges"][-1]["cursor"] == page["pageInfo"]["endCursor"]
        assert page["edges"][0]["cursor"] == page["pageInfo"]["startCursor"]
        after = page["pageInfo"]["endCursor"]
    assert found == made[::-1]


def test_a_cursor_is_good_for_its_own_list_only(organization: Organization, ask: Ask) -> None:
    EventFactory.create_batch(3, organization=organization)
    cursor = data(ask(PAGE, first=1, filters={"actor": ["mara.ito@acme.dev"]}))
    cursor = cursor["events"]["pageInfo"]["endCursor"]
    same = ask(PAGE, after=cursor, filters={"actor": ["mara.ito@acme.dev"], "tag": []})
    assert len(data(same)["events"]["edges"]) == 2
    assert refusal(ask(PAGE, after=cursor)).startswith("This cursor belongs to other filters.")
    other = {"actor": ["mara.ito@acme.dev", "tom@acme.dev"]}
    assert refusal(ask(PAGE, after=cursor, filters=other)).startswith("This cursor belongs")
    for wrong in ("nonsense", cursor[:-1], f"x{cursor}", "\0", "\ud800", "~"):
        assert refusal(ask(PAGE, after=wrong)).startswith("This is no cursor of this log.")


def test_a_cursor_of_another_organisation_is_none_here(
    organization: Organization, ask: Ask
) -> None:
    event = EventFactory.create(organization=organization)
    other = cursors.sign(event.id, OrganizationFactory.create(), {})
    assert refusal(ask(PAGE, after=other)).startswith("This is no cursor of this log.")
    own = cursors.sign(event.id, organization, {})
    assert data(ask(PAGE, after=own))["events"]["edges"] == []


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"first": 0}, "A page has 1 to 1,000 events, not 0."),
        ({"first": 1_001}, "A page has 1 to 1,000 events, not 1,001."),
        ({"query": "change:creatd"}, "change is created, updated, deleted or other"),
        ({"filters": {"outcome": ["failed"]}}, "outcome must be success, failure or denied"),
        ({"filters": {"since": "yesterday"}}, "since must be a time"),
        ({"query": "x" * 5_001}, "A query has at most 5,000 characters"),
    ],
)
def test_what_cannot_be_asked_is_an_error_that_says_so(
    ask: Ask, variables: dict[str, Any], said: str
) -> None:
    assert refusal(ask(PAGE, **variables)).startswith(said)


def test_query_and_filters_both_apply(organization: Organization, ask: Ask) -> None:
    wanted = EventFactory.create(organization=organization, details={"team": "a"}, summary="pause")
    EventFactory.create(organization=organization, details={"team": "a"})
    EventFactory.create(organization=organization, details={"team": "b"}, summary="pause")
    filters = {"tag": ["-team:b"], "changeIsNotAField": None}
    assert "errors" in ask(PAGE, filters=filters)
    page = data(ask(PAGE, query="pause", filters={"tag": ["-team:b"]}))["events"]
    assert [edge["node"]["id"] for edge in page["edges"]] == [str(wanted.id)]


def test_an_event_of_another_organisation_is_null(organization: Organization, ask: Ask) -> None:
    query = "query ($id: ID!) { event(id: $id) { id } }"
    assert data(ask(query, id=str(EventFactory.create().id))) == {"event": None}
    assert refusal(ask(query, id="nonsense")) == "id is the id of an event, a UUID."


def test_the_history_of_a_resource(organization: Organization, ask: Ask) -> None:
    for name in ("a/b", "a/b", "c"):
        EventFactory.create(organization=organization, resource={"id": name})
    query = '{ resourceHistory(type: "schedule", id: "a/b") { nodes { resource { id } } } }'
    nodes = data(ask(query))["resourceHistory"]["nodes"]
    assert [node["resource"]["id"] for node in nodes] == ["a/b", "a/b"]


def test_counts(organization: Organization, ask: Ask) -> None:
    EventFactory.create_batch(3, organization=organization, details={"team": "a"})
    EventFactory.create(organization=organization, event_type="secret.deleted")
    EventFactory.create()
    answer = data(
        ask(
            """{ facets { total { count isExact } isComplete
                   facets { field values { value label count } otherValues } }
                 histogram(query: "-team:b") { isExact width bars { count deleted } } }"""
        )
    )
    assert answer["facets"]["total"] == {"count": 4, "isExact": True}
    facets = {each["field"]: each["values"] for each in answer["facets"]["facets"]}
    assert facets["details.team"] == [{"value": "a", "label": "a", "count": 3}]
    assert facets["event_type"][0] == {
        "value": "schedule.updated", "label": "Update schedule", "count": 3,
    }  # fmt: skip
    assert answer["histogram"]["isExact"]
    assert sum(bar["count"] for bar in answer["histogram"]["bars"]) == 4
    assert sum(bar["deleted"] for bar in answer["histogram"]["bars"]) == 1


def test_the_catalogue(ask: Ask) -> None:
    types = data(ask('{ eventTypes(origin: "dagster") { slug alias } all: eventTypes { slug } }'))
    assert {"slug": "schedule.updated", "alias": "UPDATE_SCHEDULE"} in types["eventTypes"]
    assert len(types["all"]) > len(types["eventTypes"]) == 43


def test_a_page_costs_the_same_whatever_is_selected(
    organization: Organization, ask: Ask, django_assert_num_queries: Any
) -> None:
    EventFactory.create_batch(12, organization=organization, before=[1], after=[2])
    everything = "query ($n: Int!) { events(first: $n) { nodes { ...all } } }" + EVERYTHING
    data(ask(everything, n=1))
    for n in (2, 10):
        with django_assert_num_queries(4):  # the key, its rate, the events, their documents
            assert len(data(ask(everything, n=n))["events"]["nodes"]) == n
    with django_assert_num_queries(3):
        data(ask(PAGE, first=10))


def test_more_documents_than_an_answer_holds_are_an_error_of_their_own(
    organization: Organization, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents.Documents.__init__, "__defaults__", (30,))
    old, new = (EventFactory.create(organization=organization, after=["x" * 20]) for _ in "12")
    answer = ask("{ events { nodes { id after } } }")
    found = {node["id"]: node["after"] for node in answer["data"]["events"]["nodes"]}
    assert found == {str(new.id): ["x" * 20], str(old.id): None}
    assert "too much for one answer" in answer["errors"][0]["message"]
    alone = ask("query ($id: ID!) { event(id: $id) { after } }", id=str(old.id))
    assert data(alone)["event"] == {"after": ["x" * 20]}
