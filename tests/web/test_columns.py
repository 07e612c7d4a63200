from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Event, Organization
from audit.recording.reading import problem_with_key
from audit.web import columns
from auditsite.models import User
from tests.factories import EventFactory
from tests.web.markup import Element, read

LIST = "/acme/events/"
PICKER = "/acme/events/columns/"
HOSTILE = '"><script>alert(1)</script>'
DEFAULT = ["Time", "Actor", "Event", "Change", "Deployment", "Details", "What changed"]

keys = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20).filter(
    lambda key: not problem_with_key(key)
)


@pytest.fixture
def client(signed_in: Callable[[User], Client], admin: User) -> Client:
    return signed_in(admin)


@pytest.fixture
def event(organization: Organization) -> Event:
    return EventFactory.create(
        organization=organization,
        resource={"type": "schedule", "id": "nightly", "name": "Nightly revenue"},
        details={"namespace": "company.finance", "a,b": "comma"},
        summary="Paused and moved",
        session="s_1",
        ip="203.0.113.24",
        request_id="req_91",
        user_agent="curl/8.5.0",
    )


def heads(page: Element) -> list[str]:
    return [head.text for head in page.find_all("th", scope="col") if not head.find_all("div")]


def cells(page: Element, event: Event) -> list[str]:
    return [cell.text for cell in page.find("tr", data_event_id=str(event.id)).find_all("td")]


# --- The address --------------------------------------------------------------------------------


def test_without_a_choice_the_usual_columns_are_shown(client: Client, event: Event) -> None:
    assert heads(read(client.get(LIST))) == DEFAULT


def test_the_address_says_which_columns_and_in_what_order(client: Client, event: Event) -> None:
    page = read(client.get(LIST + "?columns=event,details.namespace,actor"))
    assert heads(page) == ["Time", "Event", "namespace", "Actor", "What changed"]
    assert cells(page, event)[2] == "company.finance"


def test_every_column_has_its_value(client: Client, event: Event) -> None:
    page = read(client.get(LIST + "?columns=resource,outcome,summary,session,ip,request,client"))
    assert cells(page, event)[1:-1] == [
        "Nightly revenue", "Success", "Paused and moved", "s_1", "203.0.113.24", "req_91",
        "curl 8.5.0",
    ]  # fmt: skip
    assert "UTC" in cells(read(client.get(LIST + "?columns=recorded")), event)[1]


def test_a_value_in_a_column_filters_by_it(client: Client, event: Event) -> None:
    page = read(client.get(LIST + "?columns=details.namespace,session"))
    (link,) = page.find("tr", data_event_id=True).find_all("a", data_tag=True)
    assert link["href"].endswith("columns=details.namespace,session&tag=namespace:company.finance")
    assert page.find("tr", data_event_id=True).find("a", data_facet="session").text == "s_1"


def test_a_key_with_a_comma_can_be_a_column(client: Client, event: Event) -> None:
    page = read(client.get(LIST, {"columns": r"details.a\,b"}))
    assert cells(page, event)[1] == "comma"


def test_an_open_event_is_as_wide_as_the_table(client: Client, event: Event) -> None:
    page = read(client.get(f"{LIST}?columns=actor,event&open={event.id}"))
    assert page.find("td", class_="panel-cell")["colspan"] == "4"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        pytest.param("actor,foo", "“foo”, which is no column", id="unknown"),
        pytest.param("details.", "the key must not be empty", id="no key"),
        pytest.param("details.a:b", "must not hold a colon", id="colon"),
        pytest.param("details.a\0b", "holds a NUL", id="NUL"),
        pytest.param(f"details.{'x' * 129}", "at most 128 are allowed", id="long key"),
        pytest.param(HOSTILE, "which is no column", id="hostile"),
        pytest.param(
            ",".join(f"details.k{n}" for n in range(12)), "At most 12 columns", id="too many"
        ),
    ],
)
def test_columns_that_cannot_be_are_told_and_nothing_is_lost(
    client: Client, event: Event, asked: str, told: str
) -> None:
    response = client.get(LIST, {"columns": asked, "actor": "mara.ito@acme.dev"})
    page = read(response)
    assert response.status_code == 400
    assert told in page.find("div", role="alert").text
    assert "alert(1)</script>" not in response.content.decode()
    wrong = page.find("li", class_="wrong")
    assert wrong.find("a", class_="remove")["href"] == "?actor=mara.ito@acme.dev"


def test_taking_all_filters_away_leaves_the_columns(client: Client, event: Event) -> None:
    page = read(client.get(LIST + "?columns=time,actor&change=deleted&tz=Asia/Tokyo"))
    links = {link["href"] for link in page.find_all("a", href=True)}
    assert "?columns=time,actor&tz=Asia/Tokyo" in links


@given(st.lists(keys, max_size=10))
def test_what_is_written_reads_the_same(details: list[str]) -> None:
    chosen = columns.parse([*columns.OWN][:2] + [f"details.{key}" for key in details])
    assert columns.read(columns.write(chosen)) == chosen


