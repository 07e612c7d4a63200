import gzip
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from audit.models import Event, Organization, Snapshot
from audit.recording.limits import MAX_CALL_BYTES, MAX_CALL_EVENTS
from tests.api.events import event

type Post = Callable[..., Any]

NDJSON = "application/x-ndjson"


def lines(*events: object) -> bytes:
    return b"\n".join(json.dumps(each).encode() for each in events)


def stored(organization: Organization) -> list[UUID]:
    return list(Event.objects.filter(organization=organization).values_list("id", flat=True))


# --- What is recorded ---------------------------------------------------------------------------


def test_one_event_is_recorded_as_it_was_sent(post: Post, organization: Organization) -> None:
    sent = event(
        resource={"id": "nightly_revenue"},
        details={"namespace": "company.finance", "revision": 42},
        before={"paused": False},
        after={"paused": True},
    )
    response = post(sent)
    assert response.status_code == 201
    (id,) = response.json()["ids"]
    assert response.json() == {
        "recorded": 1, "duplicates": 0, "suppressed": 0, "rejected": [], "ids": [id],
    }  # fmt: skip
    recorded = Event.objects.get(organization=organization, id=id)
    assert recorded.details == {"namespace": "company.finance", "revision": "42"}
    assert recorded.changed_paths == ["/paused"]
    # The address is the sender's to give: a program's own says nothing of who acted.
    assert recorded.ip is None


@pytest.mark.parametrize("content_type", [NDJSON, "application/jsonl", "application/JSON"])
@pytest.mark.parametrize("is_zipped", [True, False])
def test_many_events_come_as_an_array_or_as_lines_zipped_or_not(
    post: Post, organization: Organization, content_type: str, is_zipped: bool
) -> None:
    events = [event(summary=str(n)) for n in range(30)]
    is_array = "JSON" in content_type
    body = json.dumps(events).encode() if is_array else lines(*events) + b"\r\n\r\n"
    headers = {"Content_Encoding": "gzip"} if is_zipped else {}
    response = post(
        gzip.compress(body) if is_zipped else body, content_type=content_type, **headers
    )
    assert response.status_code == 201
    assert response.json()["recorded"] == 30
    by_id = {str(each.id): each.summary for each in Event.objects.all()}
    assert [by_id[id] for id in response.json()["ids"]] == [each["summary"] for each in events]


def test_gzip_of_several_members_is_one_body(post: Post) -> None:
    body = b"".join(gzip.compress(lines(event(summary=str(n))) + b"\n") for n in range(3))
    assert post(body, content_type=NDJSON, Content_Encoding="gzip").json()["recorded"] == 3


def test_a_document_is_kept_as_it_was_written(post: Post, organization: Organization) -> None:
    document = '{"b":1.10,"a":1e400,"c":"\\u0000"}'
    body = json.dumps(event(after="HERE")).replace('"HERE"', document).encode()
    assert post(body).status_code == 201
    assert Snapshot.objects.get(organization=organization).after == document


@pytest.mark.parametrize("content_type", ["application/json", NDJSON])
def test_a_document_may_be_as_deep_as_everywhere(post: Post, content_type: str) -> None:
    deep = json.dumps(event(after="HERE")).replace('"HERE"', "[" * 256 + "]" * 256).encode()
    assert post(deep, content_type=content_type).status_code == 201
    deeper = deep.replace(b"[" * 256, b"[" * 257).replace(b"]" * 256, b"]" * 257)
    (rejected,) = post(deeper, content_type=content_type).json()["rejected"]
    assert rejected["field"] == "after"


def test_as_many_events_as_allowed_fit_in_a_call(post: Post) -> None:
    response = post([event(summary=str(n)) for n in range(MAX_CALL_EVENTS)])
    assert response.json()["recorded"] == MAX_CALL_EVENTS


def test_the_event_belongs_to_the_keys_organisation_whatever_it_says(
    post: Post, organization: Organization
) -> None:
    assert post(event(organization="other")).status_code == 201
    assert Event.objects.get().organization_id == organization.pk


def test_the_same_event_is_recorded_once(post: Post, organization: Organization) -> None:
    keyed = event(idempotency_key="k1")
    first, again = post(keyed), post([keyed, keyed, event()])
    assert again.status_code == 201
    assert (again.json()["recorded"], again.json()["duplicates"]) == (1, 2)
    assert again.json()["ids"][:2] == first.json()["ids"] * 2
    assert len(stored(organization)) == 2


# --- What is rejected ---------------------------------------------------------------------------

WRONG = [
    event(),
    event(actor={"kind": "robot", "id": "r2"}, colour="red"),
    "not an event",
    event(summary="fine"),
    event(occurred_at="2026-03-02T09:00:00"),
]
REASONS = [
    (1, "actor.kind"),
    (1, "colour"),
    (2, ""),
    (4, "occurred_at"),
]


@pytest.mark.parametrize("content_type", ["application/json", NDJSON])
def test_each_rejected_event_is_named_and_the_others_are_stored(
    post: Post, organization: Organization, content_type: str
) -> None:
    body = WRONG if content_type == "application/json" else lines(*WRONG)
    response = post(body, content_type=content_type)
    assert response.status_code == 207
    answer = response.json()
    assert (answer["recorded"], answer["duplicates"]) == (2, 0)
    rejected = [(each["index"], each["field"]) for each in answer["rejected"]]
    assert sorted(rejected) == REASONS
    assert [index for index, _ in rejected] == sorted(index for index, _ in rejected)
    assert all(each["reason"] for each in answer["rejected"])
    assert [bool(id) for id in answer["ids"]] == [True, False, False, True, False]
    assert {str(id) for id in stored(organization)} == set(filter(None, answer["ids"]))


