"""Searching over HTTP: the events page for programs."""

import json
import re
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client

from audit.api.event_schema import EVENT
from audit.browsing import documents
from audit.models import Organization
from tests.factories import EventFactory, OrganizationFactory

pytestmark = pytest.mark.django_db

EVENTS = "/acme/api/events"


def get(key: str, path: str = EVENTS, query: Any = None, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client().get(path, query, headers={"Authorization": f"Bearer {key}"} | named)


def ids(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [event["id"] for event in response.json()["events"]]


def links(response: Any) -> dict[str, str]:
    return {name: url for url, name in re.findall(r'<([^>]+)>; rel="(\w+)"', response["Link"])}


def problem(response: Any, status: int = 400) -> Any:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    return response.json()["detail"]


def test_events_come_newest_first_as_exports_have_them(
    organization: Organization, reader: str
) -> None:
    EventFactory.create()
    made = [str(EventFactory.create(organization=organization, after=[1]).id) for _ in "123"]
    response = get(reader)
    assert ids(response) == made[::-1]
    assert (response.json()["next"], response.json()["searched_back_to"]) == (None, None)
    for event in response.json()["events"]:
        jsonschema_rs.validate(EVENT, event)
        assert "after" not in event


def test_documents_come_if_they_are_asked_for_just_as_they_were_sent(
    organization: Organization, reader: str, post: Any
) -> None:
    body = json.dumps({"event_type": "job.run", "actor": {"kind": "system", "id": "c"}, "after": 0})
    post(body.replace('"after": 0', '"after": {"n":1.10}').encode())
    response = get(reader, query={"documents": "true", "event_type": "job.run"})
    assert '"after":{"n":1.10}' in response.content.decode()


def test_links_lead_to_every_event_once(organization: Organization, reader: str) -> None:
    made = [str(EventFactory.create(organization=organization).id) for _ in range(5)]
    response = get(reader, query={"limit": "2", "actor": "mara.ito@acme.dev", "q": "schedule"})
    first, found = links(response)["first"], ids(response)
    while "next" in links(response):
        assert response.json()["next"] == links(response)["next"]
        response = get(reader, links(response)["next"])
        assert links(response)["first"] == first
        found += ids(response)
    assert found == made[::-1]


def test_a_page_ends_where_documents_fill_it(
    organization: Organization, reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents.Documents.__init__, "__defaults__", (60,))
    made = [
        str(EventFactory.create(organization=organization, after=["x" * 20]).id) for _ in range(5)
    ]
    response = get(reader, query={"documents": "true"})
    found = ids(response)
    assert 0 < len(found) < 5
    while "next" in links(response):
        response = get(reader, links(response)["next"])
        found += ids(response)
    assert found == made[::-1]


def test_the_parameters_are_those_of_the_events_page(
    organization: Organization, reader: str
) -> None:
    wanted = EventFactory.create(organization=organization, details={"team": "a"}, summary="pause")
    EventFactory.create(organization=organization, details={"team": "b"}, summary="pause")
    EventFactory.create(organization=organization, details={"team": "a"})
    response = get(reader, query={"tag": ["team:a", "team:c"], "q": "pause", "outcome": "-failure"})
    assert ids(response) == [str(wanted.id)]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"limit": "0"}, "limit is 1 to 1,000, not “0”."),
        ({"limit": "1" * 5_000}, "limit is 1 to 1,000"),
        ({"documents": "yes"}, "documents is true or false"),
        ({"cursor": "nonsense"}, "This is no cursor of this log."),
        ({"userId": "x"}, "There is no parameter userId."),
        ({"q": "change:creatd"}, "change is created, updated, deleted or other"),
        ({"outcome": "x"}, "outcome must be"),
        ({"since": "now", "until": "2001-01-01"}, "since must not be later than until."),
    ],
)
def test_a_wrong_parameter_is_a_problem_that_says_so(
    reader: str, query: dict[str, str], said: str
) -> None:
    assert problem(get(reader, query=query)).startswith(said)


def test_a_cursor_is_good_for_its_own_search_only(organization: Organization, reader: str) -> None:
    EventFactory.create_batch(3, organization=organization)
    following = links(get(reader, query={"limit": "1"}))["next"]
    assert problem(get(reader, f"{following}&actor=x")).startswith("This cursor belongs")
    assert len(ids(get(reader, following.replace("limit=1", "limit=9")))) == 2


