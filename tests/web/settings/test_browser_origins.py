from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from audit.models import BrowserOrigin, Event, Organization
from audit.web.settings import browser_origins
from auditsite.models import User
from tests.web.markup import read

PAGE = "/acme/settings/browser-origins/"
APP = "https://app.example.com"


@pytest.fixture
def client(signed_in: Callable[[User], Client], admin: User) -> Client:
    return signed_in(admin)


def recorded() -> list[tuple[str, str]]:
    kept = Event.objects.filter(event_type__startswith="browser_origin.").order_by("id")
    return [(event.event_type, event.resource_id) for event in kept]


def test_an_origin_is_added_and_removed_and_both_are_recorded(client: Client, admin: User) -> None:
    assert client.post(PAGE, {"origin": f"{APP}:443/"})["Location"] == PAGE
    (row,) = read(client.get(PAGE)).find_all("li", data_browser_origin=APP)
    assert str(admin) in row.text
    assert client.post(row.find("form")["action"])["Location"] == PAGE
    assert not BrowserOrigin.objects.exists()
    assert recorded() == [("browser_origin.added", APP), ("browser_origin.removed", APP)]
    assert Event.objects.filter(actor_id=admin.email).count() == 2


def test_an_origin_is_listed_once(client: Client) -> None:
    for _ in range(2):
        assert client.post(PAGE, {"origin": APP}).status_code == 302
    assert BrowserOrigin.objects.count() == 1
    assert len(recorded()) == 1


@pytest.mark.parametrize("wrong", ["", "app.example.com", "https://*.example.com", f"{APP}/path"])
def test_what_is_no_origin_is_shown_again_with_a_sentence(client: Client, wrong: str) -> None:
    response = client.post(PAGE, {"origin": wrong})
    assert response.status_code == 400
    page = read(response)
    assert page.find(id="origin_error").text.endswith(".")
    assert page.find("input", id="origin")["value"] == wrong
    assert not BrowserOrigin.objects.exists()


def test_there_is_a_limit(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser_origins, "MAX_ORIGINS", 1)
    client.post(PAGE, {"origin": APP})
    response = client.post(PAGE, {"origin": "https://b.example"})
    assert "At most 1 origins" in read(response).find(id="origin_error").text


def test_the_list_costs_the_same_however_long_it_is(
    client: Client, organization: Organization, admin: User, django_assert_num_queries: Any
) -> None:
    for number in range(6):
        BrowserOrigin.objects.create(
            organization=organization, origin=f"https://{number}.example", created_by=admin
        )
        if number in (0, 5):
            with django_assert_num_queries(6):
                client.get(PAGE)


def test_only_admins_of_the_organisation_may_remove_one(
    organization: Organization, signed_in: Callable[[User], Client], member: User, stranger: User
) -> None:
    listed = BrowserOrigin.objects.create(organization=organization, origin=APP)
    remove = f"{PAGE}{listed.pk}/remove/"
    assert signed_in(member).post(remove).status_code == 403
    assert signed_in(stranger).post(remove).status_code == 404
    other = Organization.objects.exclude(slug="acme").get()
    foreign = f"/{other.slug}/settings/browser-origins/{listed.pk}/remove/"
    assert signed_in(stranger).post(foreign).status_code == 404
    assert Client().post(remove)["Location"].startswith("/accounts/login/")
    assert BrowserOrigin.objects.exists()
