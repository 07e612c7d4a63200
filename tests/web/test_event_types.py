from collections.abc import Callable

import pytest
from django.test import Client

from audit.event_types import registry
from audit.models import Organization
from auditsite.models import User
from tests.web.markup import Element, read

PAGE = "/acme/event-types/"


@pytest.fixture
def client(signed_in: Callable[[User], Client], admin: User) -> Client:
    return signed_in(admin)


@pytest.fixture(params=["page", "htmx"])
def get(request: pytest.FixtureRequest, client: Client) -> Callable[..., Element]:
    headers = {"HX-Request": "true"} if request.param == "htmx" else {}

    def get(query: str = "") -> Element:
        response = client.get(PAGE + query, headers=headers)
        assert response.status_code == 200
        assert len(response.content) < 300_000
        return read(response)

    return get


def slugs(page: Element) -> set[str]:
    return {item["id"] for item in page.find_all("li", id=True)}


def test_every_type_can_be_reached(get: Callable[..., Element]) -> None:
    found: set[str] = set()
    for tab in get().find("nav", class_="tabs").find_all("a"):
        page = get(tab["href"])
        found |= slugs(page)
        for category in page.find_all("a", class_="category-link"):
            found |= slugs(get(category["href"]))
    assert found == {event_type.slug for event_type in registry}


def test_a_type_says_what_it_means_and_leads_to_its_events(get: Callable[..., Element]) -> None:
    entry = get("?origin=dagster").find("li", id="schedule.updated")
    event_type = registry.get("schedule.updated")
    assert event_type
    for text in (event_type.label, "schedule.updated", event_type.description, "Updated"):
        assert text in entry.text
    for key in event_type.details:
        assert key.name in entry.text
    assert entry.find("a")["href"] == "/acme/events/?event_type=schedule.updated"


@pytest.mark.parametrize(
    "words", ["schedule.updated", "UPDATE_SCHEDULE", "schedule UPDATED", "update+schedule"]
)
def test_search_looks_everywhere(words: str, get: Callable[..., Element]) -> None:
    assert "schedule.updated" in slugs(get(f"?q={words}"))


def test_search_stays_where_it_is_told_to(get: Callable[..., Element]) -> None:
    found = slugs(get("?q=secret&origin=dagster"))
    assert found
    assert all(
        event_type.origin == "dagster" for event_type in map(registry.get, found) if event_type
    )


def test_a_wide_search_shows_one_category_at_a_time(get: Callable[..., Element]) -> None:
    page = get("?q=e")
    assert page.find_all("a", class_="category-link")
    assert len(page.find_all("details", class_="category")) == 1


@pytest.mark.parametrize("query", ["?q=zzzz", "?q=%3Cscript%3Ezzz"])
def test_no_match_says_so(query: str, get: Callable[..., Element]) -> None:
    page = get(query)
    assert "No event type says" in page.text
    assert not slugs(page)


@pytest.mark.parametrize(
    "query", ["?origin=nonsense", "?category=nonsense", "?origin=kestra&category=x:y"]
)
def test_nonsense_in_the_address_shows_the_beginning(
    query: str, get: Callable[..., Element]
) -> None:
    assert slugs(get(query))


def test_whether_other_types_are_accepted_is_said(
    get: Callable[..., Element], client: Client, organization: Organization
) -> None:
    assert "accepted too" in read(client.get(PAGE)).text
    organization.accepts_unknown_event_types = False
    organization.save()
    assert "refused" in read(client.get(PAGE)).text
