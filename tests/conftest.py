"""The database of the tests: made by its owner, used with the rights of the running site."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.test import Client, TransactionTestCase
from hypothesis import settings as settings_of_hypothesis

from audit.models import Organization, Role
from audit.recording import dictionary, policy, storing, words
from auditsite.models import User
from tests.factories import MembershipFactory, OrganizationFactory

# No test fails for a slow machine.
settings_of_hypothesis.register_profile("auditsite", deadline=None)
settings_of_hypothesis.load_profile("auditsite")

# Filled by migrations and their signals, so they outlive each test.
_KEPT = {"auth_permission", "django_content_type"}

_TRUNCATE_GUARDS = """
SELECT tgrelid::regclass::text, quote_ident(tgname), tgenabled FROM pg_trigger
WHERE NOT tgisinternal AND tgtype & 32 <> 0
"""
_ENABLE = {"A": "ENABLE ALWAYS", "O": "ENABLE", "R": "ENABLE REPLICA"}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    default, owner = connections["default"], connections["owner"]
    options = default.settings_dict["OPTIONS"]
    with django_db_blocker.unblock():
        owner.creation.set_as_test_mirror(default.settings_dict)
        default.close()
        options["options"] = f"-c role={settings.AUDITSITE_APP_ROLE}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _empty_database)
        yield
    with django_db_blocker.unblock():
        owner.close()
        default.close()
        del options["options"]  # only the owner may drop the database


@pytest.fixture
def owner_cursor(db: None) -> Iterator[CursorWrapper]:
    """A cursor of the test's own connection with the rights of the schema's owner.

    They last until the test ends, for everything on this connection.
    """
    with connections["default"].cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        yield cursor
    # Where the test is one transaction, its end takes the role back.
    if not connections["default"].in_atomic_block:
        with connections["default"].cursor() as cursor:
            cursor.execute("RESET ROLE")  # to the role the session began with: the site's


@pytest.fixture
def committed_db(transactional_db: None) -> None:
    """Like ``db``, but what a test writes is committed, and removed when the test ends."""


def _empty_database(test: TransactionTestCase) -> None:
    """What Django's flush would do, if events could be removed.

    The guards are down only inside this transaction, which nobody else sees.
    """
    connection = connections["default"]
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    names = ", ".join(connection.ops.quote_name(name) for name in sorted(tables - _KEPT))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute(_TRUNCATE_GUARDS)
        guards = cursor.fetchall()
        for table, trigger, _ in guards:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        cursor.execute(f"TRUNCATE {names}")
        for table, trigger, state in guards:
            cursor.execute(f"ALTER TABLE {table} {_ENABLE[state]} TRIGGER {trigger}")


# --- Fixtures for people and events -------------------------------------------------------------


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """A process remembers what it has committed; the tests' database forgets it each time."""
    storing._days_with_partition.clear()
    dictionary._known.clear()
    dictionary._full.clear()
    words._known.clear()
    words._full.clear()
    policy._known.clear()


@pytest.fixture
def organization(db: None) -> Organization:
    return OrganizationFactory.create(slug="acme", name="Acme")


@pytest.fixture
def admin(organization: Organization) -> User:
    return MembershipFactory.create(organization=organization, role=Role.ADMIN).user


@pytest.fixture
def member(organization: Organization) -> User:
    return MembershipFactory.create(organization=organization, role=Role.MEMBER).user


@pytest.fixture
def stranger(db: None) -> User:
    """Admin of an organisation, but of another one."""
    return MembershipFactory.create(role=Role.ADMIN).user


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """A client with the session of a person: ``signed_in(admin).get(…)``."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