def test_what_has_not_changed_is_not_sent_again(organization: Organization, reader: str) -> None:
    event = EventFactory.create(organization=organization)
    for path in (EVENTS, f"{EVENTS}/{event.id}", "/acme/api/event-types", "/acme/api/facets"):
        first = get(reader, path)
        again = get(reader, path, If_None_Match=first["ETag"])
        assert (again.status_code, again.content) == (304, b"")
    etag = get(reader)["ETag"]
    EventFactory.create(organization=organization)
    assert get(reader, If_None_Match=etag).status_code == 200


def test_the_history_of_a_resource(organization: Organization, reader: str) -> None:
    mine = EventFactory.create(organization=organization, resource={"id": "a/b c"})
    EventFactory.create(organization=organization, resource={"id": "a"})
    path = "/acme/api/resources/schedule/a/b%20c/history"
    assert ids(get(reader, path)) == [str(mine.id)]
    assert ids(get(reader, path, {"outcome": "failure"})) == []


def test_the_diff_is_told_line_by_line_and_as_a_patch(
    organization: Organization, reader: str
) -> None:
    event = EventFactory.create(
        organization=organization, before={"paused": False, "n": 1}, after={"paused": True, "n": 1}
    )
    body = get(reader, f"{EVENTS}/{event.id}/diff").json()
    assert body["patch"] == [{"op": "replace", "path": "/paused", "value": True}]
    assert (body["summary"]["changed"], body["limitation"]) == (1, "")
    (changed,) = [row for row in body["rows"] if row["kind"] == "changed"]
    assert changed["before"] == {
        "number": 2, "text": '  "paused": false,', "note": "", "pointer": "/paused",
    }  # fmt: skip
    without = EventFactory.create(organization=organization)
    assert problem(get(reader, f"{EVENTS}/{without.id}/diff"), 404) == "There are no documents."


def test_documents_as_deep_as_can_be_have_a_diff(
    organization: Organization, reader: str, post: Any
) -> None:
    body = json.dumps({"event_type": "job.run", "actor": {"kind": "system", "id": "c"}, "after": 0})
    deep = "[" * 256 + "]" * 256
    sent = post(body.replace('"after": 0', f'"after": {deep}').encode()).json()
    response = get(reader, f"{EVENTS}/{sent['ids'][0]}/diff")
    assert response.status_code == 200
    assert deep in response.content.decode()


def test_counts_and_the_catalogue(organization: Organization, reader: str) -> None:
    EventFactory.create_batch(2, organization=organization, details={"team": "a"})
    EventFactory.create(organization=organization)
    facets = get(reader, "/acme/api/facets", {"q": "team:*"}).json()
    assert facets["total"] == {"count": 2, "is_exact": True}
    values = facets["facets"]["event_type"]["values"]
    assert values == [{"value": "schedule.updated", "label": "Update schedule", "count": 2}]
    bars = get(reader, "/acme/api/histogram").json()["bars"]
    assert sum(bar["count"] for bar in bars) == 3
    types = get(reader, "/acme/api/event-types").json()["event_types"]
    assert "UPDATE_SCHEDULE" in {each["alias"] for each in types}


PATHS = (
    EVENTS, "/acme/api/facets", "/acme/api/histogram", "/acme/api/event-types",
    "/acme/api/resources/schedule/nightly/history",
    "/acme/api/events/019abf3e-77aa-7c41-9b2e-5d0f4a6e1c22/diff",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_reading_needs_a_key_of_this_organisation_that_may(
    reader: str, key: str, path: str
) -> None:
    OrganizationFactory.create(slug="other")
    problem(get("", path), 401)
    problem(get(key, path), 403)
    problem(get(reader, path.replace("acme", "other")), 404)


def test_a_page_costs_the_same_whatever_is_on_it(
    organization: Organization, reader: str, django_assert_num_queries: Any
) -> None:
    EventFactory.create_batch(12, organization=organization, after=[1])
    get(reader)
    for limit in ("2", "10"):
        with django_assert_num_queries(3):  # the key, its rate, the events
            get(reader, query={"limit": limit})
        with django_assert_num_queries(4):
            get(reader, query={"limit": limit, "documents": "true"})
