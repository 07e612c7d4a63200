from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from audit.web.settings import SECTIONS, Section
from auditsite.models import User
from tests.web.markup import read

each_section = pytest.mark.parametrize("section", SECTIONS, ids=[each.slug for each in SECTIONS])


def address(section: Section) -> str:
    return reverse(section.url_name, kwargs={"organization": "acme"})


@each_section
def test_only_admins_of_the_organisation_may_see_a_section(
    section: Section, signed_in: Callable[[User], Client], admin: User, member: User, stranger: User
) -> None:
    page = address(section)
    assert page == f"/acme/settings/{section.slug}/"
    assert signed_in(admin).get(page).status_code == 200
    assert signed_in(member).get(page).status_code == 403
    assert signed_in(stranger).get(page).status_code == 404
    assert Client().get(page)["Location"].startswith("/accounts/login/")


@each_section
def test_a_section_leads_to_all_others(
    section: Section, signed_in: Callable[[User], Client], admin: User
) -> None:
    nav = read(signed_in(admin).get(address(section))).find("nav", aria_label="Settings")
    assert [link.text for link in nav.find_all("a")] == [each.label for each in SECTIONS]
    assert nav.find("a", aria_current="page")["href"] == address(section)


def test_settings_begin_with_the_first_section(
    signed_in: Callable[[User], Client], admin: User
) -> None:
    response = signed_in(admin).get("/acme/settings/")
    assert response["Location"] == address(SECTIONS[0])


def test_every_page_leads_to_the_settings(signed_in: Callable[[User], Client], admin: User) -> None:
    client = signed_in(admin)
    link = read(client.get("/acme/events/")).find("a", data_go="s")
    assert link["href"] == "/acme/settings/"
    assert "aria-current" not in link.attributes
    here = read(client.get(address(SECTIONS[0]))).find("a", data_go="s")
    assert here["aria-current"] == "page"
