import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from audit.api.browser_tokens import BrowserToken
from audit.models import ApiKey, BrowserOrigin, Event, Organization
from auditsite.models import User
from tests.factories import ActorGroupFactory, EventRuleFactory, OrganizationFactory

pytestmark = pytest.mark.django_db

type Send = Callable[..., Any]

EVENTS = "/acme/api/browser-events"
RULES = "/acme/api/browser-event-rules"
APP = "https://app.example.com"
ACTOR = {"kind": "user", "id": "mara.ito@acme.dev", "name": "Mara Ito"}


@pytest.fixture
def api_key(organization: Organization, key: str) -> ApiKey:
    BrowserOrigin.objects.create(organization=organization, origin=APP)
    return ApiKey.objects.get()


def token(key: ApiKey, **given: Any) -> str:
    facts = {
        "key_id": key.pk,
        "actor": ACTOR,
        "session": "s1",
        "event_types": (),
        "expires_at": datetime.now(UTC) + timedelta(minutes=5),
    }
    return BrowserToken(**facts | given).text


@pytest.fixture
def send(api_key: ApiKey) -> Send:
    """``send(event, token=…, origin=…)``: as a page of the application does."""

    def send(
        *events: Any, text: str | None = None, origin: str | None = APP, path: str = EVENTS
    ) -> Any:
        headers = {"Authorization": f"Bearer {text or token(api_key)}", "User-Agent": "Firefox"}
        if origin is not None:
            headers["Origin"] = origin
        return Client(enforce_csrf_checks=True).post(
            path,
            json.dumps(events),
            content_type="application/json",
            headers=headers,
            REMOTE_ADDR="203.0.113.24",
        )

    return send


def told(**given: Any) -> dict[str, Any]:
    return {"event_type": "log", "summary": "Saved"} | given


def refused(response: Any, status: int) -> None:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert not Event.objects.exists()


# --- What is recorded ---------------------------------------------------------------------------


def test_the_server_says_who_from_where_and_with_what(send: Send) -> None:
    page = {"session": "forged", "ip": "198.51.100.1", "user_agent": "x", "request_id": "y"}
    response = send(told(**page, details={"button": "save", "reported_by": "server"}))
    assert response.status_code == 201
    event = Event.objects.get()
    assert (event.actor_id, event.actor_name, event.session) == (ACTOR["id"], "Mara Ito", "s1")
    assert (event.ip, event.user_agent) == ("203.0.113.24", "Firefox")
    assert event.request_id == response["X-Request-ID"]
    assert event.details == {"button": "save", "reported_by": "browser"}


@pytest.mark.parametrize("claimed", [{"kind": "user", "id": "eve"}, "eve", ["eve"]])
def test_a_page_cannot_record_in_anothers_name(send: Send, claimed: Any) -> None:
    response = send(told(actor=claimed))
    refused(response, 422)
    assert "another actor" in response.json()["rejected"][0]["reason"]


def test_a_page_cannot_raise_itself(send: Send) -> None:
    raised = {"kind": "system", "id": ACTOR["id"], "name": "Root", "impersonator": "eve"}
    send(told(actor=raised))
    event = Event.objects.get()
    assert (event.actor_kind, event.actor_name, event.impersonator) == ("user", "Mara Ito", "")


def test_a_page_cannot_rewrite_the_past(send: Send) -> None:
    old = (timezone.now() - timedelta(days=8)).isoformat()
    refused(send(told(occurred_at=old)), 422)
    # The first 48 bits of an id are its time.
    refused(send(told(id="00000000-0000-7000-8000-000000000001")), 422)
    recent = (timezone.now() - timedelta(days=6)).isoformat()
    assert send(told(occurred_at=recent)).status_code == 201


def test_what_is_wrong_is_named_and_the_rest_recorded(send: Send) -> None:
    response = send(told(), told(actor="eve"), 3, told(details=3), told(summary="\0"))
    assert response.status_code == 207
    assert [each["index"] for each in response.json()["rejected"]] == [1, 2, 3, 4]
    assert Event.objects.count() == 1


