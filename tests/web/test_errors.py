from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.views import defaults

from audit.models import Role
from auditsite.models import User
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory
from tests.web.markup import read


@pytest.mark.parametrize("name", ["400.html", "403_csrf.html", "500.html"])
def test_errors_without_a_request_need_nothing(name: str) -> None:
    """No database mark on this test: a query would fail it."""
    page = render_to_string(name)
    assert "</html>" in page
    assert "<script" not in page


def test_a_crash_has_a_page_of_its_own() -> None:
    response = defaults.server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "Nothing that was recorded is affected" in response.content.decode()


def test_a_missing_page_tells_a_stranger_no_more_than_that(
    signed_in: Callable[[User], Client], stranger: User, organization: Any
) -> None:
    client = signed_in(stranger)
    ours, nowhere = client.get("/acme/events/"), client.get("/nowhere/events/")
    assert (ours.status_code, nowhere.status_code) == (404, 404)

    def main(response: Any) -> str:
        return read(response).find("main").text

    assert main(ours) == main(nowhere)


def test_a_member_is_told_why_and_where_to_go(
    signed_in: Callable[[User], Client], member: User
) -> None:
    other = OrganizationFactory.create(name="Elsewhere")
    MembershipFactory.create(user=member, organization=other, role=Role.ADMIN)
    response = signed_in(member).get("/acme/events/")
    page = read(response)
    assert response.status_code == 403
    assert "Only admins of this organisation" in page.text
    assert page.find("main").find("a")["href"] == f"/{other.slug}/events/"


def test_a_person_without_an_organisation_is_told_what_to_do(
    db: None, signed_in: Callable[[User], Client]
) -> None:
    page = read(signed_in(UserFactory.create(email="lone@acme.example")).get("/"))
    assert "You don't belong to an organisation yet" in page.text
    assert "lone@acme.example" in page.text


def test_the_switch_lists_organisations_one_administers(
    signed_in: Callable[[User], Client], admin: User
) -> None:
    other = OrganizationFactory.create(name="Beta")
    MembershipFactory.create(user=admin, organization=other, role=Role.ADMIN)
    MembershipFactory.create(user=admin, role=Role.MEMBER)
    OrganizationFactory.create(name="Not mine")
    switch = read(signed_in(admin).get("/acme/events/")).find("details", class_="framed")
    assert [link.text for link in switch.find_all("a")] == ["Acme", "Beta"]


def test_pages_have_nothing_inline(signed_in: Callable[[User], Client], admin: User) -> None:
    """The Content-Security-Policy would refuse it."""
    assert "'unsafe-inline'" not in str(settings.SECURE_CSP)
    client = signed_in(admin)
    for path in ("/acme/events/", "/acme/event-types/", "/preferences/", "/nothing/at/all/"):
        page = read(client.get(path))
        assert not page.find_all("style")
        assert not page.find_all(style=True)
        assert all(not script.inside for script in page.find_all("script"))
        for element in page.find_all():
            assert not [name for name in element.attributes if name.startswith("on")]
