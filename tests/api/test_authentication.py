from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import ApiKey, Event, Organization, Scope
from auditsite.models import User
from tests.api.events import event
from tests.factories import OrganizationFactory

type Post = Callable[..., Any]

pytestmark = pytest.mark.django_db


def refused(response: Any, status: int) -> None:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status
    assert response.json()["detail"].endswith(".")
    assert not Event.objects.exists()


def test_a_key_is_needed(post: Post) -> None:
    response = post(event(), key=None)
    refused(response, 401)
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("text", ["", "nonsense", f"as_acme_{'0' * 12}_{'0' * 64}", "as_\u00fc"])
def test_a_wrong_key_is_refused(post: Post, text: str) -> None:
    refused(post(event(), key=text), 401)


def test_a_key_that_was_revoked_or_has_expired_is_refused(post: Post) -> None:
    for end in ("revoked_at", "expires_at"):
        ApiKey.objects.update(**{end: timezone.now() - timedelta(seconds=1)})
        refused(post(event()), 401)
        ApiKey.objects.update(**{end: None})
    assert post(event()).status_code == 201


def test_a_key_allows_what_its_scopes_say(post: Post, organization: Organization) -> None:
    _, reader = ApiKey.objects.issue(organization, name="r", scopes=[Scope.EVENTS_READ])
    refused(post(event(), key=reader), 403)


def test_nobody_learns_which_organisations_there_are(post: Post) -> None:
    OrganizationFactory.create(slug="other")
    foreign, unknown = (post(event(), path=f"/{slug}/api/events") for slug in ("other", "nobody"))
    refused(foreign, 404)
    refused(unknown, 404)
    assert foreign.content == unknown.content
    without = [
        post(event(), path=f"/{slug}/api/events", key=None) for slug in ("other", "nobody", "acme")
    ]
    assert len({response.content for response in without}) == 1


def test_the_header_of_dagster_does_too(post: Post, key: str) -> None:
    assert post(event(), key=None, Dagster_Cloud_Api_Token=key).status_code == 201


def test_a_session_allows_nothing(
    admin: User, signed_in: Callable[[User], Client], organization: Organization
) -> None:
    response = signed_in(admin).post("/acme/api/events", event(), "application/json")
    refused(response, 401)


def test_use_of_a_key_is_noted(post: Post) -> None:
    post(event())
    assert ApiKey.objects.get().last_used_at is not None


def test_a_key_is_never_logged(
    post: Post, key: str, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    with caplog.at_level("DEBUG"):
        post(event())
        post(event(), path="/nobody/api/events")
        post(b"{")
    assert key.rpartition("_")[2] not in caplog.text
