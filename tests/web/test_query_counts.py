"""What each page asks of the database, and that it is no more when there is more of everything."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import Event, Organization
from auditsite.models import User
from tests.factories import EventFactory, MembershipFactory

# Session, user, organisation with membership, and what the page is about; with some room, for
# that a page asks no more whatever there is matters more than one question less.
PAGES = [
    pytest.param("/acme/events/", 9, id="list"),
    pytest.param(
        "/acme/events/?actor=nobody&tag=-a:b&since=2026-01-01", 16, id="filters, no match"
    ),
    pytest.param("/acme/events/?tag=team:data&open={event}", 11, id="open event"),
    pytest.param("/acme/events/?cursor={event}", 9, id="below a place"),
    pytest.param("/acme/events/?newer={event}", 10, id="above a place"),
    pytest.param("/acme/events/?q=schedule -paused", 10, id="words"),
    pytest.param("/acme/events/?q=sched* actor:mara.* team:d*", 13, id="beginnings"),
    pytest.param("/acme/events/?actor_kind=martian", 8, id="wrong filter"),
    pytest.param("/acme/events/{event}/", 8, id="detail"),
    pytest.param("/acme/events/{event}/before.json", 6, id="document"),
    pytest.param("/acme/events/{event}/patch.json", 6, id="patch"),
    pytest.param("/acme/events/choices/tag/?tag=team:", 5, id="choices"),
    pytest.param("/acme/events/export/?actor=mara", 10, id="export"),
    pytest.param("/acme/event-types/?q=schedule", 6, id="catalogue"),
    pytest.param("/preferences/", 4, id="preferences"),
    pytest.param("/", 5, id="home"),
]


@pytest.fixture
def event(organization: Organization, django_capture_on_commit_callbacks: Any) -> Event:
    return _more(organization, django_capture_on_commit_callbacks, 5)


def _more(organization: Organization, committing: Any, number: int) -> Event:
    """Events, with values that none had before; returns one in their midst."""
    with committing(execute=True):
        made = [
            EventFactory.create(
                organization=organization,
                actor={"kind": "user", "id": f"mara.{number}{n}"},
                details={"team": f"data{number}{n}", f"key{number}{n}": "v"},
                before={"n": n},
                after={"n": n + 1},
            )
            for n in range(number)
        ]
    return made[number // 2]


@pytest.mark.parametrize(("path", "most"), PAGES)
def test_a_page_asks_no_more_of_a_long_log_than_of_a_short_one(
    path: str,
    most: int,
    organization: Organization,
    admin: User,
    event: Event,
    signed_in: Callable[[User], Client],
    django_capture_on_commit_callbacks: Any,
) -> None:
    client, path = signed_in(admin), path.format(event=event.id)
    before = count_queries(client, path)
    assert before <= most
    _more(organization, django_capture_on_commit_callbacks, 60)
    MembershipFactory.create(user=admin)
    MembershipFactory.create(organization=organization)
    assert count_queries(client, path) <= before


def count_queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code < 500
    return len(queries)
