import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jsonpatch
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from audit.models import Event, Organization
from auditsite.models import User
from tests.diff_table import Table
from tests.factories import EventFactory

BEFORE = {"cron": "0 2 * * *", "paused": False, "tags": [*"abcdefghijkl"], "port": "80"}
AFTER = {"cron": "30 4 * * *", "zone": "UTC", "tags": [*"abcdefghijkl"], "port": 80}
AT = datetime(2026, 3, 2, 9, 30, 7, 418_000, tzinfo=UTC)
URLS = ("event-detail", "event-before", "event-after", "event-patch")


@pytest.fixture
def event(organization: Organization) -> Event:
    return EventFactory.create(
        organization=organization,
        occurred_at=AT,
        resource={"type": "schedule", "id": "nightly", "name": "Nightly revenue"},
        deployment="prod",
        change="updated",
        details={"namespace": "company.finance", "flag": "-x"},
        summary="Paused and moved to 04:30",
        session="s_8f2c",
        ip="203.0.113.24",
        user_agent="curl/8.5.0",
        request_id="req_91",
        before=BEFORE,
        after=AFTER,
    )


@pytest.fixture
def client(signed_in: Callable[[User], Client], admin: User) -> Client:
    return signed_in(admin)


def url_of(event: Event, name: str = "event-detail") -> str:
    return reverse(f"audit:{name}", args=["acme", event.id])


def shown(client: Client, event: Event, query: str = "", *, htmx: bool = False) -> str:
    response = client.get(f"{url_of(event)}{query}", headers={"HX-Request": "true"} if htmx else {})
    assert response.status_code == 200
    return response.content.decode()


def store(event: Event, before: str | None, after: str | None) -> None:
    """Snapshots as no recording would write them."""
    values = [event.organization_id, event.id, before, after]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_snapshot (organization_id, id, before, after)"
            " VALUES (%s, %s, %s, %s)",
            values,
        )


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", html))


# --- Who may see it -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", URLS)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "htmx"])
class TestAccess:
    def test_strangers_learn_nothing(
        self, name: str, headers: Any, event: Event, signed_in: Any, stranger: User
    ) -> None:
        client, other = signed_in(stranger), uuid4()
        found = client.get(url_of(event, name), headers=headers)
        missing = client.get(
            url_of(event, name).replace(str(event.id), str(other)), headers=headers
        )
        assert found.status_code == missing.status_code == 404
        assert text_of(found.content.decode()) == text_of(missing.content.decode())

    def test_a_foreign_event_is_not_found(
        self, name: str, headers: Any, event: Event, client: Client
    ) -> None:
        foreign = EventFactory.create(occurred_at=AT, before=1, after=2)
        assert client.get(url_of(event, name), headers=headers).status_code == 200
        assert client.get(url_of(foreign, name), headers=headers).status_code == 404

    def test_members_without_the_role_are_refused(
        self, name: str, headers: Any, event: Event, signed_in: Any, member: User
    ) -> None:
        assert signed_in(member).get(url_of(event, name), headers=headers).status_code == 403


@pytest.mark.parametrize("name", URLS)
def test_the_signed_out_are_asked_to_sign_in(name: str, event: Event) -> None:
    response = Client().get(url_of(event, name))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("login"))


@pytest.mark.parametrize("name", URLS)
def test_events_are_only_read(name: str, event: Event, client: Client) -> None:
    assert client.post(url_of(event, name)).status_code == 405


# --- The panel ----------------------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
def test_each_side_of_the_table_is_its_document(event: Event, client: Client, htmx: bool) -> None:
    table = Table(shown(client, event, "?full=1", htmx=htmx))
    assert json.loads(table.document("before")) == BEFORE
    assert json.loads(table.document("after")) == AFTER


def test_it_says_who_did_what(event: Event, client: Client) -> None:
    text = text_of(shown(client, event))
    assert "Schedule Nightly revenue" in text
    assert "Mara Ito updated schedule Nightly revenue in prod. Paused and moved to 04:30" in text
    assert "+1 added" in text
    assert "−1 removed" in text
    assert "2 changed (1 in type)" in text
    assert "curl 8.5.0" in text


def test_what_it_shares_with_others_leads_to_them(event: Event, client: Client) -> None:
    html = shown(client, event)
    log = reverse("audit:event-list", args=["acme"])
    for query in (
        "actor=mara.ito%40acme.dev",
        "event_type=schedule.updated",
        "resource=schedule%2Fnightly",
        "deployment=prod",
        "session=s_8f2c",
        "ip=203.0.113.24",
        "request_id=req_91",
        "tag=namespace%3Acompany.finance",
        "tag=flag%3A-x",
    ):
        assert f'href="{log}?{query}"' in html


