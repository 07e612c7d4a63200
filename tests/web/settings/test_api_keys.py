import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import KEY_PATTERN, ApiKey, Event, Organization, Scope, Snapshot
from auditsite.models import User
from tests.web.markup import Element, read

PAGE = "/acme/settings/api-keys/"


@pytest.fixture
def client(signed_in: Callable[[User], Client], admin: User) -> Client:
    return signed_in(admin)


@pytest.fixture
def key(organization: Organization) -> ApiKey:
    return ApiKey.objects.issue(organization, name="worker", scopes=[Scope.EVENTS_WRITE])[0]


def filled(client: Client, **form: Any) -> dict[str, Any]:
    """The form as a browser sends it."""
    once = read(client.get(PAGE)).find("input", name="once")["value"]
    return {"once": once, "name": "nightly", "scopes": "events:write", "lifetime": "90"} | form


def row(client: Client, key: ApiKey) -> Element:
    return read(client.get(PAGE)).find("li", data_api_key=key.prefix)


# --- Making one ---------------------------------------------------------------------------------


def test_a_new_key_is_shown_once(client: Client, organization: Organization, admin: User) -> None:
    response = client.post(PAGE, filled(client))
    text = read(response).find("code", id="key").text
    key = ApiKey.objects.get(organization=organization)
    assert KEY_PATTERN.fullmatch(text)
    assert ApiKey.objects.holding(text) == key
    assert (key.name, key.scopes, key.created_by_id) == ("nightly", ["events:write"], admin.pk)
    assert key.expires_at is not None
    assert abs(key.expires_at - timezone.now() - timedelta(days=90)) < timedelta(minutes=1)
    assert "no-store" in response["Cache-Control"]
    # Neither the list nor what the browser and the session keep has it.
    secret = text.rpartition("_")[2]
    assert secret not in client.get(PAGE).content.decode()
    assert secret not in str(dict(client.session.items()))
    assert secret not in str(client.cookies)


def test_a_reload_makes_no_second_key(client: Client, organization: Organization) -> None:
    form = filled(client)
    client.post(PAGE, form)
    again = client.post(PAGE, form)
    assert again.status_code == 409
    assert "has been made already" in read(again).find(role="alert").text
    assert ApiKey.objects.count() == 1
    assert Event.objects.filter(event_type="api_key.created").count() == 1


def test_making_one_is_recorded_without_its_secret(
    client: Client, organization: Organization, admin: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        response = client.post(PAGE, filled(client, lifetime="0", scopes=["events:read"]))
    text = read(response).find("code", id="key").text
    event = Event.objects.get(organization=organization)
    key = ApiKey.objects.get(organization=organization)
    assert (event.event_type, event.actor_id) == ("api_key.created", admin.email)
    assert (event.resource_id, event.resource_name) == (key.prefix, "nightly")
    snapshot = Snapshot.objects.get(organization=organization, id=event.id)
    assert snapshot.before is None
    assert json.loads(snapshot.after or "") == {
        "name": "nightly",
        "prefix": f"as_acme_{key.prefix}",
        "scopes": ["events:read"],
        "expires_at": None,
    }
    secret = text.rpartition("_")[2]
    for kept in (snapshot.after, event.details, event.words, caplog.text):
        assert secret not in str(kept)
        assert bytes(key.digest).hex() not in str(kept)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": " "}, "Give the key a name."),
        ({"scopes": []}, "Choose what the key may do."),
        ({"scopes": ["everything"]}, "everything is not one of the available choices"),
        ({"lifetime": "1000"}, "1000 is not one of the available choices"),
        ({"once": "000000000000"}, "The form was not one of ours"),
    ],
)
def test_a_wrong_form_is_shown_again_with_what_is_wrong(
    client: Client, organization: Organization, wrong: dict[str, Any], sentence: str
) -> None:
    response = client.post(PAGE, filled(client, **wrong))
    assert response.status_code == 400
    assert sentence in read(response).text
    assert not ApiKey.objects.exists()


# --- The list -----------------------------------------------------------------------------------


def test_the_list_says_what_is_known_of_a_key(client: Client, key: ApiKey) -> None:
    assert "Active" in row(client, key).text
    assert f"as_acme_{key.prefix}_…" in row(client, key).text
    assert "Last used never" in row(client, key).text
    ApiKey.objects.update(expires_at=timezone.now())
    assert "Expired" in row(client, key).text


def test_the_list_costs_the_same_however_long_it_is(
    client: Client, organization: Organization, admin: User, django_assert_num_queries: Any
) -> None:
    for count in (1, 5):
        for _ in range(count):
            ApiKey.objects.issue(organization, name="n", scopes=[], created_by_id=admin.pk)
        with django_assert_num_queries(6):
            client.get(PAGE)


def test_keys_of_others_are_not_in_it(client: Client, stranger: User) -> None:
    other = Organization.objects.exclude(slug="acme").get()
    key, _ = ApiKey.objects.issue(other, name="theirs", scopes=[])
    assert "theirs" not in client.get(PAGE).content.decode()
    assert client.get(f"{PAGE}{key.pk}/revoke/").status_code == 404
    assert client.post(f"{PAGE}{key.pk}/revoke/").status_code == 404


# --- Revoking -----------------------------------------------------------------------------------


def test_a_key_is_revoked_after_asking(
    client: Client, key: ApiKey, organization: Organization, admin: User
) -> None:
    ask = row(client, key).find("a")["href"]
    assert "Revoke “worker”?" in read(client.get(ask)).text
    key.refresh_from_db()
    assert key.is_usable

    assert client.post(ask)["Location"] == PAGE
    key.refresh_from_db()
    assert not key.is_usable
    assert key.revoked_by_id == admin.pk
    assert "Revoked" in row(client, key).text
    assert not row(client, key).find_all("a")
    event = Event.objects.get(organization=organization)
    assert (event.event_type, event.resource_id) == ("api_key.revoked", key.prefix)

    # Once more changes nothing, and is no second event.
    assert client.post(ask)["Location"] == PAGE
    assert Event.objects.count() == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_only_admins_may_revoke(
    method: str, key: ApiKey, signed_in: Callable[[User], Client], member: User, stranger: User
) -> None:
    ask = f"{PAGE}{key.pk}/revoke/"
    assert getattr(signed_in(member), method)(ask).status_code == 403
    assert getattr(signed_in(stranger), method)(ask).status_code == 404
    assert getattr(Client(), method)(ask).status_code == 302
    key.refresh_from_db()
    assert key.is_usable