def test_the_same_event_sent_twice_is_recorded_once(send: Send) -> None:
    made = int(timezone.now().timestamp() * 1000)
    at = datetime.fromtimestamp(made / 1000, UTC).isoformat()
    id = f"{made:012x}"[:8] + "-" + f"{made:012x}"[8:] + "-7abc-8def-0123456789ab"
    assert send(told(id=id, occurred_at=at)).json()["recorded"] == 1
    assert send(told(id=id, occurred_at=at)).json()["duplicates"] == 1


def test_a_token_may_be_for_some_event_types_only(send: Send, api_key: ApiKey) -> None:
    text = token(api_key, event_types=("log",))
    response = send(told(), told(event_type="secret.read"), text=text)
    assert response.status_code == 207
    assert Event.objects.get().event_type == "log"


def test_a_page_that_closes_sends_its_token_in_the_body(api_key: ApiKey) -> None:
    body = json.dumps({"token": token(api_key), "events": [told()]})
    closing = Client(enforce_csrf_checks=True).post(
        EVENTS, body, content_type="text/plain;charset=UTF-8", headers={"Origin": APP}
    )
    assert closing.status_code == 201
    assert Event.objects.get().actor_id == ACTOR["id"]


@pytest.mark.parametrize("body", ["x", "[]", '{"token": 3, "events": []}', '{"events": [{}]}'])
def test_a_closing_page_that_makes_no_sense_is_told_so(api_key: ApiKey, body: str) -> None:
    response = Client().post(EVENTS, body, content_type="text/plain", headers={"Origin": APP})
    refused(response, 400)


# --- Who may ------------------------------------------------------------------------------------


