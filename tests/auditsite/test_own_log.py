"""Auditsite's own changes are in the logs of the organisations they concern, and in no other."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from audit.models import Event, Membership, Organization, Role, Snapshot
from auditsite.models import User
from tests.factories import PASSWORD, MembershipFactory, UserFactory


@pytest.fixture
def recorded(
    organization: Organization, admin: User, member: User, stranger: User, settings: Any
) -> None:
    settings.AUDIT_RECORD_CHANGES = True


def told() -> list[tuple[str, str, str]]:
    events = Event.objects.select_related("organization").order_by("id")
    return [(e.organization.slug, e.event_type, e.resource_id) for e in events]


def test_a_new_organization_begins_its_log_with_itself(
    db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.AUDIT_RECORD_CHANGES = True
    monkeypatch.setattr("sys.stdin", StringIO())
    call_command(
        "create_organization", "acme", "Acme", "--admin", "ada@a.example", stdout=StringIO()
    )
    assert told() == [
        ("acme", "organization.created", "acme"),
        ("acme", "member.invited", "ada@a.example"),
    ]
    first = Event.objects.order_by("id").first()
    assert first
    assert first.actor_kind == "system"


@pytest.mark.usefixtures("recorded")
def test_each_organization_is_told_of_its_members_sign_ins(
    organization: Organization, admin: User, client: Client
) -> None:
    other = MembershipFactory.create(user=admin, organization__slug="second").organization
    Event.objects.count()
    client.post("/accounts/login/", {"username": admin.email, "password": PASSWORD})
    client.post("/accounts/login/", {"username": admin.email, "password": "wrong"})
    signed_in = [(slug, kind) for slug, kind, _ in told() if kind == "user.logged_in"]
    assert sorted(signed_in) == [("acme", "user.logged_in"), (other.slug, "user.logged_in")]


@pytest.mark.usefixtures("recorded")
def test_a_failed_sign_in_is_told_to_the_organization_of_the_account(
    admin: User, client: Client
) -> None:
    for name in (admin.email, "nobody@acme.example"):
        client.post("/accounts/login/", {"username": name, "password": "wrong"})
    assert told() == [("acme", "user.login_failed", admin.email)]


@pytest.mark.usefixtures("recorded")
def test_changes_of_members_and_accounts_are_told(organization: Organization, member: User) -> None:
    membership = Membership.objects.get(user=member)
    membership.role = Role.ADMIN
    membership.save()
    member.set_password("another battery staple")
    member.save()
    Membership.objects.filter(user=member).delete()
    member.name = "Not a member any more"
    member.save()
    assert told() == [
        ("acme", "member.role_changed", member.email),
        ("acme", "user.password_changed", member.email),
        ("acme", "member.removed", member.email),
    ]
    snapshots = Snapshot.objects.order_by("id")
    assert '"role":"member"' in (snapshots[0].before or "")


@pytest.mark.usefixtures("recorded")
def test_whoever_is_removed_altogether_is_told_by_the_log_they_were_in(member: User) -> None:
    email = member.email
    member.delete()
    assert sorted(told()) == [
        ("acme", "member.removed", email),
        ("acme", "user.deleted", email),
    ]


@pytest.mark.usefixtures("recorded")
def test_settings_of_an_organization_are_told_without_its_salt(organization: Organization) -> None:
    organization.accepts_unknown_event_types = False
    organization.save()
    assert told() == [("acme", "organization_settings.changed", "acme")]
    snapshot = Snapshot.objects.get()
    assert "salt" not in (snapshot.before or "") + (snapshot.after or "")


@pytest.mark.usefixtures("recorded")
def test_an_account_of_no_organization_is_told_to_nobody(client: Client) -> None:
    user = UserFactory.create()
    client.force_login(user)
    assert told() == []
