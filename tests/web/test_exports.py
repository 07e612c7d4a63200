import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from django.core.signals import request_finished
from django.http import StreamingHttpResponse
from django.test import Client

from audit.browsing.exports import reading
from audit.models import Event, Organization, Snapshot
from auditsite.models import User
from tests.factories import EventFactory
from tests.web.markup import read

PAGE = "/acme/events/export/"
MARA, TOM = ({"kind": "user", "id": f"{name}@acme.dev"} for name in ("mara", "tom"))


@pytest.fixture
def client(signed_in: Callable[[User], Client], admin: User) -> Client:
    return signed_in(admin)


@pytest.fixture
def events(organization: Organization) -> list[Event]:
    """Newest first."""
    recorded = [
        EventFactory.create(organization=organization, actor=actor, after={"n": 1})
        for actor in (MARA, TOM, MARA)
    ]
    return recorded[::-1]


def download(client: Client, query: str = "", **form: Any) -> Any:
    response = client.post(PAGE + query, {"format": "ndjson", "packing": "plain"} | form)
    assert response.status_code == 200
    assert isinstance(response, StreamingHttpResponse)
    return response


def body(response: Any) -> bytes:
    return bytes(response.getvalue())


def recorded(organization: Organization) -> Event:
    return Event.objects.get(organization=organization, event_type="export.created")


# --- Who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_only_admins_of_the_organisation_may(
    method: str,
    events: list[Event],
    signed_in: Callable[[User], Client],
    member: User,
    stranger: User,
) -> None:
    def ask(client: Client) -> Any:
        return getattr(client, method)(PAGE, {"format": "csv"})

    assert ask(signed_in(member)).status_code == 403
    assert ask(signed_in(stranger)).status_code == 404
    signed_out = ask(Client())
    assert signed_out.status_code == 302
    assert signed_out["Location"].startswith("/accounts/login/")
    assert not Event.objects.filter(event_type="export.created")


