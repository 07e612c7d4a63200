from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.browsing import EventPage, Limits
from audit.models import Event, Organization
from audit.recording import record_many
from auditsite.models import User
from tests.factories import START, EventFactory
from tests.web.markup import Element, read

LIST = "/acme/events/"
HOSTILE = '"><script>alert(1)</script>'

type Get = Callable[..., Element]


@pytest.fixture
def client(signed_in: Callable[[User], Client], admin: User) -> Client:
    return signed_in(admin)


@pytest.fixture(params=["page", "htmx"])
def get(request: pytest.FixtureRequest, client: Client) -> Get:
    """The list as a whole page, and as what htmx swaps in: both must show the same."""
    headers = {"HX-Request": "true"} if request.param == "htmx" else {}

    def get(query: str = "", status: int = 200) -> Element:
        response = client.get(LIST + query, headers=headers)
        assert response.status_code == status
        return read(response)

    return get


@pytest.fixture
def record(
    organization: Organization, django_capture_on_commit_callbacks: Any
) -> Callable[..., Event]:
    """Record an event, and let the filters learn of its values as after a commit."""

    def record(**event: Any) -> Event:
        with django_capture_on_commit_callbacks(execute=True):
            return EventFactory.create(organization=organization, **event)

    return record


def ids(page: Element) -> list[str]:
    return [row["data-event-id"] for row in page.find_all("tr", data_event_id=True)]


def chips(page: Element) -> list[str]:
    return [chip["data-filter"] for chip in page.find_all(data_filter=True)]


# --- Who may see it -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", [LIST, "/acme/", "/acme/event-types/", "/acme/events/choices/actor/"]
)
def test_only_admins_of_the_organisation_get_in(
    path: str, signed_in: Callable[[User], Client], member: User, stranger: User
) -> None:
    assert signed_in(stranger).get(path).status_code == 404
    assert signed_in(member).get(path).status_code == 403
    response = Client().get(path)
    assert (response.status_code, response.headers["Location"]) == (
        302,
        f"/accounts/login/?next={path}",
    )


def test_an_expired_session_keeps_the_address(organization: Organization) -> None:
    response = Client().get(
        f"{LIST}?change=deleted",
        headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{LIST}?actor=mara"},
    )
    assert response.headers["HX-Redirect"] == "/accounts/login/?next=/acme/events/%3Factor%3Dmara"


def test_events_of_others_are_not_listed(get: Get, record: Callable[..., Event]) -> None:
    EventFactory.create()
    own = record()
    assert ids(get()) == [str(own.id)]


def test_the_front_door_leads_to_the_events(client: Client) -> None:
    assert client.get("/acme/").headers["Location"] == LIST


# --- What a row says ----------------------------------------------------------------------------


def test_a_row_says_who_did_what_when_and_where(get: Get, record: Callable[..., Event]) -> None:
    event = record(
        occurred_at=START,
        resource={"type": "schedule", "id": "nightly", "name": "Nightly revenue"},
        change="updated",
        outcome="denied",
        deployment="prod",
        branch_deployment="fix-1",
        details={"namespace": "company.finance"},
        actor={"kind": "user", "id": "mara@acme.dev", "name": "Mara Ito", "impersonator": "root"},
    )
    row = get().find("tr", data_event_id=str(event.id))
    for text in (
        "09:00:00.000", "2 Mar", "MI", "Mara Ito", "User", "mara@acme.dev", "by root",
        "Update schedule", "Nightly revenue", "schedule.updated", "Updated", "Denied",
        "prod", "fix-1", "namespace company.finance", "Show",
    ):  # fmt: skip
        assert text in row.text
    assert row.find("time")["datetime"] == "2026-03-02T09:00:00.000Z"
    assert "2026-03-02 09:00:00.000 UTC" in row.find(role="tooltip").text


def test_an_unknown_type_is_shown_as_it_is(get: Get, record: Callable[..., Event]) -> None:
    record(event_type="acme.thing_done")
    assert get().find("a", data_facet="event_type", data_value="acme.thing_done", id=False)


def test_more_than_six_details_are_folded(get: Get, record: Callable[..., Event]) -> None:
    record(details={f"key{n}": "x" for n in range(9)})
    page = get()
    assert page.find("summary", class_="tag").text == "+3 more details"
    assert len(page.find_all("a", data_tag=True, data_facet=False)) == 9