def test_on_request_nothing_is_stored_unless_everything_is(
    post: Post, organization: Organization
) -> None:
    response = post(WRONG, path="/acme/api/events?on_error=none")
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    answer = response.json()
    assert (answer["recorded"], answer["ids"]) == (0, [None] * 5)
    assert sorted((each["index"], each["field"]) for each in answer["rejected"]) == REASONS
    assert not stored(organization)
    assert post([event(), event()], path="/acme/api/events?on_error=none").status_code == 201


def test_a_call_without_a_good_event_is_no_success(post: Post, organization: Organization) -> None:
    response = post({"event_type": "schedule.updated"})
    assert response.status_code == 422
    answer = response.json()
    assert answer["detail"] == "No event was recorded: 1 of 1 are not valid."
    assert {each["field"] for each in answer["rejected"]} == {"actor.kind", "actor.id"}
    assert not stored(organization)


def test_a_line_that_is_not_json_does_not_hold_up_the_others(post: Post) -> None:
    body = b"\n".join([lines(event()), b'{"a":1,"a":2}', b"\xff", b"", lines(event())])
    response = post(body, content_type=NDJSON)
    assert response.status_code == 207
    assert [each["reason"] for each in response.json()["rejected"]] == [
        'is not JSON: duplicate key "a"',
        "is not UTF-8 (byte 1 of the line)",
    ]
    assert [bool(id) for id in response.json()["ids"]] == [True, False, False, True]


def test_a_key_that_comes_twice_is_no_json(post: Post) -> None:
    body = b'{"event_type":"a","event_type":"b","actor":{"kind":"user","id":"x"}}'
    assert post(body).status_code == 400
    assert "duplicate key" in post(body).json()["detail"]


# --- Calls that can't be read -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        pytest.param(b" ", 400, "not JSON", id="empty"),
        pytest.param(b"[]", 400, "holds no event", id="no event"),
        pytest.param(b"{", 400, "not JSON", id="broken off"),
        pytest.param(b"\xff", 400, "not UTF-8", id="not text"),
        pytest.param(b"7", 400, "not a number", id="a number"),
        pytest.param(b"1e400", 400, "not a number", id="a large number"),
        pytest.param(b"[" * 1_000, 400, "nested deeper", id="deep"),
        pytest.param(b"[" + b"{}," * 1_000 + b"{}]", 413, "1,001", id="many"),
        pytest.param(b'"' + b" " * MAX_CALL_BYTES, 413, "5,242,880 bytes", id="large"),
    ],
)
def test_a_body_that_is_no_batch_is_refused(
    post: Post, organization: Organization, body: bytes, status: int, sentence: str
) -> None:
    response = post(body)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert sentence in response.json()["detail"]
    assert not stored(organization)


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b"{}", 400, "is not gzip"),
        (gzip.compress(b"{}")[:-3], 400, "breaks off"),
        (gzip.compress(b"{}") + b"{}", 400, "is not gzip"),
        (gzip.compress(b" " * (MAX_CALL_BYTES + 1)), 413, "5,242,880 bytes"),
        (gzip.compress(b" " * 4_000_000) * 2, 413, "5,242,880 bytes"),
    ],
    ids=["plain", "broken off", "more behind", "bomb", "bomb in parts"],
)
def test_a_compressed_body_is_never_more_than_a_call_may_hold(
    post: Post, body: bytes, status: int, sentence: str
) -> None:
    response = post(body, Content_Encoding="gzip")
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert sentence in response.json()["detail"]


@pytest.mark.parametrize(
    ("headers", "answer_header"),
    [
        ({"content_type": "text/plain"}, "Accept-Post"),
        ({"content_type": "application/x-www-form-urlencoded"}, "Accept-Post"),
        ({"Content_Encoding": "br"}, "Accept-Encoding"),
    ],
)
def test_other_types_are_refused_with_those_that_are_not(
    post: Post, headers: dict[str, str], answer_header: str
) -> None:
    response = post(event(), **headers)
    assert response.status_code == 415
    assert response[answer_header]


def test_a_wrong_parameter_is_named(post: Post) -> None:
    response = post(event(), path="/acme/api/events?on_error=ignore")
    assert response.status_code == 400
    assert "on_error" in response.json()["detail"]


def test_other_methods_are_refused(client: Any, organization: Organization) -> None:
    response = client.delete("/acme/api/events")
    assert response.status_code == 405
    assert set(response["Allow"].split(", ")) == {"GET", "POST"}
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("rest", ["evnets", "events/", "events/none", "events/a%0Ab"])
def test_other_addresses_are_refused(post: Post, rest: str) -> None:
    response = post(event(), path=f"/acme/api/{rest}")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert "/acme/api/" in response.json()["detail"]


# --- What it costs ------------------------------------------------------------------------------


def test_a_call_costs_the_same_however_many_events_it_brings(
    post: Post, django_assert_max_num_queries: Any
) -> None:
    post([event(idempotency_key="first")])
    counts = []
    for size in (25, 400):
        with django_assert_max_num_queries(20) as queries:
            post([event(summary=f"{n}") for n in range(size)])
        counts.append(len(queries))
    assert counts[0] == counts[1]
