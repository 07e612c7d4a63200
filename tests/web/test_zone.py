from collections.abc import Callable
from http.cookies import Morsel
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from audit.models import Organization
from audit.web.zone import PageZone, show_in_zone
from auditsite.models import User
from tests.web.markup import read


def zone_of(query: str = "", cookie: str = "") -> tuple[PageZone, str]:
    request = RequestFactory().get(f"/{query}")
    if cookie:
        request.COOKIES["time_zone"] = cookie
    active = []

    def view(request: HttpRequest) -> HttpResponse:
        active.append(timezone.get_current_timezone_name())
        return HttpResponse()

    show_in_zone(view)(request)
    return request.zone, active[0]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("query", "cookie", "name", "known", "linked"),
    [
        ("", "", "UTC", False, False),
        ("", "Europe/Warsaw", "Europe/Warsaw", True, False),
        ("?tz=Asia/Tokyo", "Europe/Warsaw", "Asia/Tokyo", True, True),
        ("?tz=Asia/Tokyo", "", "Asia/Tokyo", False, True),
        ("?tz=Mars/Base", "Europe/Warsaw", "Europe/Warsaw", True, False),
        ("", "../../etc/passwd", "UTC", False, False),
        ("", "x" * 5_000, "UTC", False, False),
        ("?tz=%00", "", "UTC", False, False),
    ],
)
def test_the_address_then_the_viewer_then_utc(
    query: str, cookie: str, name: str, known: bool, linked: bool
) -> None:
    zone, active = zone_of(query, cookie)
    assert (zone.name, active) == (name, name)
    assert (zone.is_known, zone.is_linked) == (known, linked)


def test_the_zone_is_left_with_the_request() -> None:
    zone_of("?tz=Asia/Tokyo")
    assert timezone.get_current_timezone_name() == "UTC"


def test_the_bar_shows_the_zone_and_its_offset(
    signed_in: Callable[[User], Client], admin: User
) -> None:
    page = read(signed_in(admin).get("/acme/events/?tz=Asia/Kolkata"))
    assert "Asia/Kolkata UTC+05:30" in page.find("details", class_="zone").text


# --- Preferences --------------------------------------------------------------------------------


@pytest.fixture
def client(signed_in: Callable[[User], Client], admin: User) -> Client:
    return signed_in(admin)


def cookie(response: Any, name: str) -> Morsel[str]:
    morsel: Morsel[str] = response.cookies[name]
    return morsel


def test_preferences_are_kept_for_a_year(client: Client) -> None:
    response = client.post(
        "/preferences/",
        {"theme": "dark", "time_zone": "Europe/Warsaw", "next": "/acme/events/?x=1"},
    )
    assert response.headers["Location"] == "/acme/events/?x=1"
    theme, zone = cookie(response, "theme"), cookie(response, "time_zone")
    assert (theme.value, zone.value) == ("dark", "Europe/Warsaw")
    for morsel in (theme, zone):
        assert (morsel["max-age"], morsel["samesite"]) == (31_536_000, "Lax")
    assert theme["httponly"]
    assert not zone["httponly"]  # the script that guesses a zone must see that there is one
    assert 'data-theme="dark"' in client.get("/acme/events/").content.decode()


def test_one_preference_changes_alone(client: Client) -> None:
    response = client.post("/preferences/", {"theme": "light"})
    assert list(response.cookies) == ["theme"]


@pytest.mark.parametrize(
    "next", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""]
)
def test_another_site_is_not_followed(next: str, client: Client) -> None:
    response = client.post("/preferences/", {"theme": "dark", "next": next})
    assert response.headers["Location"] == "/preferences/"


@pytest.mark.parametrize("sent", [{"time_zone": "Mars/Base"}, {"theme": "pink"}])
def test_a_wrong_preference_is_refused(sent: dict[str, str], client: Client) -> None:
    response = client.post("/preferences/", sent)
    assert response.status_code == 400
    assert not response.cookies.keys() & {"theme", "time_zone"}


def test_an_unknown_theme_in_a_cookie_follows_the_system(client: Client) -> None:
    client.cookies["theme"] = '"><script>'
    assert "data-theme" not in client.get("/acme/events/").content.decode()


def test_preferences_are_for_people_who_are_signed_in(organization: Organization) -> None:
    assert Client().post("/preferences/", {"theme": "dark"}).status_code == 302
    assert not Client().post("/preferences/", {"theme": "dark"}).cookies.keys() & {"theme"}


def test_a_forged_form_is_refused(admin: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    response = client.post("/preferences/", {"theme": "dark"})
    assert response.status_code == 403
    assert "This page was open for too long" in response.content.decode()


def test_the_page_lists_every_zone_once(client: Client) -> None:
    page = read(client.get("/preferences/?next=/acme/events/"))
    zones = [option.text for option in page.find("select").find_all("option")]
    assert zones[0] == "UTC"
    assert "Europe/Warsaw" in zones
    assert len(zones) == len(set(zones))
    assert page.find("a", href="/acme/events/", class_="ghost").text == "Cancel"