def test_a_detail_that_is_asked_for_is_never_folded(get: Get, record: Callable[..., Event]) -> None:
    record(details={f"key{n}": "x" for n in range(9)})
    page = get("?tag=key8:x")
    folded = page.find("details", class_="more-tags")
    assert not folded.find_all(data_tag="key8:x")
    assert page.find("a", data_tag="key8:x", data_facet=False)["data-state"] == "included"


def test_hostile_values_are_text(get: Get, record: Callable[..., Event]) -> None:
    record(
        actor={"kind": "user", "id": HOSTILE, "name": HOSTILE, "impersonator": HOSTILE},
        resource={"type": HOSTILE, "id": HOSTILE, "name": HOSTILE},
        deployment=HOSTILE,
        branch_deployment=HOSTILE + "2",
        details={HOSTILE.replace(":", ""): HOSTILE},
    )
    page = get()
    scripts = page.find_all("script")
    assert all(script["src"].startswith("/static/") for script in scripts)
    row = page.find("tr", data_event_id=True)
    assert row.text.count(HOSTILE) == 8
    for link in row.find_all("a", data_facet=True):
        assert len(ids(get(link["href"]))) == 1


def test_text_cannot_turn_what_stands_beside_it_around(
    get: Get, record: Callable[..., Event]
) -> None:
    trick = "invoice\u202egpj.exe"
    record(
        actor={"kind": "user", "id": trick, "name": trick},
        resource={"type": "file", "id": trick},
        deployment=trick,
        details={"name": trick},
    )
    page = get(f"?tag=name:{trick}")
    assert "\u202e" not in page.text
    assert page.find("tr", data_event_id=True).text.count("invoice‹U+202E›gpj.exe") >= 4


def test_a_value_too_long_for_an_address_is_no_link(get: Get, record: Callable[..., Event]) -> None:
    record(details={"note": "é" * 2_048})
    page = get()
    assert page.find("span", class_="tag").text == "note " + "é" * 90 + "…"
    assert not page.find_all("a", data_tag=True)


# --- Filters ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "actor=jon", "event_type=secret.deleted", "deployment=staging", "resource_type=secret",
        "change=deleted", "actor_kind=service_account", "outcome=failure", "tag=team:data",
        "tag=-team:web", "since=2026-03-03", "actor=nobody&actor=jon", "resource=secret/key",
    ],
)  # fmt: skip
def test_a_filter_finds_what_it_says(query: str, get: Get, record: Callable[..., Event]) -> None:
    record(deployment="prod", details={"team": "web"})
    wanted = record(
        occurred_at=START + timedelta(days=2),
        actor={"kind": "service_account", "id": "jon"},
        event_type="secret.deleted",
        change="deleted",
        outcome="failure",
        deployment="staging",
        resource={"type": "secret", "id": "key"},
        details={"team": "data"},
    )
    assert ids(get(f"?{query}")) == [str(wanted.id)]


def test_clicking_a_value_adds_then_excludes_then_lets_go(
    get: Get, record: Callable[..., Event]
) -> None:
    mara = record()
    jon = record(actor={"kind": "user", "id": "jon"})

    def click(page: Element) -> Element:
        return get(page.find("a", data_facet="actor", data_value="jon", id=True)["href"])

    included = click(get("?deployment=-staging"))
    assert ids(included) == [str(jon.id)]
    assert chips(included) == ["actor=jon", "deployment=-staging"]
    excluded = click(included)
    assert ids(excluded) == [str(mara.id)]
    assert chips(excluded) == ["actor=-jon", "deployment=-staging"]
    assert chips(click(excluded)) == ["deployment=-staging"]


def test_a_chip_removes_or_inverts_itself_and_nothing_else(
    get: Get, record: Callable[..., Event]
) -> None:
    record(details={"team": "data"})
    page = get("?tag=team:data&actor=mara.ito@acme.dev&since=2026-01-01&tz=UTC")
    chip = page.find(data_filter="tag=team:data")
    remove = chip.find("a", class_="remove")["href"]
    assert chips(get(remove)) == ["actor=mara.ito@acme.dev", "since=2026-01-01"]
    assert "tz=UTC" in remove
    assert "tag=-team:data" in chips(get(chip.find("a", class_="what")["href"]))


def test_refining_begins_on_the_first_page(get: Get, record: Callable[..., Event]) -> None:
    event = record(details={"team": "data"})
    page = get(f"?cursor={uuid_after(event)}&open={event.id}")
    row = page.find("tr", data_event_id=True)
    assert row.find("a", data_tag="team:data")["href"] == "?tag=team:data"


