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
    for room in ("only-wide", "only-narrow"):
        shown = page.find(role="alert").find("pre", class_=room)
        assert shown.inside == ["mara change:creatd\n            ^^^^^^"]
    assert page.find(class_="hints").find("a", href="?q=mara+change:created")
    assert page.find("input", id="search-field")["data-instead"] == "mara change:created"


def test_the_box_holds_the_query_and_keeps_the_filters(
    client: Client, organization: Organization
) -> None:
    form = ask(client, 'paused "x"', deployment="prod").find("form", role="search")
    assert form.find("input", name="q")["value"] == 'paused "x"'
    assert {i["name"] for i in form.find_all("input", type="hidden")} == {"deployment"}


def test_a_hint_is_shown(client: Client, organization: Organization) -> None:
    EventFactory.create(organization=organization)
    hints = ask(client, "deploymnt:prod").find(class_="hints")
    assert "Did you mean deployment:?" in hints.text
    assert hints.find("a", href="?q=deployment:prod").text == "deployment:prod"


# --- What was searched for ----------------------------------------------------------------------


def marks(element: Element) -> list[str]:
    return [mark.text for mark in element.find_all("mark")]


def test_what_was_searched_for_is_marked(client: Client, organization: Organization) -> None:
    EventFactory.create(
        organization=organization,
        summary="Paused <b>nightly</b>",
        resource={"type": "schedule", "id": "nightly", "name": "Nightly revenue"},
        details={f"key{n}": "x" for n in range(8)} | {"flow": "NIGHTLY"},
    )
    page = ask(client, "nightly -resumed")
    assert marks(page.find("tr", class_="event")) == ["Nightly", "NIGHTLY"]
    folded = page.find("details", class_="more-tags")
    assert not marks(folded)  # what was found is not folded away
    assert not marks(ask(client, "actor:mara.ito@acme.dev"))


def test_a_row_says_where_it_was_found(client: Client, organization: Organization) -> None:
    EventFactory.create(organization=organization, summary="<i>Paused</i> and moved to 04:30")
    page = ask(client, "paused mara")
    (excerpt,) = page.find_all(class_="excerpt")
    assert excerpt.text == "summary: <i> Paused </i> and moved to 04:30"
    assert marks(excerpt) == ["Paused"]
    assert not ask(client, "mara").find_all(class_="excerpt")
    page = ask(client, "paused", columns="time,summary")
    assert not page.find_all(class_="excerpt")
    assert marks(page.find("td", class_="summary")) == ["Paused"]
    assert ask(client, "paused", columns="time,change").find(class_="excerpt")


def test_the_panel_marks_it_too(client: Client, organization: Organization) -> None:
    event = EventFactory.create(
        organization=organization, summary="Paused", details={"reason": "paused by hand"}
    )
    page = ask(client, "paused -resumed", open=str(event.id))
    assert marks(page.find("section", class_="panel")) == ["Paused", "paused"]
    link = page.find("a", id=f"show-{event.id}")
    assert link["hx-get"] == f"/acme/events/{event.id}/?q=paused"
    assert marks(read(client.get(link["hx-get"]))) == ["Paused", "paused"]
    assert not marks(read(client.get(f"/acme/events/{event.id}/?q=%22")))
