"""Sign-ins, passwords and permissions are recorded without being asked."""

import logging
from typing import Any

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client, override_settings

from audit.models import Event, Organization, Snapshot
from auditsite.models import User
from tests.factories import PASSWORD, UserFactory


@pytest.fixture(autouse=True)
def _recording(organization: Organization, settings: Any) -> None:
    settings.AUDIT_ORGANIZATION = "acme"


@pytest.fixture
def ada(settings: Any) -> User:
    user = UserFactory.create(email="ada@acme.example", name="Ada")
    settings.AUDIT_RECORD_CHANGES = True
    return user


def told() -> list[tuple[str, str, str, str]]:
    events = Event.objects.order_by("id")
    return [(e.event_type, e.actor_id, e.resource_id, e.outcome) for e in events]


def sign_in(client: Client, name: str, password: str) -> None:
    client.post("/accounts/login/", {"username": name, "password": password})


def test_signing_in_and_out_is_recorded_with_its_session(ada: User, client: Client) -> None:
    sign_in(client, "ada@acme.example", PASSWORD)
    client.post("/accounts/logout/")
    assert told() == [
        ("user.logged_in", ada.email, ada.email, "success"),
        ("user.logged_out", ada.email, ada.email, "success"),
    ]
    sessions = {event.session for event in Event.objects.all()}
    assert len(sessions) == 1
    assert all(sessions)
    event = Event.objects.first()
    assert event
    assert (event.ip, event.details) == ("127.0.0.1", {"method": "password"})


def test_a_failed_sign_in_of_a_known_account_is_recorded_without_the_password(
    ada: User, client: Client
) -> None:
    sign_in(client, "ada@acme.example", "wr0ng")
    assert told() == [("user.login_failed", ada.email, ada.email, "failure")]
    assert "wr0ng" not in str(Event.objects.values())


@pytest.mark.parametrize("told_of_nobody", ["acme", "tests.recording.test_accounts.nobody"])
def test_what_was_typed_as_the_name_of_no_account_is_kept_nowhere(
    ada: User, client: Client, caplog: pytest.LogCaptureFixture, settings: Any, told_of_nobody: str
) -> None:
    settings.AUDIT_ORGANIZATION = told_of_nobody
    with caplog.at_level(logging.INFO):
        sign_in(client, "hunter2@acme.example", "wr0ng")
    assert "hunter2" not in caplog.text + str(list(Event.objects.values()))
    if told_of_nobody == "acme":
        assert told() == [("user.login_failed", "(anonymous)", "", "failure")]
    else:
        assert "belongs to no organisation" in caplog.text
        assert told() == []


def nobody(subject: object) -> None:
    return None


def test_a_new_password_is_recorded_by_its_fingerprint(ada: User) -> None:
    ada.set_password("another battery staple")
    ada.save()
    assert told() == [("user.password_changed", told()[0][1], ada.email, "success")]
    snapshot = Snapshot.objects.get()
    assert "$redacted" in snapshot.before
    assert "md5" not in snapshot.before + snapshot.after


def test_a_password_taken_away_or_set_in_bulk_is_recorded(ada: User) -> None:
    ada.set_unusable_password()
    ada.save()
    User.objects.update(password="!")
    assert {kind for kind, *_ in told()} == {"user.password_changed"}


def test_a_hash_made_anew_by_a_sign_in_is_no_new_password(ada: User) -> None:
    hashers = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    with override_settings(PASSWORD_HASHERS=hashers):
        assert authenticate(username=ada.email, password=PASSWORD)
    assert [kind for kind, *_ in told()] == ["user.updated"]


def test_users_made_changed_and_removed_are_recorded(ada: User) -> None:
    ada.name = "Ada L."
    ada.save()
    UserFactory.create(email="bob@acme.example")
    ada.delete()
    assert [(kind, resource) for kind, _, resource, _ in told()] == [
        ("user.updated", "ada@acme.example"),
        ("user.created", "bob@acme.example"),
        ("user.deleted", "ada@acme.example"),
    ]


def test_permissions_of_groups_are_recorded(settings: Any) -> None:
    settings.AUDIT_RECORD_CHANGES = True
    group = Group.objects.create(name="Editors")
    group.permissions.add(Permission.objects.first())
    assert [kind for kind, *_ in told()] == ["group.created", "group.updated"]


def test_before_the_project_says_whose_nothing_stands_in_the_way(
    ada: User, client: Client, settings: Any
) -> None:
    settings.AUDIT_ORGANIZATION = None
    sign_in(client, "ada@acme.example", PASSWORD)
    assert get_user_model().objects.get().last_login
    assert told() == []