def test_a_value_that_begins_with_a_dash_is_not_an_exclusion(
    organization: Organization, client: Client
) -> None:
    event = EventFactory.create(organization=organization, session="-x", request_id="\\-y")
    html = shown(client, event)
    assert "?session=%5C-x" in html
    assert "?request_id=%5C%5C-y" in html


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(), r"\(\+[\d.]+ m?s\)"),
        (timedelta(seconds=5), r"\(\+[567] s\)"),
        (timedelta(minutes=5), r"\(\+5 min\)"),
        (timedelta(hours=5), r"\(\+5 h\)"),
        (timedelta(days=1_200), r"\(\+1,200 days\)"),
        (timedelta(minutes=-5), r"\(−5 min\)"),
    ],
)
def test_it_says_how_much_later_it_was_recorded(
    ago: timedelta, said: str, organization: Organization, client: Client
) -> None:
    occurred_at = datetime.now(UTC) - ago
    event = EventFactory.create(organization=organization, occurred_at=occurred_at)
    assert re.search(said, text_of(shown(client, event)))


def test_two_queries_beside_the_session_and_the_membership(
    event: Event, client: Client, django_assert_num_queries: Any
) -> None:
    for query in ("", "?full=1", "?view=unified"):
        # session, user, membership, event, snapshot
        with django_assert_num_queries(5):
            shown(client, event, query, htmx=True)


def test_recorded_text_is_never_markup(organization: Organization, client: Client) -> None:
    mark = "<script>x()</script>\"'"
    event = EventFactory.create(
        organization=organization,
        actor={"kind": "user", "id": f"id{mark}", "name": f"name{mark}", "impersonator": mark},
        event_type=f"type{mark}",
        resource={"type": f"r{mark}", "id": mark, "name": mark},
        deployment=mark,
        branch_deployment=mark,
        details={mark: mark},
        summary=mark,
        session=mark,
        user_agent=mark,
        request_id=mark,
        before={mark: mark},
        after={mark: [mark]},
    )
    html = shown(client, event)
    assert "<script>x" not in html
    assert "&lt;script&gt;x()&lt;/script&gt;&quot;&#x27;" in html


def test_a_direction_override_does_not_turn_the_sentence_around(
    organization: Organization, client: Client
) -> None:
    event = EventFactory.create(
        organization=organization, resource={"type": "schedule", "id": "exe.\u202efdp"}
    )
    html = shown(client, event)
    assert "\u202e" not in re.sub("<[^>]*>", "", html)
    assert "updated schedule exe.‹U+202E›fdp" in text_of(html)


# --- What there is to compare -------------------------------------------------------------------


def test_what_was_created_has_only_a_right_side(organization: Organization, client: Client) -> None:
    event = EventFactory.create(organization=organization, after=AFTER)
    html = shown(client, event)
    assert 'data-side="before"' not in html
    assert json.loads(Table(html).document("after")) == AFTER
    assert "created by this event" in html


def test_what_was_deleted_has_only_a_left_side(organization: Organization, client: Client) -> None:
    event = EventFactory.create(organization=organization, before=BEFORE)
    html = shown(client, event)
    assert 'data-side="after"' not in html
    assert json.loads(Table(html).document("before")) == BEFORE


def test_a_snapshot_that_is_null_is_a_snapshot(organization: Organization, client: Client) -> None:
    event = EventFactory.create(organization=organization, before=None, after={})
    table = Table(shown(client, event))
    assert (table.document("before"), table.document("after")) == ("null", "{}")


def test_without_a_snapshot_it_says_so(organization: Organization, client: Client) -> None:
    html = shown(client, EventFactory.create(organization=organization))
    assert "No snapshot was recorded" in html
    assert "<table" not in html
    assert "before.json" not in html


def test_equal_documents_are_called_equal(organization: Organization, client: Client) -> None:
    event = EventFactory.create(organization=organization, before=BEFORE, after=BEFORE)
    assert "Before and after are the same document" in shown(client, event)


def test_a_snapshot_that_cannot_be_compared_stays_readable(
    organization: Organization, client: Client
) -> None:
    event = EventFactory.create(organization=organization)
    store(event, '{"a": 1, "a": 2}', "{}")
    assert "duplicate key" in shown(client, event)
    assert client.get(url_of(event, "event-before")).content == b'{"a": 1, "a": 2}'
    assert client.get(url_of(event, "event-patch")).status_code == 404


def test_what_was_left_out_is_said_and_the_raw_json_offered(
    organization: Organization, client: Client
) -> None:
    before, after = "a b " * 45_000, "c d " * 45_000
    event = EventFactory.create(organization=organization, before=before, after=after)
    text = text_of(shown(client, event))
    assert "marked as a whole" in text
    assert "The whole document is in the raw JSON" in text


# --- Folds, views, links ------------------------------------------------------------------------


def test_unchanged_lines_fold(event: Event, client: Client) -> None:
    html = shown(client, event)
    assert re.search(r"Show \d+ unchanged lines", html)
    assert Table(html).sides["after"] != Table(shown(client, event, "?full=1")).sides["after"]


