"""A frozen link shows the very rows it was made of, whatever is recorded after it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import Event, Organization
from auditsite.models import User
from tests.factories import START, EventFactory, MembershipFactory
from tests.web.markup import Element, read

LIST = "/acme/events/"


@pytest.fixture
def client(signed_in: Callable[[User], Client], admin: User) -> Client:
    return signed_in(admin)


@pytest.fixture
def colleague(signed_in: Callable[[User], Client], organization: Organization) -> Client:
    client = signed_in(MembershipFactory.create(organization=organization).user)
    client.cookies["time_zone"] = "Asia/Tokyo"
    client.cookies["columns"] = "event"
    return client


def ids(page: Element) -> list[str]:
    return [row["data-event-id"] for row in page.find_all("tr", data_event_id=True)]


def link_of(page: Element) -> str:
    return LIST + page.find("a", id="frozen")["href"]


def asked(link: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(link.partition("?")[2]).items()}


moments = st.integers(-200, 200).map(lambda n: START + timedelta(minutes=n))
some_events = st.lists(
    st.tuples(moments, st.sampled_from(["prod", "staging"])), min_size=1, max_size=6
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    before=some_events,
    later=some_events,
    query=st.sampled_from(
        [
            "",
            "?deployment=prod",
            "?since=now-400d",
            "?q=deployment:prod since:2026-03-01",
            "?q=-prod",
        ]
    ),
)
def test_the_rows_stay_the_same_whatever_is_recorded_later(
    client: Client,
    colleague: Client,
    organization: Organization,
    before: list[tuple[Any, str]],
    later: list[tuple[Any, str]],
    query: str,
) -> None:
    def record(events: list[tuple[Any, str]]) -> None:
        for at, deployment in events:
            EventFactory.create(organization=organization, occurred_at=at, deployment=deployment)

    record(before)
    page = read(client.get(LIST + query))
    record(later)
    assert ids(read(colleague.get(link_of(page)))) == ids(page)


def test_every_page_of_a_frozen_list_stays_the_same(
    client: Client, colleague: Client, organization: Organization
) -> None:
    EventFactory.create_batch(120, organization=organization)
    first = read(client.get(LIST))
    second = read(client.get(LIST + first.find("a", id="older")["href"]))
    EventFactory.create_batch(60, organization=organization, occurred_at=START)
    EventFactory.create_batch(60, organization=organization)
    for page in (first, second):
        assert ids(read(colleague.get(link_of(page)))) == ids(page)
    frozen = read(colleague.get(link_of(first)))
    assert ids(read(colleague.get(LIST + frozen.find("a", id="older")["href"]))) == ids(second)


def test_an_event_from_a_clock_that_is_ahead_stays_in_the_rows(
    client: Client, colleague: Client, organization: Organization
) -> None:
    ahead = EventFactory.create(
        organization=organization, occurred_at=timezone.now() + timedelta(hours=3)
    )
    page = read(client.get(LIST))
    EventFactory.create(organization=organization, occurred_at=timezone.now() + timedelta(hours=2))
    assert ids(read(colleague.get(link_of(page)))) == [str(ahead.id)]


def test_a_frozen_link_has_moments_zone_columns_and_place(
    client: Client, organization: Organization
) -> None:
    EventFactory.create_batch(2, organization=organization)
    client.cookies["time_zone"] = "Europe/Berlin"
    newest = Event.objects.first()
    assert newest
    query = f"?since=now-9000d&q=-prod since:2026-03-01&cursor={newest.id}&columns=actor,event"
    link = asked(link_of(read(client.get(LIST + query))))
    assert link["since"] == "2026-02-28T23:00:00.000000Z"  # the day began in Berlin
    assert link["until"] == link["as_of"] > "2026-03-02"
    assert link["tz"] == "Europe/Berlin"
    assert link["columns"] == "time,actor,event"
    assert link["cursor"] == str(newest.id)
    assert link["q"] == "-prod"


def test_a_frozen_link_says_whose_zone_it_is_in(client: Client, colleague: Client) -> None:
    client.cookies["time_zone"] = "Europe/Berlin"
    page = read(colleague.get(link_of(read(client.get(LIST)))))
    assert "Times in Europe/Berlin, as in the link." in page.text


def test_a_frozen_list_freezes_to_itself(client: Client, organization: Organization) -> None:
    EventFactory.create_batch(2, organization=organization)
    link = link_of(read(client.get(LIST)))
    assert asked(link_of(read(client.get(link)))) == asked(link)


def test_what_freezes_the_log_is_a_filter_that_can_be_taken_away(
    client: Client, organization: Organization
) -> None:
    EventFactory.create(organization=organization)
    page = read(client.get(LIST + "?as_of=2026-03-01T12:00Z"))
    chip = page.find(data_filter="as_of=2026-03-01T12:00Z")
    assert "as of 1 Mar 2026, 12:00" in chip.text
    assert chip.find("a", class_="remove")["href"] == "?"
    assert ids(page) == []


@pytest.mark.parametrize("as_of", ["yesterday", "2026-13-01", "now+1d", "\0"])
def test_a_wrong_moment_is_told(client: Client, organization: Organization, as_of: str) -> None:
    response = client.get(LIST, {"as_of": as_of})
    assert response.status_code == 400
    page = read(response)
    assert "as_of must be a time" in page.find("div", role="alert").text
    assert not page.find_all("a", id="frozen")


def test_a_day_as_of_which_means_its_end(client: Client, organization: Organization) -> None:
    event = EventFactory.create(organization=organization)
    day = f"{event.recorded_at:%Y-%m-%d}"
    assert ids(read(client.get(LIST + f"?as_of={day}"))) == [str(event.id)]


def test_an_export_of_a_frozen_list_is_of_that_log(
    client: Client, organization: Organization
) -> None:
    EventFactory.create(organization=organization)
    link = link_of(read(client.get(LIST)))
    EventFactory.create(organization=organization)
    export = "/acme/events/export/" + link.removeprefix(LIST)
    response = client.post(export, {"format": "ndjson", "packing": "plain"})
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert len(content.splitlines()) == 1, content
