"""The events page with a query in its address."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.test import Client

from audit.models import Organization
from auditsite.models import User
from tests.factories import EventFactory
from tests.web.markup import Element, read

LIST = "/acme/events/"


@pytest.fixture
def client(signed_in: Callable[[User], Client], admin: User) -> Client:
    return signed_in(admin)


def ask(client: Client, q: str, status: int = 200, **others: str) -> Element:
    response = client.get(f"{LIST}?{urlencode({'q': q, **others})}")
    assert response.status_code == status
    return read(response)


def rows(page: Element) -> int:
    return len(page.find_all("tr", class_="event"))


def test_a_query_narrows_the_list(client: Client, organization: Organization) -> None:
    EventFactory.create(organization=organization, summary="Paused nightly")
    EventFactory.create(
        organization=organization, summary="Paused", actor={"kind": "user", "id": "x"}
    )
    EventFactory.create(organization=organization, event_type="kestra.tenant.create")
    assert rows(ask(client, "PAUSED")) == 2
    assert rows(ask(client, "actor:mara.ito@acme.dev paused")) == 1
    assert rows(ask(client, "Tenant")) == 1


def test_each_term_can_be_taken_away(client: Client, organization: Organization) -> None:
    EventFactory.create(organization=organization, summary="Paused nightly")
    page = ask(client, "paused -resumed")
    links = [link["href"] for link in page.find_all("a", class_="remove")]
    assert links == ["?q=-resumed", "?q=paused"]


def test_what_keeps_events_away_is_offered_to_be_taken_away(
    client: Client, organization: Organization
) -> None:
    EventFactory.create(organization=organization, summary="Paused nightly")
    page = ask(client, "paused resumed")
    assert rows(page) == 0
    assert page.find_all("a", href="?q=paused")


@pytest.mark.parametrize("q", ['"', "change:creatd", "-", "!!", "since:x", "a" * 6_000, "\0", "*"])
def test_a_wrong_query_is_told_and_never_breaks_the_page(
    client: Client, organization: Organization, q: str
) -> None:
    page = ask(client, q, status=400)
    assert page.find(role="alert").find("li").text


def test_the_place_of_a_mistake_is_shown(client: Client, organization: Organization) -> None:
    page = ask(client, "mara change:creatd", status=400)
    assert page.find(role="alert").find("pre").inside == ["mara change:creatd\n            ^^^^^^"]
    assert page.find(role="alert").find("a", href="?q=mara+change:created")


def test_the_box_holds_the_query_and_keeps_the_filters(
    client: Client, organization: Organization
) -> None:
    form = ask(client, 'paused "x"', deployment="prod").find("form", role="search")
    assert form.find("input", name="q")["value"] == 'paused "x"'
    assert {i["name"] for i in form.find_all("input", type="hidden")} == {"deployment"}


def test_a_hint_is_shown(client: Client, organization: Organization) -> None:
    EventFactory.create(organization=organization)
    assert "Did you mean deployment:?" in ask(client, "deploymnt:prod").find(class_="hints").text