def test_what_is_not_valid_is_said_in_words_and_kept(
    get: Get, record: Callable[..., Event]
) -> None:
    record()
    page = get("?change=exploded&tag=nonsense&actor=jon&since=someday", status=400)
    told = page.find(role="alert").text
    assert "change must be created, updated, deleted or other, not “exploded”." in told
    assert "tag must be key:value" in told
    assert "since must be a time" in told
    assert set(chips(page)) == {
        "change=exploded", "tag=nonsense", "actor=jon", "since=someday",
    }  # fmt: skip
    wrong = page.find(data_filter="change=exploded").find("a", class_="remove")["href"]
    assert "exploded" not in wrong
    assert "tag=nonsense" in wrong


def test_a_malformed_cursor_is_said_in_words(get: Get, record: Callable[..., Event]) -> None:
    record()
    assert "is not a place in the log" in get("?cursor=7", status=400).find(role="alert").text


def test_no_match_offers_the_filters_whose_removal_helps(
    get: Get, record: Callable[..., Event]
) -> None:
    record(deployment="prod")
    page = get("?deployment=prod&actor=nobody&change=-deleted")
    assert "No events match" in page.text
    (way,) = page.find("div", class_="empty").find_all("a")
    assert way.text == "User nobody"
    assert len(ids(get(way["href"]))) == 1


def test_an_empty_log_says_so(get: Get) -> None:
    assert "Nothing has been recorded yet" in get().text


def test_the_rail_offers_what_is_in_use(get: Get, record: Callable[..., Event]) -> None:
    record(deployment="prod", resource={"type": "flow", "id": "a"}, details={"team": "data"})
    rail = get().find("aside")
    for facet, value in [
        ("actor", "mara.ito@acme.dev"), ("event_type", "schedule.updated"),
        ("deployment", "prod"), ("resource_type", "flow"), ("change", "deleted"),
        ("actor_kind", "system"), ("outcome", "denied"),
    ]:  # fmt: skip
        assert rail.find("a", data_facet=facet, data_value=value)
    assert rail.find("a", data_facet="tag", data_tag="team:data")


def test_the_rail_suggests_what_is_in_view_first(get: Get, record: Callable[..., Event]) -> None:
    for n in range(9):
        record(deployment=f"a{n}", outcome="failure", details={"id": f"{n}"})
    for n in range(3):
        record(deployment="prod", details={"id": f"x{n}", "team": "data"})
    rail = get("?outcome=-failure").find("aside")
    deployments = [a["data-value"] for a in rail.find_all("a", data_facet="deployment")]
    assert deployments == ["prod", *(f"a{n}" for n in range(7))]
    keys = [each.find("summary").text for each in rail.find_all("details", class_="of-details")]
    assert keys == ["team", "id"]  # a key whose values never repeat divides nothing


def test_a_branch_deployment_is_told_once(get: Get, record: Callable[..., Event]) -> None:
    record(deployment="fix-1", branch_deployment="fix-1")
    cell = get().find("td", class_="where")
    assert cell.find("a")["data-facet"] == "branch_deployment"


def test_forms_keep_the_other_filters(client: Client, record: Callable[..., Event]) -> None:
    record(deployment="prod")
    page = read(client.get(f"{LIST}?deployment=prod&since=now-7d&tag=a:b"))
    refine = page.find("form", id="refine")
    assert {(i["name"], i["value"]) for i in refine.find_all("input")} == {
        ("deployment", "prod"), ("since", "now-7d"), ("tag", "a:b"),
    }  # fmt: skip
    time_range = page.find("form", class_="range")
    hidden = {i["name"] for i in time_range.find_all("input", type="hidden")}
    assert hidden == {"deployment", "tag"}


def test_fields_left_empty_leave_the_address(client: Client, organization: Organization) -> None:
    response = client.get(f"{LIST}?actor=&deployment=prod&since=&until=")
    assert response.headers["Location"] == f"{LIST}?deployment=prod"
    swapped = client.get(f"{LIST}?actor=&deployment=prod", headers={"HX-Request": "true"})
    assert swapped.headers["HX-Push-Url"] == f"{LIST}?deployment=prod"