def test_a_form_of_another_site_gets_nothing(events: list[Event], admin: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert client.post(PAGE, {"format": "csv"}).status_code == 403


# --- The page -----------------------------------------------------------------------------------


def test_the_page_says_what_would_be_exported(client: Client, events: list[Event]) -> None:
    everything = read(client.get(PAGE))
    assert "Every event of Acme." in everything.find("form", id="export").text
    page = read(client.get(f"{PAGE}?actor=mara@acme.dev&change=-deleted"))
    chips = [chip["data-filter"] for chip in page.find_all(data_filter=True)]
    assert chips == ["actor=mara@acme.dev", "change=-deleted"]
    assert page.find("a", id="results")["href"].startswith("/acme/events/?actor=mara@acme.dev")
    formats = page.find_all("input", name="format")
    assert [each["value"] for each in formats] == ["csv", "ndjson", "json"]
    assert not Event.objects.filter(event_type="export.created")


def test_the_list_leads_to_the_export_of_what_it_shows(client: Client, events: list[Event]) -> None:
    query = f"actor=mara%40acme.dev&since=now-7d&open={events[0].id}&cursor={events[0].id}"
    link = read(client.get(f"/acme/events/?{query}")).find("a", id="export")
    assert link["href"] == f"{PAGE}?actor=mara%40acme.dev&since=now-7d"
    assert link["hx-boost"] == "false"


def test_the_page_says_what_is_to_be_said_of_the_query(client: Client, events: list[Event]) -> None:
    page = read(client.get(f"{PAGE}?q=zzz*"))
    assert "No word that is known begins with “zzz”." in page.find("form", id="export").text


def test_looking_for_the_page_exports_nothing(client: Client, events: list[Event]) -> None:
    assert client.head(PAGE).status_code == 200
    assert not Event.objects.filter(event_type="export.created")


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_wrong_filter_exports_nothing(method: str, client: Client, events: list[Event]) -> None:
    response = getattr(client, method)(f"{PAGE}?change=sideways", QUERY_STRING="change=sideways")
    assert response.status_code == 400
    assert "change must be" in read(response).find(role="alert").text
    assert not read(response).find_all("form", id="export")


def test_an_unknown_format_is_refused(client: Client, events: list[Event]) -> None:
    response = client.post(PAGE, {"format": "xlsx"})
    assert response.status_code == 400
    assert "xlsx" in read(response).find(role="alert").text


def test_the_page_lists_the_latest_exports(client: Client, events: list[Event]) -> None:
    body(download(client))
    organization = events[0].organization
    item = read(client.get(PAGE)).find("li", data_event_id=str(recorded(organization).id))
    assert "3 events as NDJSON" in item.text
    manifest = item.find("a", class_="link")["href"]
    assert client.get(manifest).status_code == 200


# --- The file -----------------------------------------------------------------------------------


def test_the_file_holds_what_the_filters_find(client: Client, events: list[Event]) -> None:
    lines = body(download(client, "?actor=mara@acme.dev")).splitlines()
    assert [json.loads(line)["id"] for line in lines] == [str(events[0].id), str(events[2].id)]
    oldest_first = body(download(client, order="oldest")).splitlines()
    assert [json.loads(line)["id"] for line in oldest_first][:3] == [
        str(event.id) for event in reversed(events)
    ]


@pytest.mark.parametrize(
    ("form", "content_type", "ending"),
    [
        ({"format": "csv"}, "text/csv; charset=utf-8", ".csv"),
        ({"format": "ndjson"}, "application/x-ndjson", ".ndjson"),
        ({"format": "json"}, "application/json", ".json"),
        ({"format": "csv", "packing": "gzip"}, "application/gzip", ".csv.gz"),
        ({"format": "json", "packing": "zip"}, "application/zip", ".json.zip"),
        ({"format": "json", "packing": ""}, "application/zip", ".json.zip"),
    ],
)
def test_the_file_is_named_for_what_it_is(
    client: Client, events: list[Event], form: dict[str, str], content_type: str, ending: str
) -> None:
    response = download(client, **form)
    assert response["Content-Type"] == content_type
    name = response["Content-Disposition"].removeprefix('attachment; filename="').rstrip('"')
    assert name.startswith("acme-events-2")
    assert name.endswith(ending)
    assert response["Cache-Control"] == "no-store"
    assert body(response)


def test_columns_can_be_asked_for(client: Client, organization: Organization) -> None:
    EventFactory.create(organization=organization, details={"namespace": "=prod", "b": "2"})
    response = download(client, format="csv", column=["namespace", "b"])
    (row,) = csv.DictReader(io.StringIO(body(response).decode(), newline=""))
    assert (row["details.namespace"], row["details.b"]) == ("'=prod", "2")


def test_gzip_holds_the_file(client: Client, events: list[Event]) -> None:
    assert gzip.decompress(body(download(client, packing="gzip"))).count(b"\n") == 3


# --- The record of it ---------------------------------------------------------------------------


def test_the_export_is_an_event_of_the_person(
    client: Client, admin: User, organization: Organization, events: list[Event]
) -> None:
    response = client.post(
        f"{PAGE}?actor=mara@acme.dev", {"format": "csv"}, headers={"User-Agent": "Firefox"}
    )
    with zipfile.ZipFile(io.BytesIO(body(response))) as archive:
        table, manifest = (archive.read(name) for name in archive.namelist())
    event = recorded(organization)
    assert (event.actor_kind, event.actor_id) == ("user", admin.email)
    assert (event.outcome, event.user_agent) == ("success", "Firefox")
    assert event.session
    assert (event.ip, len(event.request_id)) == ("127.0.0.1", 32)
    assert event.details["sha256"] == sha256(table).hexdigest()
    assert event.details["events"] == "2"
    snapshot = Snapshot.objects.get(organization=organization, id=event.id)
    assert json.loads(snapshot.after or "") == json.loads(manifest)
    assert json.loads(manifest)["query"] == {"actor": ["mara@acme.dev"]}


def test_a_download_broken_off_is_recorded_as_a_failure(
    client: Client,
    organization: Organization,
    events: list[Event],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "_BATCH", 1)
    # It would close the connection that the test has its transaction on.
    monkeypatch.setattr(request_finished, "send", lambda **_: [])
    response = download(client)
    next(iter(response))
    response.close()
    event = recorded(organization)
    assert event.outcome == "failure"
    assert event.summary.startswith("Broke off after ")


def test_a_browser_with_a_long_name_can_export(
    client: Client, organization: Organization, events: list[Event]
) -> None:
    response = client.post(PAGE, {"format": "csv"}, headers={"User-Agent": "x" * 5_000})
    assert body(response)
    assert recorded(organization).user_agent == ""
