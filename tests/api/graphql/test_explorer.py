"""Queries tried out in the browser."""

from collections.abc import Callable

import pytest
from django.test import Client

from audit.api.graphql.examples import EXAMPLES, Example
from audit.models import Organization
from auditsite.models import User
from tests.factories import EventFactory
from tests.web.markup import read

pytestmark = pytest.mark.django_db

PAGE = "/acme/graphql/"
type SignIn = Callable[[User], Client]


def test_a_browser_is_led_to_the_page(admin: User, signed_in: SignIn) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for path in ("/acme/graphql", "/acme/prod/graphql"):
        response = signed_in(admin).get(path, {"query": "{ x }"}, headers=browser)
        assert (response.status_code, response["Location"]) == (302, f"{PAGE}?query=%7B+x+%7D")


def test_the_page_is_for_admins(
    admin: User, member: User, stranger: User, signed_in: SignIn
) -> None:
    assert signed_in(admin).get(PAGE).status_code == 200
    assert signed_in(member).get(PAGE).status_code == 403
    assert signed_in(stranger).get(PAGE).status_code == 404
    assert Client().get(PAGE).status_code == 302
    assert Client(enforce_csrf_checks=True).post(PAGE).status_code == 403


@pytest.mark.parametrize("example", EXAMPLES, ids=[each.name for each in EXAMPLES])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "htmx"])
def test_every_example_runs(
    organization: Organization,
    admin: User,
    signed_in: SignIn,
    example: Example,
    headers: dict[str, str],
) -> None:
    EventFactory.create(organization=organization, before=[1], after=[2])
    client = signed_in(admin)
    page = read(client.get(PAGE, {"example": example.name}))
    given = {name: page.find("textarea", id=name).text.strip() for name in ("query", "variables")}
    # ``text`` has single spaces, which mean the same.
    assert given["query"] == " ".join(example.query.split())
    response = client.post(PAGE, given, headers=headers)
    answer = read(response).find("section", id="answer").text
    assert '"data"' in answer
    assert '"errors"' not in answer
    assert ("<h1" in response.content.decode()) is not bool(headers)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"query": "{ nothing }"}, "Cannot query field"),
        ({"query": "{ __typename }", "variables": "{"}, "The variables are not JSON"),
        ({"query": "{ __typename }", "variables": "[]"}, "The variables must be an object."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    admin: User, signed_in: SignIn, given: dict[str, str], said: str
) -> None:
    page = read(signed_in(admin).post(PAGE, given))
    assert said in page.find("section", id="answer").text
    assert page.find("textarea", id="query").text.strip() == given["query"]


def test_the_page_says_what_can_be_asked(admin: User, signed_in: SignIn) -> None:
    text = read(signed_in(admin).get(PAGE)).text
    assert "auditLogEntries(limit: Int" in text
    assert "SET_ALERT_POLICY_MUTE_UNTIL" in text