def test_a_time_range_is_in_the_viewers_zone(client: Client, record: Callable[..., Event]) -> None:
    event = record(occurred_at=START)  # 09:00 UTC, 10:00 in Warsaw
    record(occurred_at=START - timedelta(hours=1))
    client.cookies["time_zone"] = "Europe/Warsaw"
    page = read(client.get(f"{LIST}?since=2026-03-02T10:00&until=2026-03-02T10:30"))
    assert ids(page) == [str(event.id)]
    assert page.find("input", id="since")["value"] == "2026-03-02T10:00"
    assert "10:00:00.000" in page.find("tr", data_event_id=True).text


# --- Pages --------------------------------------------------------------------------------------


@pytest.fixture
def many(organization: Organization) -> Iterator[None]:
    actor = {"kind": "user", "id": "mara"}
    events = [
        {
            "occurred_at": START + timedelta(seconds=n),
            "actor": actor,
            "event_type": "user.logged_in",
        }
        for n in range(120)
    ]
    assert record_many(organization, events).recorded == 120
    return


def test_pages_lead_to_each_other_and_miss_nothing(get: Get, many: None) -> None:
    first = get()
    second = get(first.find("a", data_page="older")["href"])
    third = get(second.find("a", data_page="older")["href"])
    seen = [*ids(first), *ids(second), *ids(third)]
    assert (len(seen), len(set(seen)), seen) == (120, 120, sorted(seen, reverse=True))
    assert not third.find_all("a", data_page="older")
    assert not first.find_all("a", data_page="newer")
    assert ids(get(third.find("a", data_page="newer")["href"])) == ids(second)
    assert "50 events, newest first" in first.text


def test_links_to_pages_keep_the_filters(get: Get, many: None) -> None:
    older = get("?actor=mara&tz=UTC").find("a", data_page="older")["href"]
    assert older.startswith("?actor=mara&tz=UTC&cursor=")


