"""What the search box offers while one types."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import Organization
from audit.recording import record_many
from auditsite.models import User
from tests.factories import START, EventFactory
from tests.web.markup import Element, read

PATH = "/acme/events/completions/"

type Get = Callable[..., Element]


@pytest.fixture
def client(signed_in: Callable[[User], Client], admin: User) -> Client:
    return signed_in(admin)


@pytest.fixture
def events(organization: Organization, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        EventFactory.create_batch(
            3,
            organization=organization,
            deployment="prod",
            details={"namespace": "company.finance"},
        )
        EventFactory.create(
            organization=organization,
            actor={"kind": "user", "id": "tom@acme.dev", "name": "Tom Berg"},
            deployment="staging",
            summary="Paused nightly",
        )


def get(client: Client, marked: str, **others: str) -> Element:
    """Of a query with | at the cursor."""
    asked = {"q": marked.replace("|", ""), "at": str(marked.index("|")), **others}
    response = client.get(f"{PATH}?{urlencode(asked)}")
    assert response.status_code == 200
    return read(response)


def offered(page: Element) -> list[str]:
    return [option.text for option in page.find_all(role="option")]


def test_only_admins_of_the_organisation_are_offered_anything(
    signed_in: Callable[[User], Client], member: User, stranger: User
) -> None:
    assert signed_in(stranger).get(PATH).status_code == 404
    assert signed_in(member).get(PATH).status_code == 403
    response = Client().get(PATH)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/login/")


def test_nothing_of_others_is_offered(
    client: Client, organization: Organization, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        EventFactory.create(details={"secretkey": "x"}, deployment="theirs", summary="secretword")
    for marked in ("secret|", "deployment:|", "session:|", "secretkey:|"):
        assert offered(get(client, marked)) == []


def test_names_words_and_details_are_offered_under_headings(client: Client, events: None) -> None:
    page = get(client, "na|")
    assert [heading.text for heading in page.find_all(class_="heading")] == ["Details"]
    assert offered(page) == ["namespace:"]
    page = get(client, "ni|")
    assert [heading.text for heading in page.find_all(class_="heading")] == ["Words"]
    (option,) = page.find_all(role="option")
    assert (option["data-text"], option["data-cursor"]) == ("nightly ", "8")


def test_an_option_says_what_the_query_would_be(client: Client, events: None) -> None:
    (option,) = get(client, "paused dep| x").find_all(role="option")
    assert option.text == "deployment: where"
    assert (option["data-text"], option["data-cursor"]) == ("paused deployment: x", "18")


def test_values_have_counts_under_the_rest_of_the_query(client: Client, events: None) -> None:
    page = get(client, "deployment:|")
    assert offered(page) == ["prod 3 events", "staging 1 events"]
    assert page.find(class_="counted").text.startswith("Counted in all 4 events")
    page = get(client, "deployment:| paused")
    assert offered(page) == ["staging 1 events", "prod 0 events"]
    page = get(client, "deployment:|", actor="mara.ito@acme.dev")
    assert offered(page) == ["prod 3 events", "staging 0 events"]
    page = get(client, "actor:ber|")
    assert offered(page) == ["tom@acme.dev Tom Berg 1 events"]


def test_values_are_offered_without_counts_where_the_rest_is_wrong(
    client: Client, events: None
) -> None:
    page = get(client, 'deployment:| change:creatd "')
    assert offered(page) == ["prod", "staging"]
    assert page.find(class_="counted").text.startswith("↓")


@pytest.mark.parametrize("at", ["-1", "999999", "x", "", "1e3", "٣", "99999999999999999999"])
def test_a_cursor_that_is_none_is_taken_for_the_end(client: Client, events: None, at: str) -> None:
    page = read(client.get(f"{PATH}?{urlencode({'q': 'deployment:', 'at': at})}"))
    assert offered(page) == ["prod 3 events", "staging 1 events"]


@pytest.mark.parametrize(
    "text",
    [
        "\0", "a\0:", "details.\0:x", '"', "-", "::", ":x", '"":', "*", "**", "a" * 6_000, "\ud800",
        "session:" + "s" * 3_000, "ip:%", "change:*", '<script>alert("1")</script>:', "q:" * 900,
        "since:", "time:2026-", "until:x", "before:x", "details.:", "ns:" + "\u202e",
    ],
)  # fmt: skip
def test_whatever_is_typed_is_answered(client: Client, events: None, text: str) -> None:
    encoded = urlencode({"q": text}, errors="surrogatepass")
    response = client.get(f"{PATH}?{encoded}")
    assert response.status_code == 200
    assert b"<script" not in response.content


@pytest.mark.parametrize("marked", ["|", "na|", "deployment:|", "namespace:c| paused", "since:|"])
def test_the_number_of_queries_does_not_grow_with_the_log(
    client: Client, organization: Organization, events: None, marked: str
) -> None:
    with CaptureQueriesContext(connection) as few:
        get(client, marked)
    made = [
        {"occurred_at": START, "event_type": "x.y", "actor": {"kind": "user", "id": f"u{n}"}}
        for n in range(60)
    ]
    record_many(organization, made)
    with CaptureQueriesContext(connection) as many:
        get(client, marked)
    assert len(few) == len(many) <= 10