@given(st.text(max_size=60))
def test_any_text_is_columns_or_an_error(text: str) -> None:
    with suppress(columns.InvalidColumns):
        chosen = columns.read(text)
        assert columns.read(columns.write(chosen)) == chosen


def test_columns_cost_no_queries(client: Client, organization: Organization, event: Event) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    usual = queries(LIST)
    EventFactory.create_batch(20, organization=organization, details={"k1": "x"})
    assert queries(LIST + "?columns=actor,details.k1,details.k2,recorded,session") == usual


# --- The picker ---------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_only_admins_choose_columns(
    signed_in: Callable[[User], Client], member: User, stranger: User, method: str
) -> None:
    for client, status in ((signed_in(stranger), 404), (signed_in(member), 403), (Client(), 302)):
        assert getattr(client, method)(PICKER).status_code == status


def test_the_picker_offers_what_is_shown_first(client: Client, event: Event) -> None:
    page = read(client.get(PICKER + "?columns=details.namespace,actor&change=updated"))
    boxes = page.find_all("input", name="column")
    shown = [box["value"] for box in boxes if "checked" in box.attributes]
    assert shown == ["details.namespace", "actor"] == [box["value"] for box in boxes][:2]
    assert page.find("form", class_="column-picker")["action"] == (
        f"{PICKER}?columns=details.namespace,actor&change=updated"
    )


def test_a_choice_is_shown_and_remembered(client: Client, event: Event) -> None:
    response = client.post(
        PICKER + "?change=updated", {"column": ["event", "actor"], "key": " a,b "}
    )
    assert response.headers["Location"] == (
        LIST + r"?change=updated&columns=time,event,actor,details.a%5C,b"
    )
    assert heads(read(client.get(LIST))) == ["Time", "Event", "Actor", "a,b", "What changed"]
    assert response.cookies["columns"]["path"] == "/acme/"
    assert response.cookies["columns"]["httponly"]


def test_following_a_link_is_no_choice(client: Client, event: Event) -> None:
    client.get(LIST + "?columns=time")
    assert heads(read(client.get(LIST))) == DEFAULT


def test_a_choice_can_be_taken_back(client: Client, event: Event) -> None:
    client.post(PICKER, {"column": ["event"]})
    client.post(PICKER, {"reset": "1", "column": ["event"]})
    assert heads(read(client.get(LIST))) == DEFAULT


def test_buttons_move_a_column_without_a_script(client: Client, event: Event) -> None:
    form = {"column": ["actor", "event", "change"], "move": "up:event"}
    response = client.post(PICKER + "?change=updated", form)
    assert response.headers["Location"] == (
        f"{PICKER}?change=updated&columns=time,event,actor,change"
    )
    assert "columns" not in response.cookies


@pytest.mark.parametrize("move", ["up:actor", "down:change", "up:foo", "sideways:actor", "up"])
def test_what_cannot_be_moved_stays(client: Client, event: Event, move: str) -> None:
    response = client.post(PICKER, {"column": ["actor", "event", "change"], "move": move})
    assert response.headers["Location"].endswith("columns=time,actor,event,change")


def test_a_wrong_choice_is_told(client: Client, event: Event) -> None:
    response = client.post(PICKER, {"column": ["actor", "foo"]})
    assert response.status_code == 400
    assert "“foo”, which is no column" in read(response).find("p", role="alert").text


@pytest.mark.parametrize("kept", ["foo", "details.%00", "%ff%fe", HOSTILE])
def test_a_broken_cookie_is_passed_over(client: Client, event: Event, kept: str) -> None:
    client.cookies["columns"] = kept
    assert heads(read(client.get(LIST))) == DEFAULT


def test_what_is_too_long_for_a_cookie_is_not_remembered(client: Client, event: Event) -> None:
    client.post(PICKER, {"column": ["actor"]})
    long = [f"details.{n}{'ż' * 100}" for n in range(10)]
    assert client.post(PICKER, {"column": long}).status_code == 302
    assert heads(read(client.get(LIST))) == DEFAULT


@given(st.lists(keys, max_size=4))
def test_the_cookie_keeps_any_key(details: list[str]) -> None:
    chosen = columns.parse(["actor", *(f"details.{key}" for key in details)])
    response = HttpResponse()
    columns.remember(response, "acme", chosen)
    request: Any = RequestFactory().get("/")
    request.COOKIES = {"columns": response.cookies["columns"].value}
    assert columns.remembered(request) == chosen


def test_the_export_begins_with_the_details_shown(client: Client, event: Event) -> None:
    page = read(client.get("/acme/events/export/?columns=actor,details.namespace"))
    boxes = page.find_all("input", name="column")
    assert [b["value"] for b in boxes if "checked" in b.attributes] == ["namespace"]


def test_a_column_of_the_list_can_be_exported_though_no_event_has_it(
    client: Client, event: Event
) -> None:
    page = read(client.get("/acme/events/export/?columns=details.rare"))
    boxes = page.find_all("input", name="column")
    assert [b["value"] for b in boxes if "checked" in b.attributes] == ["rare"]
