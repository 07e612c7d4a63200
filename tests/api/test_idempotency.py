from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event as Flag
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from audit.api import idempotency, ingest
from audit.models import ApiKey, Event, IdempotentCall, Organization, Scope
from tests.api.events import event

type Post = Callable[..., Any]

NOW = {"event_type": "schedule.updated", "actor": {"kind": "user", "id": "mara"}}


def test_a_call_sent_again_is_answered_as_before_and_recorded_once(post: Post) -> None:
    # Without a time, so that nothing but the call's key can tell that it is the same.
    first = post([NOW, {}], Idempotency_Key="k1")
    again = post([NOW, {}], Idempotency_Key="k1")
    assert first.status_code == again.status_code == 207
    assert first.content == again.content
    assert again["Idempotency-Replayed"] == "true"
    assert not first.has_header("Idempotency-Replayed")
    assert Event.objects.count() == 1


def test_a_call_of_which_nothing_was_recorded_is_answered_as_before_too(post: Post) -> None:
    first, again = (post({}, Idempotency_Key="k1") for _ in range(2))
    assert first.status_code == again.status_code == 422
    assert first.json() == again.json()
    assert again["Content-Type"] == first["Content-Type"]


@pytest.mark.parametrize(
    "other",
    [
        {"body": NOW | {"summary": "another"}},
        {"path": "/acme/api/events?on_error=none"},
        {"content_type": "application/x-ndjson"},
    ],
)
def test_a_key_is_for_one_call(post: Post, other: dict[str, Any]) -> None:
    post(NOW, Idempotency_Key="k1")
    response = post(**({"body": NOW} | other), Idempotency_Key="k1")
    assert response.status_code == 422
    assert "used for another call" in response.json()["detail"]
    assert Event.objects.count() == 1


def test_a_call_that_could_not_be_read_may_be_put_right(post: Post) -> None:
    assert post(b"{", Idempotency_Key="k1").status_code == 400
    assert post(NOW, Idempotency_Key="k1").status_code == 201


def test_keys_of_different_callers_are_different(post: Post, organization: Organization) -> None:
    _, other = ApiKey.objects.issue(organization, name="o", scopes=[Scope.EVENTS_WRITE])
    post(NOW, Idempotency_Key="k1")
    assert not post(NOW, key=other, Idempotency_Key="k1").has_header("Idempotency-Replayed")
    assert Event.objects.count() == 2


def test_a_day_later_the_key_is_forgotten(post: Post) -> None:
    for n in range(12):
        post(NOW, Idempotency_Key=f"k{n}")
    IdempotentCall.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    post(NOW, Idempotency_Key="k0")
    post(NOW, Idempotency_Key="k1")
    assert Event.objects.count() == 14
    # What is older is swept away little by little.
    assert IdempotentCall.objects.count() == 2


@pytest.mark.parametrize("text", ["", "two words", "\u00fc", "k" * 256])
def test_a_key_that_can_be_none_is_refused(post: Post, text: str) -> None:
    response = post(NOW, Idempotency_Key=text)
    assert response.status_code == 400
    assert "Idempotency-Key" in response.json()["detail"]
    assert not Event.objects.exists()


def test_a_call_that_fails_leaves_nothing_behind(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "_keep", fail)
        with pytest.raises(RuntimeError):
            post(NOW, Idempotency_Key="k1")
    assert not Event.objects.exists()
    assert post(NOW, Idempotency_Key="k1").status_code == 201


def test_the_same_call_at_the_same_time_waits_for_nobody(
    committed_db: None, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, leave = Flag(), Flag()
    record = ingest.record_batch

    def slowly(*given: Any) -> Any:
        entered.set()
        assert leave.wait(20)
        return record(*given)

    def send() -> Any:
        try:
            return post(NOW, Idempotency_Key="k1")
        finally:
            connection.close()

    monkeypatch.setattr(ingest, "record_batch", slowly)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(send)
        assert entered.wait(20)
        meanwhile = post(NOW, Idempotency_Key="k1")
        leave.set()
        assert first.result().status_code == 201
    assert (meanwhile.status_code, meanwhile["Retry-After"]) == (409, "1")
    assert post(NOW, Idempotency_Key="k1")["Idempotency-Replayed"] == "true"
    assert Event.objects.count() == 1


def test_events_rolled_back_on_request_are_answered_so_again(post: Post) -> None:
    path = "/acme/api/events?on_error=none"
    with transaction.atomic():
        first, again = (post([event(), {}], path=path, Idempotency_Key="k1") for _ in range(2))
    assert first.status_code == again.status_code == 422
    assert first.content == again.content
    assert not Event.objects.exists()
