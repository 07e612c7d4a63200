from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from audit.models import ApiKey, Event, Organization, RateLimit, Scope
from tests.api.events import event

type Post = Callable[..., Any]


@pytest.fixture(autouse=True)
def limits(settings: Any) -> None:
    settings.AUDIT_API_CALLS_PER_MINUTE = 4
    settings.AUDIT_API_EVENTS_PER_MINUTE = 6


def test_more_calls_than_allowed_are_told_when_to_come_back(post: Post) -> None:
    for _ in range(4):
        assert post(event()).status_code == 201
    refused = post(event())
    assert refused.status_code == 429
    # One call leaks out of the bucket in a quarter of a minute.
    assert 13 <= int(refused["Retry-After"]) <= 15
    assert "4 calls a minute" in refused.json()["detail"]
    assert Event.objects.count() == 4


def test_more_events_than_allowed_are_refused_as_a_whole(post: Post) -> None:
    assert post([event()] * 5).status_code == 201
    refused = post([event()] * 4)
    assert refused.status_code == 429
    assert 28 <= int(refused["Retry-After"]) <= 30  # three events too many
    assert "6 events a minute" in refused.json()["detail"]
    assert Event.objects.count() == 5
    assert post([event()]).status_code == 201


def test_the_bucket_leaks(post: Post) -> None:
    for _ in range(4):
        post(event())
    waited = RateLimit.objects.get(bucket="calls").drained_at
    RateLimit.objects.filter(bucket="calls").update(drained_at=waited - timedelta(seconds=15))
    assert post(event()).status_code == 201
    assert post(event()).status_code == 429


def test_one_key_does_not_use_up_anothers(post: Post, organization: Organization) -> None:
    _, other = ApiKey.objects.issue(organization, name="o", scopes=[Scope.EVENTS_WRITE])
    for _ in range(5):
        last = post(event())
    assert last.status_code == 429
    assert post(event(), key=other).status_code == 201


def test_the_limit_holds_however_many_ask_at_once(
    committed_db: None, post: Post, organization: Organization
) -> None:
    def send(_: int) -> int:
        try:
            return int(post(event()).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(send, range(16)))
    assert sorted(statuses) == [201] * 4 + [429] * 12
