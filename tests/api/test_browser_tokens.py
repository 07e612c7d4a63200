from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import signing

from audit.api.browser_tokens import BrowserToken
from audit.models import ApiKey, Organization, Scope

type Post = Callable[..., Any]

pytestmark = pytest.mark.django_db

TOKENS = "/acme/api/browser-tokens"
ACTOR = {"kind": "user", "id": "mara.ito@acme.dev", "name": "Mara Ito"}


def test_a_token_says_whose_it_is_and_ends_by_itself(post: Post) -> None:
    response = post({"actor": ACTOR, "session": "s1", "event_types": ["log"]}, path=TOKENS)
    assert response.status_code == 201
    assert response["Cache-Control"] == "no-store"
    made = response.json()
    token = BrowserToken.read(made["token"])
    assert token is not None
    assert (token.actor, token.session, token.event_types) == (ACTOR, "s1", ("log",))
    assert datetime.fromisoformat(made["expires_at"]) == token.expires_at
    in_15_minutes = datetime.now(UTC) + timedelta(minutes=15)
    assert abs(token.expires_at - in_15_minutes) < timedelta(seconds=10)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"actor": {"kind": "user"}},
        {"actor": {"kind": "robot", "id": "r"}},
        {"actor": ACTOR | {"admin": True}},
        {"actor": ACTOR, "expires_in": 3_601},
        {"actor": ACTOR, "expires_in": 1},
        {"actor": ACTOR, "session": "\0"},
        {"actor": ACTOR, "event_types": ["log"] * 21},
        {"actor": ACTOR, "scopes": ["events:read"]},
        b"{",
    ],
)
def test_a_wrong_wish_is_refused_with_a_sentence(post: Post, wrong: object) -> None:
    response = post(wrong, path=TOKENS)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["detail"].endswith(".")


def test_only_a_key_that_may_record_makes_tokens(post: Post, organization: Organization) -> None:
    _, reader = ApiKey.objects.issue(organization, name="r", scopes=[Scope.EVENTS_READ])
    assert post({"actor": ACTOR}, path=TOKENS, key=reader).status_code == 403
    assert post({"actor": ACTOR}, path=TOKENS, key=None).status_code == 401
    assert post({"actor": ACTOR}, path="/other/api/browser-tokens").status_code == 404


def test_a_token_makes_no_tokens_and_does_for_no_key(post: Post) -> None:
    token = post({"actor": ACTOR}, path=TOKENS).json()["token"]
    assert post({"actor": ACTOR}, path=TOKENS, key=token).status_code == 401
    assert post({}, key=token).status_code == 401


def test_what_we_have_not_signed_is_no_token() -> None:
    facts = [1, ACTOR, "", [], 4_000_000_000]
    assert BrowserToken.read("bt_" + signing.dumps(facts, salt="audit.browser-token")) is not None
    assert BrowserToken.read("bt_" + signing.dumps(facts, salt="something.else")) is None
    assert BrowserToken.read(signing.dumps(facts, salt="audit.browser-token")) is None
    assert BrowserToken.read("bt_") is None