def test_a_fold_opens_by_its_link(event: Event, client: Client) -> None:
    html = shown(client, event)
    link = re.search(r'href="([^"#]+unfold=\d+)#line-', html)
    assert link
    opened = client.get(link[1].replace("&amp;", "&")).content.decode()
    assert json.loads(Table(opened).document("after")) == AFTER
    assert 'class="fold"' not in opened


def test_a_fold_opens_in_place(event: Event, client: Client) -> None:
    html = shown(client, event, htmx=True)
    fragment = re.search(r'hx-get="[^"]*\?rows=(\d+)"', html)
    assert fragment
    rows = shown(client, event, f"?rows={fragment[1]}", htmx=True)
    assert rows.lstrip().startswith("<tr")
    inner = Table(rows).sides["after"]
    full = Table(shown(client, event, "?full=1")).sides["after"]
    assert inner
    assert "\n".join(inner) in "\n".join(full)


@pytest.mark.parametrize("index", ["999", "-1", "x", "", "²"])
def test_there_is_no_such_fold(index: str, event: Event, client: Client) -> None:
    response = client.get(url_of(event), {"rows": index}, headers={"HX-Request": "true"})
    assert response.status_code == 404
    assert client.get(url_of(event), {"unfold": index}).status_code == 200


def test_the_list_opens_the_same_panel(event: Event, client: Client) -> None:
    log = reverse("audit:event-list", args=["acme"])
    html = client.get(log, {"open": event.id, "full": "1"}).content.decode()
    assert json.loads(Table(html).document("after")) == AFTER
    folded = client.get(log, {"open": event.id}).content.decode()
    assert f'href="{log}?open={event.id}&amp;unfold=' in folded


@pytest.mark.parametrize(
    ("query", "cookie", "view"),
    [
        ("", "", "split"),
        ("?view=unified", "", "unified"),
        ("", "unified", "unified"),
        ("?view=split", "unified", "split"),
        ("?view=nonsense", "", "split"),
    ],
)
def test_the_view_is_in_the_link_or_remembered(
    query: str, cookie: str, view: str, event: Event, client: Client
) -> None:
    client.cookies["diff_view"] = cookie
    assert f'data-view="{view}"' in shown(client, event, query)


def test_its_links_freeze_the_zone(event: Event, client: Client) -> None:
    client.cookies["time_zone"] = "Asia/Tokyo"
    assert f"{url_of(event)}?tz=Asia%2FTokyo" in shown(client, event, htmx=True)


def test_the_time_is_told_in_both_zones_and_utc(event: Event, client: Client) -> None:
    client.cookies["time_zone"] = "Asia/Tokyo"
    text = text_of(shown(client, event, "?tz=America/New_York"))
    assert "Your time, Asia/Tokyo Mon 2 Mar 2026, 18:30:07.418" in text
    assert "Time of the link, America/New_York Mon 2 Mar 2026, 04:30:07.418" in text
    assert "UTC Mon 2 Mar 2026, 09:30:07.418" in text


def test_going_back_restores_the_whole_page(event: Event, client: Client) -> None:
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    response = client.get(url_of(event), headers=headers)
    assert b"<!doctype html>" in response.content
    assert "HX-Request" in response["Vary"]


# --- Raw documents ------------------------------------------------------------------------------


def test_documents_are_served_as_they_are_stored(
    organization: Organization, client: Client
) -> None:
    text = '{"z": 1.10, "a": 1E400, "ü\\u202e": "\\u0000"}'
    event = EventFactory.create(organization=organization)
    store(event, text, None)
    response = client.get(url_of(event, "event-before"))
    assert response.content == text.encode()
    assert response["Content-Type"] == "application/json"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"] == f'inline; filename="{event.id}.before.json"'
    assert client.get(url_of(event, "event-after")).status_code == 404


def test_one_value_of_a_document_is_served(event: Event, client: Client) -> None:
    def value(pointer: str) -> Any:
        return client.get(url_of(event, "event-after"), {"pointer": pointer})

    assert value("/cron").content == b'"30 4 * * *"'
    assert value("/tags/1").content == b'"b"'
    assert json.loads(value("").content) == AFTER
    for missing in ("/none", "/tags/99", "cron", "/cron/x"):
        assert value(missing).status_code == 404


def test_the_patch_turns_before_into_after(event: Event, client: Client) -> None:
    response = client.get(url_of(event, "event-patch"))
    assert response["Content-Type"] == "application/json-patch+json"
    assert jsonpatch.apply_patch(BEFORE, json.loads(response.content)) == AFTER


@pytest.mark.parametrize("name", URLS[1:])
def test_what_the_browser_has_is_not_sent_again(name: str, event: Event, client: Client) -> None:
    first = client.get(url_of(event, name))
    assert "private" in first["Cache-Control"]
    assert "no-cache" in first["Cache-Control"]
    again = client.get(url_of(event, name), headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
