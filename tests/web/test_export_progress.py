from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.signals import request_finished
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.browsing.exports import Cancelled, progress, reading
from audit.models import Download, Event, Membership, Organization
from auditsite.models import User
from tests.factories import EventFactory, MembershipFactory
from tests.web.markup import Element, read

PAGE = "/acme/events/export/"
TICKET = UUID("9a6b3a4e-0000-4000-8000-000000000001")
PROGRESS = f"{PAGE}{TICKET}/"
CANCEL = f"{PROGRESS}cancel/"


@pytest.fixture
def client(signed_in: Callable[[User], Client], admin: User) -> Client:
    return signed_in(admin)


@pytest.fixture
def events(organization: Organization) -> list[Event]:
    return [EventFactory.create(organization=organization) for _ in range(3)]


@pytest.fixture
def pieces(
    client: Client, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Iterator[bytes]]:
    """An export on its way, an event a piece, each of which is reported."""
    monkeypatch.setattr(reading, "_BATCH", 1)
    monkeypatch.setattr(progress, "_REPORT_S", 0)
    # It would close the connection that the test has its transaction on.
    monkeypatch.setattr(request_finished, "send", lambda **_: [])
    form = {"format": "ndjson", "packing": "plain", "ticket": str(TICKET)}
    response: Any = client.post(PAGE, form)
    yield response.streaming_content
    response.close()  # here, and not when its memory is needed: it records what became of it


def shown(client: Client, address: str = PROGRESS) -> Element:
    response = client.get(address)
    assert response["Cache-Control"] == "no-store"
    return read(response)


def ticket(page: Element) -> str:
    return page.find("input", id="ticket")["value"]


@pytest.mark.parametrize(("method", "address"), [("get", PROGRESS), ("post", CANCEL)])
def test_only_admins_of_the_organisation_may(
    method: str,
    address: str,
    signed_in: Callable[[User], Client],
    member: User,
    stranger: User,
) -> None:
    assert getattr(signed_in(stranger), method)(address).status_code == 404
    assert getattr(signed_in(member), method)(address).status_code == 403
    assert getattr(Client(), method)(address)["Location"].startswith("/accounts/login/")


def test_a_page_has_a_ticket_of_its_own(client: Client, events: list[Event]) -> None:
    first, second = (read(client.get(PAGE)) for _ in range(2))
    assert ticket(first) != ticket(second)
    assert first.find("input", id="ticket")["form"] == first.find("form", id="export")["id"]
    assert first.find(id="progress")["hx-get"] == f"{PAGE}{ticket(first)}/"


def test_it_says_how_far_the_export_is(client: Client, pieces: Iterator[bytes]) -> None:
    next(pieces)  # and one is held back until the next
    page = shown(client)
    assert "2 events so far" in page.find(id="progress").text
    assert page.find(id="progress")["hx-trigger"] == "every 1s"
    assert page.find("button", id="cancel")
    assert ticket(page) == str(TICKET)


def test_it_says_what_became_of_the_export(client: Client, pieces: Iterator[bytes]) -> None:
    assert b"".join(pieces).count(b"\n") == 3
    page = shown(client)
    event = Event.objects.get(event_type="export.created")
    assert "Done: 3 events as NDJSON." in page.find(id="progress").text
    assert page.find("a", class_="link")["href"] == f"/acme/events/{event.id}/"
    assert page.find(id="announcer").text == "Export done: 3 events as NDJSON"
    assert page.find(id="progress")["hx-trigger"].startswith("begun")
    assert ticket(page) != str(TICKET)


def test_a_cancelled_export_breaks_off_and_is_a_failure(
    client: Client, pieces: Iterator[bytes]
) -> None:
    next(pieces)
    response = client.post(CANCEL, follow=True)
    assert "Cancelling…" in read(response).find(id="progress").text
    with pytest.raises(Cancelled):
        list(pieces)
    assert Event.objects.get(event_type="export.created").outcome == "failure"
    said = shown(client).find(id="progress").text
    assert "Cancelled. Broke off after" in said
    assert "the file is not complete" in said


def test_an_export_that_has_not_begun_is_awaited_for_a_while(
    client: Client, organization: Organization
) -> None:
    address, rounds = PROGRESS, 0
    while "Starting…" in (page := shown(client, address)).find(id="progress").text:
        address, rounds = page.find(id="progress")["hx-get"], rounds + 1
    assert rounds == 20
    assert "The export did not begin." in page.find(id="progress").text


@pytest.mark.parametrize("asked", ["x", "-1", "٣", "9" * 5_000])
def test_whatever_stands_for_the_count_is_the_first(
    asked: str, client: Client, organization: Organization
) -> None:
    page = shown(client, f"{PROGRESS}?asked={asked}")
    assert page.find(id="progress")["hx-get"].endswith("?asked=1")


def test_an_export_that_fell_silent_is_said_to_be_lost(
    client: Client, pieces: Iterator[bytes]
) -> None:
    next(pieces)
    Download.objects.update(reported_at=timezone.now() - timedelta(minutes=3))
    assert "it may have broken off" in shown(client).find(id="progress").text


def test_nobody_else_sees_or_stops_it(
    client: Client,
    pieces: Iterator[bytes],
    organization: Organization,
    signed_in: Callable[[User], Client],
) -> None:
    next(pieces)
    other = signed_in(MembershipFactory.create(organization=organization).user)
    assert "Starting…" in shown(other).find(id="progress").text
    other.post(CANCEL)
    assert len(list(pieces)) == 2


def test_a_ticket_is_for_one_export(client: Client, pieces: Iterator[bytes]) -> None:
    """The second one is complete, and is not followed."""
    next(pieces)
    form = {"format": "ndjson", "packing": "plain", "ticket": str(TICKET)}
    second: Any = client.post(PAGE, form)
    assert second.getvalue().count(b"\n") == 3
    assert "2 events so far" in shown(client).find(id="progress").text


def test_a_wrong_ticket_exports_nothing(client: Client, events: list[Event]) -> None:
    response = client.post(PAGE, {"format": "csv", "ticket": "x"})
    assert response.status_code == 400
    assert "UUID" in read(response).find(role="alert").text


def test_what_is_over_for_a_day_is_forgotten(
    client: Client, pieces: Iterator[bytes], admin: User
) -> None:
    membership = Membership.objects.get(user=admin)
    Download.objects.create(
        membership=membership,
        ticket=uuid4(),
        event_id=uuid4(),
        reported_at=timezone.now() - timedelta(days=2),
    )
    client.post(PAGE, {"format": "ndjson", "ticket": str(uuid4())}).close()
    assert Download.objects.count() == 2


def test_asking_costs_a_constant_number_of_queries(client: Client, pieces: Iterator[bytes]) -> None:
    next(pieces)
    with CaptureQueriesContext(connection) as queries:
        client.get(PROGRESS)
    assert len(queries) == 5  # session, user, membership, download, event
