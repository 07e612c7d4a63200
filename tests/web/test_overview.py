from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.browsing import Count, Overview
from audit.models import Event, Organization
from auditsite.models import User
from tests.factories import START, EventFactory
from tests.web.markup import Element, read

OVERVIEW = "/acme/events/overview/"
DAY = "since=2026-03-02T00:00:00Z&until=2026-03-03T00:00:00Z"

type Get = Callable[..., Element]


@pytest.fixture
def client(signed_in: Callable[[User], Client], admin: User) -> Client:
    return signed_in(admin)


@pytest.fixture(params=["page", "htmx"])
def get(request: pytest.FixtureRequest, client: Client) -> Get:
    """The counts as a page of their own, and as what the list of events loads."""
    headers = {"HX-Request": "true"} if request.param == "htmx" else {}

    def get(query: str = "", status: int = 200) -> Element:
        response = client.get(OVERVIEW + query, headers=headers)
        assert response.status_code == status
        return read(response)

    return get


@pytest.fixture
def events(organization: Organization) -> list[Event]:
    """Three at nine in Warsaw, one of them denied, and a deletion half a day later."""

    def record(n: int, **event: Any) -> Event:
        at = START - timedelta(hours=1) + timedelta(minutes=n)
        return EventFactory.create(organization=organization, occurred_at=at, **event)

    return [
        record(0, deployment="prod", details={"team": "data", "run": "1"}),
        record(1, deployment="prod", details={"team": "data", "run": "2"}),
        record(2, outcome="denied", change="deleted", details={"team": "web", "run": "3"}),
        record(12 * 60, event_type="secret.deleted", actor={"kind": "user", "id": "jon"}),
    ]


def facets(page: Element, name: str) -> dict[str, str]:
    links = page.find_all("a", data_facet=name, data_count=True)
    return {link["data-value"]: link["data-count"] for link in links}


def bars(page: Element) -> list[str]:
    return [bar["aria-label"] for bar in page.find_all("a", class_="bar")]


def test_only_admins_of_the_organisation_get_in(
    signed_in: Callable[[User], Client], member: User, stranger: User
) -> None:
    assert signed_in(stranger).get(OVERVIEW).status_code == 404
    assert signed_in(member).get(OVERVIEW).status_code == 403
    response = Client().get(OVERVIEW)
    assert response.headers["Location"] == f"/accounts/login/?next={OVERVIEW}"


def test_events_of_others_are_not_counted(get: Get, events: list[Event]) -> None:
    EventFactory.create(deployment="elsewhere")
    page = get()
    assert page.find(data_total=True)["data-total"] == "4"
    assert "elsewhere" not in page.text


def test_the_total_is_told_and_whether_it_is_all(get: Get, events: list[Event]) -> None:
    total = get("?deployment=prod").find(data_total=True)
    assert (total["data-total"], total["data-bounded"], total.text) == ("2", "false", "2 events")