def test_a_token_that_has_expired_or_was_tampered_with_is_refused(
    send: Send, api_key: ApiKey
) -> None:
    late = token(api_key, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    refused(send(told(), text=late), 401)
    good = token(api_key)
    for wrong in (good[:-1], good[:10] + "A" + good[11:], "bt_", good.removeprefix("bt_")):
        refused(send(told(), text=wrong), 401)


def test_a_token_ends_with_its_key(send: Send, api_key: ApiKey) -> None:
    for change in (
        {"revoked_at": timezone.now()},
        {"expires_at": timezone.now()},
        {"scopes": ["events:read"]},
    ):
        text = token(api_key)
        ApiKey.objects.update(**change)
        refused(send(told(), text=text), 401)
        ApiKey.objects.update(revoked_at=None, expires_at=None, scopes=["events:write"])


def test_a_token_is_for_one_organisation(send: Send) -> None:
    OrganizationFactory.create(slug="other")
    foreign, unknown = (
        send(told(), path=EVENTS.replace("acme", slug)) for slug in ("other", "nobody")
    )
    refused(foreign, 404)
    assert foreign.content == unknown.content


def test_a_key_is_refused_here(send: Send, key: str) -> None:
    refused(send(told(), text=key), 401)


@pytest.mark.parametrize(
    "origin", [None, "null", "https://evil.example", "http://app.example.com", f"{APP}.evil"]
)
def test_pages_of_other_origins_are_refused(send: Send, origin: str | None) -> None:
    response = send(told(), origin=origin)
    refused(response, 403)
    assert "Access-Control-Allow-Origin" not in response


def test_an_origin_is_listed_for_one_organisation(send: Send, organization: Organization) -> None:
    other = OrganizationFactory.create(slug="other")
    BrowserOrigin.objects.create(organization=other, origin="https://theirs.example")
    refused(send(told(), origin="https://theirs.example"), 403)


def test_one_sender_cannot_flood_the_log(send: Send, settings: Any, api_key: ApiKey) -> None:
    settings.AUDIT_BROWSER_EVENTS_PER_MINUTE = 2
    assert send(told(), told()).status_code == 201
    assert int(send(told())["Retry-After"]) > 0
    other = token(api_key, actor={"kind": "user", "id": "lea"})
    assert send(told(), text=other).status_code == 201


def test_a_token_is_never_logged(
    send: Send, api_key: ApiKey, caplog: pytest.LogCaptureFixture
) -> None:
    text = token(api_key)
    with caplog.at_level("DEBUG"):
        send(told(details={"note": f"sent {text}"}), text=text)
    assert text not in caplog.text
    assert text not in str(Event.objects.get().details)


# --- With a session -----------------------------------------------------------------------------


def with_session(user: User, **given: Any) -> Any:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    client.cookies["csrf"] = "a" * 32
    headers = {"X-CSRFToken": "a" * 32, "Origin": "http://testserver"} | given.pop("headers", {})
    return client.post(
        EVENTS, json.dumps(told(**given)), content_type="application/json", headers=headers
    )


def test_a_signed_in_member_records_in_their_own_name(member: User) -> None:
    assert with_session(member, session="forged").status_code == 201
    event = Event.objects.get(event_type="log")
    assert event.actor_id == member.email
    assert event.session not in ("", "forged")


def test_a_session_counts_for_no_other_sites_page(member: User, api_key: ApiKey) -> None:
    for headers in ({"Origin": APP}, {"Origin": "null"}, {"X-CSRFToken": "b" * 32}):
        response = with_session(member, headers=headers)
        assert response.status_code == 403
        assert response["Content-Type"] == "application/problem+json"
    assert not Event.objects.filter(event_type="log").exists()


def test_strangers_and_the_signed_out_record_nothing(stranger: User, organization: Any) -> None:
    assert with_session(stranger).status_code == 404
    assert Client().post(EVENTS, told(), content_type="application/json").status_code == 401
    assert not Event.objects.filter(event_type="log").exists()


# --- Across origins -----------------------------------------------------------------------------


def preflight(origin: str, path: str = EVENTS) -> Any:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    return Client().options(path, headers=asked)


def test_a_listed_origin_may_call_and_read_the_answer(send: Send) -> None:
    asked = preflight(APP)
    assert asked.status_code == 204
    assert "POST" in asked["Access-Control-Allow-Methods"]
    assert "Authorization" in asked["Access-Control-Allow-Headers"]
    for response in (asked, send(told()), send(3), send(told(), text="bt_x")):
        assert response["Access-Control-Allow-Origin"] == APP
        assert "Access-Control-Allow-Credentials" not in response
        assert "Origin" in response["Vary"]


def test_no_other_origin_may(api_key: ApiKey) -> None:
    for origin, path in (("https://evil.example", EVENTS), (APP, EVENTS.replace("acme", "nobody"))):
        response = preflight(origin, path)
        assert response.status_code == 403
        assert "Access-Control-Allow-Origin" not in response
        assert "Origin" in response["Vary"]


def test_a_page_reads_the_rules_that_hold_for_its_actor(
    api_key: ApiKey, organization: Organization, member: User, signed_in: Callable[[User], Client]
) -> None:
    mine = ActorGroupFactory.create(organization=organization, actors=[ACTOR["id"]])
    others = ActorGroupFactory.create(organization=organization, actors=["lea@acme.dev"])
    for pattern, group in (("all", None), ("mine", mine), ("others", others)):
        EventRuleFactory.create(organization=organization, pattern=pattern, group=group)
    EventRuleFactory.create(pattern="elsewhere")
    headers = {"Authorization": f"Bearer {token(api_key)}", "Origin": APP}
    response = Client().get(RULES, headers=headers)
    assert response["Access-Control-Allow-Origin"] == APP
    told = response.json()["rules"]
    assert [rule["types"] for rule in told] == [["all"], ["mine"]]
    assert [rule["group"] for rule in told] == [None, None]
    again = Client().get(RULES, headers=headers | {"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    own = signed_in(member).get(RULES).json()["rules"]
    assert [rule["types"] for rule in own] == [["all"]]


def test_rules_are_for_listed_origins_and_tokens_alone(
    api_key: ApiKey, key: str, stranger: User, signed_in: Callable[[User], Client]
) -> None:
    shown = {"Authorization": f"Bearer {token(api_key)}"}
    evil = Client().get(RULES, headers=shown | {"Origin": "https://evil.example"})
    assert evil.status_code == 403
    assert Client().get(RULES).status_code == 401
    assert Client().get(RULES, headers={"Authorization": f"Bearer {key}"}).status_code == 401
    assert signed_in(stranger).get(RULES).status_code == 404


def test_a_page_is_told_to_come_back_while_the_database_is_away(
    send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> bool:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(type(BrowserOrigin.objects), "lists", away)
    response = send(told())
    refused(response, 503)
    assert int(response["Retry-After"]) > 0


def test_no_other_address_of_the_api_is_for_pages(send: Send) -> None:
    assert "Access-Control-Allow-Origin" not in preflight(APP, "/acme/api/events")
    assert "Access-Control-Allow-Origin" not in preflight(APP, "/acme/api/browser-tokens")
