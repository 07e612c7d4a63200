from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.browsing import Position, current_position
from audit.browsing import tail as tail_module
from audit.models import Event, Organization
from auditsite.models import User
from tests.factories import EventFactory
from tests.web.markup import Element, read

LIST = "/acme/events/"
TAIL = "/acme/events/tail/"


@pytest.fixture
def client(signed_in: Callable[[User], Client], admin: User) -> Client:
    return signed_in(admin)


@pytest.fixture
def start(organization: Organization) -> Position:
    return current_position()


@pytest.fixture
def record(organization: Organization) -> Callable[..., Event]:
    def record(**event: Any) -> Event:
        return EventFactory.create(
            organization=organization, occurred_at=datetime.now(UTC), **event
        )

    return record


def ids(page: Element) -> list[str]:
    return [row["data-event-id"] for row in page.find_all("tr", data_event_id=True)]


def links(page: Element) -> list[str]:
    rows = page.find_all("tr", data_event_id=True)
    return [link["href"] for row in rows for link in row.find_all("a", href=True)]


def cells(page: Element) -> list[list[str]]:
    rows = page.find_all("tr", data_event_id=True)
    return [[cell["class"] for cell in row.find_all("td")] for row in rows]


# --- What arrived -------------------------------------------------------------------------------


def test_only_admins_of_the_organisation_may_follow(
    signed_in: Callable[[User], Client], member: User, stranger: User, start: Position
) -> None:
    address = f"{TAIL}?after={start}"
    assert signed_in(stranger).get(address).status_code == 404
    assert signed_in(member).get(address).status_code == 403
    assert Client().get(address).headers["Location"].startswith("/accounts/login/")


def test_nothing_new_is_an_empty_answer_that_moves_on(client: Client, start: Position) -> None:
    response = client.get(f"{TAIL}?after={start}")
    assert (response.status_code, response.content) == (204, b"")
    assert Position.parse(response["Log-Position"]).looked_at > start.looked_at
    assert response["Cache-Control"] == "no-store"


def test_what_arrived_looks_as_in_the_list(
    client: Client, start: Position, record: Callable[..., Event]
) -> None:
    older, newer = (record(details={"n": str(n)}) for n in range(2))
    query = "actor=mara.ito@acme.dev&live=1"
    told = read(client.get(f"{TAIL}?{query}&after={start}"))
    listed = read(client.get(f"{LIST}?{query}"))
    assert ids(told) == ids(listed) == [str(newer.id), str(older.id)]
    links = [
        [a["href"] for a in page.find("tr", data_event_id=str(newer.id)).find_all("a", href=True)]
        for page in (told, listed)
    ]
    assert links[0] == links[1]
    assert "after=" not in str(links)


def test_rows_have_the_columns_of_the_page_they_come_to(
    client: Client, start: Position, record: Callable[..., Event]
) -> None:
    record(details={"n": "1"})
    page = read(client.get(f"{LIST}?columns=time,details.n&live=1"))
    client.cookies["columns"] = "time,actor"  # chosen in another tab
    told = read(client.get(f"{page.find(id='tail')['data-tail']}&after={start}"))
    assert cells(told) == cells(page) == [["when", "other", "show"]]


def test_only_what_is_asked_for_arrives(
    client: Client, start: Position, record: Callable[..., Event]
) -> None:
    record(deployment="staging")
    wanted = record(deployment="prod")
    EventFactory.create(occurred_at=datetime.now(UTC), deployment="prod")  # of another organisation
    assert ids(read(client.get(f"{TAIL}?q=deployment:prod&after={start}"))) == [str(wanted.id)]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("", "“” is not a position in the log."),
        ("after=yesterday", "“yesterday” is not a position in the log."),
        ("change=sideways&after=1-1", "change must be"),
        ("shown=nonsense&after=1-1", "which is no column"),
        ("q=actor:&after=1-1", "actor: needs a value."),
    ],
)
def test_what_is_not_understood_is_said(
    client: Client, organization: Organization, query: str, why: str
) -> None:
    response = client.get(f"{TAIL}?{query}")
    assert response.status_code == 400
    assert why in response.content.decode()


def test_too_much_is_said(
    client: Client,
    start: Position,
    record: Callable[..., Event],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tail_module, "MAX_ARRIVALS", 1)
    record(), record()
    assert client.get(f"{TAIL}?after={start}").status_code == 410


@pytest.mark.parametrize("count", [0, 1, 20])
def test_a_tick_costs_four_queries(
    count: int, client: Client, start: Position, record: Callable[..., Event]
) -> None:
    """The session, its user, the membership, and one look at the log."""
    for _ in range(count):
        record()
    with CaptureQueriesContext(connection) as queries:
        client.get(f"{TAIL}?actor=mara.ito@acme.dev&tag=a:b&after={start}")
    assert len(queries) == 4


# --- The switch ---------------------------------------------------------------------------------


def test_the_switch_is_in_the_address(client: Client, record: Callable[..., Event]) -> None:
    record()
    off = read(client.get(f"{LIST}?change=updated"))
    button = off.find("button", id="live")
    assert (button["aria-pressed"], button["name"], button["value"]) == ("false", "live", "1")
    assert not off.find_all(id="tail")
    on = read(client.get(f"{LIST}?change=updated&live=1"))
    assert on.find("button", id="live")["aria-pressed"] == "true"
    assert "name" not in on.find("button", id="live").attributes
    hidden = on.find("form", class_="live").find_all("input")
    assert [(field["name"], field["value"]) for field in hidden] == [("change", "updated")]
    followed = on.find(id="tail")
    assert followed["data-tail"].startswith(f"{TAIL}?change=updated&live=1&shown=time,actor,")
    assert "Refresh" in followed.text


def test_what_is_live_stays_so(client: Client, record: Callable[..., Event]) -> None:
    event = record(deployment="prod")
    page = read(client.get(f"{LIST}?live=1&change=updated"))
    row = page.find("tr", data_event_id=str(event.id))
    assert "live=1" in row.find("a", data_facet="deployment")["href"]
    assert [a["href"] for a in page.find_all("a") if a.text == "Clear all"] == ["?live=1"]
    assert "live" not in page.find("a", id="export")["href"]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("until=now-1h", "the time range ends in the past"),
        ("q=until:2026-03-01", "the time range ends in the past"),
        ("cursor=019abf3e-77aa-7c41-9b2e-5d0f4a6e1c22", "New events arrive on the first page"),
    ],
)
def test_where_nothing_can_arrive_it_says_why(
    query: str, why: str, client: Client, organization: Organization
) -> None:
    page = read(client.get(f"{LIST}?live=1&{query}"))
    assert why in page.find(class_="page-head").text
    assert not page.find_all(id="tail")


def test_a_range_that_ends_later_can_grow(client: Client, organization: Organization) -> None:
    until = (datetime.now(UTC) + timedelta(days=2)).date()
    assert read(client.get(f"{LIST}?live=1&until={until}")).find(id="tail")


def test_the_switch_costs_a_page_one_query(client: Client, record: Callable[..., Event]) -> None:
    record()
    counts = []
    for query in ("", "?live=1"):
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST + query)
        counts.append(len(queries))
    assert counts[1] == counts[0] + 1
