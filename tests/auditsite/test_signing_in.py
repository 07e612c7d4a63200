"""Sign-in by e-mail, sign-out, and where one lands."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from audit.models import Organization
from auditsite.models import User
from tests.factories import PASSWORD, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"


def credentials(email: str, **more: str) -> dict[str, str]:
    return {"username": email, "password": PASSWORD, **more}


@pytest.mark.parametrize("spelling", ["ada@acme.example", "Ada@ACME.example"])
def test_the_address_signs_in_whatever_its_case(client: Client, spelling: str) -> None:
    UserFactory.create(email="ada@acme.example")
    response = client.post(LOGIN, credentials(spelling))
    assert (response.status_code, response.headers["Location"]) == (302, "/")


def test_an_address_differs_from_another_by_more_than_case(db: None) -> None:
    UserFactory.create(email="Ada@acme.example")
    assert User.objects.get().email == "ada@acme.example"
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory.create(email="ADA@acme.example")


def test_a_wrong_password_does_not_sign_in(client: Client) -> None:
    UserFactory.create(email="ada@acme.example")
    response = client.post(LOGIN, credentials("ada@acme.example") | {"password": "guess"})
    assert response.status_code == 200
    assert "_auth_user_id" not in client.session


def test_who_was_deactivated_does_not_sign_in(client: Client) -> None:
    User.objects.filter(pk=UserFactory.create(email="ada@acme.example").pk).update(is_active=False)
    client.post(LOGIN, credentials("ada@acme.example"))
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("destination", "followed"),
    [("/acme/events/?q=a", "/acme/events/?q=a"), ("https://elsewhere.example/", "/")],
)
def test_only_a_place_on_this_site_is_gone_on_to(
    client: Client, destination: str, followed: str
) -> None:
    UserFactory.create(email="ada@acme.example")
    response = client.post(LOGIN, credentials("ada@acme.example", next=destination))
    assert response.headers["Location"] == followed


@pytest.mark.parametrize(
    ("zone", "remembered"), [("Asia/Tokyo", "Asia/Tokyo"), ("../etc/passwd", None)]
)
def test_the_zone_of_the_browser_is_remembered(
    client: Client, zone: str, remembered: str | None
) -> None:
    UserFactory.create(email="ada@acme.example")
    client.post(LOGIN, credentials("ada@acme.example", time_zone=zone))
    cookie = client.cookies.get("time_zone")
    assert (cookie.value if cookie else None) == remembered


def test_signing_out_takes_a_post_and_ends_the_session(
    admin: User, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(admin)
    assert client.get("/accounts/logout/").status_code == 405
    assert client.post("/accounts/logout/").headers["Location"] == LOGIN
    assert "_auth_user_id" not in client.session


def test_a_form_from_elsewhere_signs_nobody_in(db: None) -> None:
    UserFactory.create(email="ada@acme.example")
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(LOGIN, credentials("ada@acme.example")).status_code == 403


def test_the_signed_out_visitor_is_asked_to_sign_in_and_comes_back(client: Client) -> None:
    response = client.get("/acme/events/?actor=a")
    assert response.headers["Location"] == "/accounts/login/?next=/acme/events/%3Factor%3Da"


def test_a_session_that_ended_meanwhile_keeps_the_page_one_was_on(client: Client) -> None:
    response = client.get(
        "/acme/events/?actor=a",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/acme/events/?actor=b"},
    )
    assert response.status_code == 200
    assert response.headers["HX-Redirect"] == "/accounts/login/?next=/acme/events/%3Factor%3Db"


def test_home_is_the_log_one_may_read(signed_in: Callable[[User], Client]) -> None:
    user = UserFactory.create()
    MembershipFactory.create(user=user, organization__slug="aardvark", role="member")
    MembershipFactory.create(user=user, organization__slug="zebra", role="admin")
    assert signed_in(user).get("/").headers["Location"] == "/zebra/events/"


def test_who_belongs_nowhere_is_told_so(
    organization: Organization, signed_in: Callable[[User], Client]
) -> None:
    user = UserFactory.create()
    page = signed_in(user).get("/")
    assert page.status_code == 200
    assert user.email in page.content.decode()
    assert organization.name not in page.content.decode()