def test_a_total_that_is_bounded_says_so(
    get: Get, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    bounded = Overview(Count(10_000, is_exact=False), counted=10_000)
    monkeypatch.setattr("audit.browsing.overview", lambda *args, **kwargs: bounded)
    page = get()
    total = page.find(data_total=True)
    assert (total["data-total"], total["data-bounded"]) == ("10000", "true")
    assert total.text == "10,000+ events"
    assert "The filters count the newest 10,000." in page.find("p", class_="bounds").text


def test_what_took_too_long_is_said(
    get: Get, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("overview", "histogram"):
        monkeypatch.setattr(f"audit.browsing.{name}", lambda *args, **kwargs: None)
    page = get()
    assert "Counting took too long" in page.text
    assert page.find_all("a", data_facet="change")
    assert not page.find_all(data_total=True)


def test_values_have_their_counts_under_the_filters(get: Get, events: list[Event]) -> None:
    page = get()
    assert facets(page, "actor") == {"mara.ito@acme.dev": "3", "jon": "1"}
    assert facets(page, "deployment") == {"prod": "2"}
    assert facets(page, "outcome") == {"success": "3", "denied": "1"}
    narrowed = get("?actor=jon")
    assert facets(narrowed, "actor") == {"jon": "1"}
    assert facets(narrowed, "event_type") == {"secret.deleted": "1"}


def test_every_details_key_in_use_has_its_counts(
    get: Get, organization: Organization, events: list[Event]
) -> None:
    EventFactory.create(organization=organization, details={f"k{n}": "x" for n in range(12)})
    page = get()
    tags = page.find_all("a", data_facet="tag", data_count=True)
    assert {tag["data-tag"].partition(":")[0] for tag in tags} == {
        "team", "run", *(f"k{n}" for n in range(12)),
    }  # fmt: skip
    (data,) = [tag for tag in tags if tag["data-tag"] == "team:data"]
    assert (data["data-count"], data["href"]) == ("2", "?tag=team:data")
    assert page.find("details", id="facet-more-keys").find_all("summary")[0].text == "6 more keys"


def test_values_that_are_not_listed_are_added_up(get: Get, organization: Organization) -> None:
    for n in range(11):
        EventFactory.create(organization=organization, deployment=f"d{n:02}")
    rest = [p.text for p in get().find_all("p", class_="rest")]
    assert "3 others 3" in rest


def test_a_bar_tells_its_time_in_the_zone_and_what_happened(
    get: Get, client: Client, events: list[Event]
) -> None:
    client.cookies["time_zone"] = "Europe/Warsaw"
    told = bars(get(f"?{DAY}"))
    assert len(told) == 48
    assert told[0].endswith("2 Mar, 01:00 – 01:30")
    assert "3 events, 1 failed or denied, 2 Mar, 09:00 – 09:30" in told
    assert "1 event, 1 deletion, 2 Mar, 21:00 – 21:30" in told


def test_a_bar_narrows_the_time_to_itself_and_keeps_the_filters(
    get: Get, events: list[Event]
) -> None:
    page = get(f"?deployment=prod&{DAY}&cursor=7")
    (bar,) = [b for b in page.find_all("a", class_="bar") if b["aria-label"].startswith("2")]
    assert bar["href"] == ("?deployment=prod&since=2026-03-02T08:00:00Z&until=2026-03-02T08:30:00Z")
    assert (bar["data-since"], bar["data-until"]) == (
        "2026-03-02T08:00:00Z", "2026-03-02T08:30:00Z",
    )  # fmt: skip
    inside = get(bar["href"])
    assert inside.find(data_total=True)["data-total"] == "2"
    assert bars(inside)[0].endswith(":00 – 08:00:30")


def test_the_range_can_be_moved_by_its_length(get: Get, events: list[Event]) -> None:
    page = get(f"?{DAY}")
    assert page.find("a", id="step-earlier")["href"] == (
        "?since=2026-03-01T00:00:00Z&until=2026-03-02T00:00:00Z"
    )
    assert page.find("a", id="step-later")["href"] == (
        "?since=2026-03-03T00:00:00Z&until=2026-03-04T00:00:00Z"
    )
    assert not get().find_all("nav", class_="steps")


def test_no_match_counts_nothing(get: Get, events: list[Event]) -> None:
    page = get("?actor=nobody")
    assert page.find(data_total=True).text == "0 events"
    assert all(bar.startswith("0 events") for bar in bars(page))
    assert get("?actor=nobody&since=2020-01-01&until=2020-02-01").find(data_total=True)


@pytest.mark.parametrize("query", ["?change=exploded", "?since=someday", "?q=actor:", "?tag=x"])
def test_what_is_not_valid_is_refused_in_words(
    query: str, client: Client, events: list[Event]
) -> None:
    response = client.get(OVERVIEW + query)
    assert response.status_code == 400
    assert read(response).find(role="alert").find("li").text


def test_htmx_gets_the_counts_for_the_places_that_wait_for_them(
    client: Client, events: list[Event]
) -> None:
    page = read(client.get("/acme/events/"))
    waiting = page.find(id="overview")
    assert waiting["hx-trigger"] == "load"
    response = client.get(waiting["hx-get"], headers={"HX-Request": "true"})
    assert "<html" not in response.content.decode()
    parts = read(response).find_all(hx_swap_oob=True)
    assert {part["id"] for part in parts} >= {"values-actor", "details-keys", "counted"}
    for part in parts:
        assert page.find(id=part["id"])
    assert read(response).find(id="counted").text == "4 events in all"


def test_without_a_script_a_link_leads_to_the_counts(client: Client, events: list[Event]) -> None:
    page = read(client.get(f"/acme/events/?deployment=prod&open={events[0].id}"))
    link = page.find("section", id="overview").find("a")
    assert (link.text, link["href"]) == (
        "Counts and histogram", f"{OVERVIEW}?deployment=prod",
    )  # fmt: skip
    counts = read(client.get(link["href"]))
    back = [a for a in counts.find_all("a", class_="btn") if a.text == "Show the events"]
    assert back[0]["href"] == "/acme/events/?deployment=prod"


def test_the_number_of_queries_does_not_grow(
    client: Client, organization: Organization, events: list[Event]
) -> None:
    query = "?actor=mara.ito@acme.dev&tag=-a:b"

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(OVERVIEW + query).status_code == 200
        return len(
            [
                q
                for q in queries
                if not q["sql"].startswith(("SAVEPOINT", "ROLLBACK", "RELEASE", "SET"))
            ]
        )

    before = count()
    EventFactory.create_batch(
        40, organization=organization, details={f"k{n}": "v" for n in range(30)}, deployment="prod"
    )
    assert count() <= before <= 14
