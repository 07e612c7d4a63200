"""``manage.py create_organization``: how a log of one's own begins."""

from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from audit.models import Membership, Organization
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO())


def create(slug: str = "acme", admin: str = "ada@acme.example") -> str:
    out = StringIO()
    call_command("create_organization", slug, "Acme", "--admin", admin, stdout=out)
    return out.getvalue()


def test_a_new_admin_can_sign_in_with_the_printed_password() -> None:
    password = create().splitlines()[0].rpartition(" ")[2]
    user = authenticate(username="ada@acme.example", password=password)
    membership = Membership.objects.get(user=user, organization__slug="acme")
    assert membership.is_admin


def test_a_known_person_keeps_the_password() -> None:
    user = UserFactory.create(email="ada@acme.example")
    assert "password" not in create(admin="Ada@Acme.example")
    assert Membership.objects.get(organization__slug="acme").user == user


@pytest.mark.parametrize(
    ("slug", "admin"),
    [("taken", "a@b.example"), ("accounts", "a@b.example"), ("a b", "a@b.example"), ("new", "ada")],
)
def test_what_could_not_work_creates_nothing(slug: str, admin: str) -> None:
    Organization.objects.create(slug="taken", name="Taken")
    with pytest.raises(CommandError):
        create(slug, admin)
    assert Organization.objects.count() == 1
    assert not Membership.objects.exists()