@pytest.mark.parametrize("found", [0, 3])
def test_a_search_cut_short_says_how_far_it_came_and_goes_on(
    found: int, get: Get, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = list(Event.objects.order_by("-id")[:found])
    place = UUID(int=7 << 76)
    cut = EventPage(events, searched_back_to=START, continue_at=place)
    monkeypatch.setattr("audit.web.events.newest_first", lambda *args, **kwargs: cut)
    page = get("?tag=rare:1")
    assert "Searched back to 2 Mar 2026, 09:00" in page.text
    assert page.find("a", data_page="older")["href"] == f"?tag=rare:1&cursor={place}"
    assert len(ids(page)) == found


@pytest.mark.parametrize("query", ["", "?since=now-7d&actor=mara", f"?newer={UUID(int=0)}"])
def test_a_search_that_takes_too_long_offers_shorter_times(
    query: str, get: Get, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.browsing.pagination.Limits", lambda: Limits(total_ms=0))
    notice = get(query).find(id="too-long")
    assert "Searching took too long; narrow the time range." in notice.text
    offered = [link.text for link in notice.find_all("a")]
    everything = ["15 min", "1 h", "24 h", "7 d", "30 d", "90 d"]
    assert offered == (everything[:3] if "now-7d" in query else everything)
    assert "since=now-1h" in notice.find_all("a")[1]["href"]


def test_what_was_found_in_time_is_listed(
    get: Get, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = list(Event.objects.order_by("-id")[:3])
    cut = EventPage(events, searched_back_to=START, continue_at=events[-1].id, took_too_long=True)
    monkeypatch.setattr("audit.web.events.newest_first", lambda *args, **kwargs: cut)
    page = get()
    assert "Here is what was found so far." in page.find(id="too-long").text
    assert ids(page) == [str(event.id) for event in events]


def test_ways_out_are_not_sought_for_long(
    get: Get, record: Callable[..., Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.web.events._WAYS_OUT_MS", 0)
    record(deployment="prod")
    page = get("?deployment=prod&actor=nobody")
    assert "Taking away one filter does not seem to help either." in page.text


# --- One event in place -------------------------------------------------------------------------


def test_an_open_event_is_shown_in_place(get: Get, record: Callable[..., Event]) -> None:
    record()
    event = record(before={"paused": False}, after={"paused": True})
    page = get(f"?open={event.id}&change=updated")
    panel = page.find(id=f"panel-{event.id}")
    assert panel.find_all("td", data_side="after")
    link = page.find("a", data_panel=f"panel-{event.id}")
    assert (link["aria-expanded"], link["href"]) == ("true", f"?change=updated#event-{event.id}")
    others = [
        link for link in page.find_all("a", data_panel=True) if link["aria-expanded"] != "true"
    ]
    assert len(others) == 1


def test_show_is_a_link_that_keeps_the_place(get: Get, record: Callable[..., Event]) -> None:
    event = record()
    cursor = uuid_after(event)
    link = get(f"?cursor={cursor}").find("a", data_panel=True)
    assert link["href"] == f"?cursor={cursor}&open={event.id}#event-{event.id}"
    assert link["hx-get"] == reverse("audit:event-detail", args=["acme", event.id])


@pytest.mark.parametrize("opened", ["nonsense", "019abf3e-77aa-7c41-9b2e-5d0f4a6e1c22", "", "%00"])
def test_an_event_that_is_not_on_the_page_is_not_opened(
    opened: str, client: Client, record: Callable[..., Event]
) -> None:
    record()
    response = client.get(f"{LIST}?open={opened}", follow=True)
    assert response.status_code == 200
    assert not read(response).find_all(class_="panel")


# --- Page and fragment --------------------------------------------------------------------------


def test_htmx_gets_only_the_results(client: Client, record: Callable[..., Event]) -> None:
    record()
    response = client.get(LIST, headers={"HX-Request": "true"})
    text = response.content.decode()
    assert "<html" not in text
    assert {"HX-Request", "HX-History-Restore-Request"} <= set(response["Vary"].split(", "))
    page = read(response)
    assert page.find(id="results")
    announced = page.find(id="announcer")
    assert announced.text == "1 event, newest first, all time"
    assert page.find("title").text == "Audit log · all time · Acme · Auditsite"


def test_going_back_restores_the_whole_page(client: Client, record: Callable[..., Event]) -> None:
    record()
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in client.get(LIST, headers=headers).content.decode()


def test_a_zone_in_the_link_is_told_and_can_be_left(get: Get, client: Client) -> None:
    page = read(client.get(f"{LIST}?tz=Asia/Tokyo&actor=x"))
    assert "Times in Asia/Tokyo, as in the link." in page.text
    assert page.find("p", class_="notice").find("a")["href"] == "?actor=x"


# --- Cost ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["", "?actor=mara&tag=-a:b&since=2026-01-01&change=other&deployment=-x", "?cursor={cursor}"],
)
def test_the_number_of_queries_does_not_grow(
    query: str, client: Client, organization: Organization, many: None
) -> None:
    query = query.format(cursor=Event.objects.order_by("-id").values_list("id", flat=True)[60])
    before = count_queries(client, query)
    EventFactory.create_batch(
        40, organization=organization, details={f"k{n}": "v" for n in range(30)}, deployment="prod"
    )
    assert count_queries(client, query) <= before
    assert before <= 10


def count_queries(client: Client, query: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(LIST + query).status_code == 200
    return len(queries)


def uuid_after(event: Event) -> str:
    """A cursor just after an event, so that a page from there begins with it."""
    return str(UUID(int=event.id.int + 1))


# --- Choices ------------------------------------------------------------------------------------


def options(client: Client, field: str, typed: str) -> list[tuple[str, str]]:
    response = client.get(f"/acme/events/choices/{field}/", {field: typed})
    assert response.status_code == 200
    return [(each["value"], each.text) for each in read(response).find_all("option")]


def test_choices_hold_what_was_typed(client: Client, record: Callable[..., Event]) -> None:
    record(details={"namespace": "company.finance", "flow_id": "x"})
    assert options(client, "actor", "ito") == [("mara.ito@acme.dev", "Mara Ito")]
    assert options(client, "actor", "-ITO") == [("mara.ito@acme.dev", "Mara Ito")]
    assert options(client, "event_type", "update sch") == [("schedule.updated", "Update schedule")]
    assert [value for value, _ in options(client, "tag", "name")] == ["namespace:"]
    assert [value for value, _ in options(client, "tag", "namespace:FIN")] == [
        "namespace:company.finance"
    ]
    assert options(client, "actor", "nobody") == []


def test_there_are_no_choices_for_what_is_no_filter(client: Client) -> None:
    assert client.get("/acme/events/choices/password/").status_code == 404


def test_choices_are_the_organisations_own(client: Client) -> None:
    EventFactory.create(actor={"kind": "user", "id": "secret-agent"})
    assert options(client, "actor", "secret") == []
