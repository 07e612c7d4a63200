from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from audit.diff import loads
from audit.models import Organization, event_id, time_of
from audit.recording import InvalidEvent
from audit.recording.limits import MAX_DETAIL_VALUE, MAX_SNAPSHOT_BYTES
from audit.recording.policy import Policy
from audit.recording.validation import NewEvent, validate

NOW = datetime(2026, 11, 22, 14, 32, 7, 418_123, tzinfo=UTC)
ACME = Organization(pk=1, slug="acme", name="Acme", id_salt=b"0123456789abcdef")
MARA = {"kind": "user", "id": "mara.ito@acme.dev"}


def given(**fields: Any) -> NewEvent:
    raw = {"event_type": "schedule.updated", "actor": MARA, **fields}
    return validate({k: v for k, v in raw.items() if v is not ...}, Policy(ACME), now=NOW)


def reasons(**fields: Any) -> dict[str, str]:
    with pytest.raises(InvalidEvent) as caught:
        given(**fields)
    return {error.field: error.reason for error in caught.value.errors}


def test_the_least_an_event_needs() -> None:
    event = given()
    assert (event.occurred_at, event.outcome, event.change) == (NOW, "success", "updated")
    assert (event.before, event.after, event.resource_type) == (None, None, "schedule")
    assert not event.repeatable


def test_every_wrong_field_is_named_at_once() -> None:
    assert reasons(
        event_type=...,
        actor={"kind": "robot", "nickname": "R2"},
        colour="red",
        details={"a:b": "x", "n": None},
        ip="300.1.1.1",
        outcome="maybe",
    ).keys() == {
        "event_type",
        "actor.kind",
        "actor.id",
        "actor.nickname",
        "colour",
        "details.'a:b'",
        "details.n",
        "ip",
        "outcome",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T14:32:07.418Z", NOW.replace(microsecond=418_000)),
        ("2026-11-22T15:32:07.418123+01:00", NOW),
        ("2026-11-22T15:32:07.418123999+01:00", NOW),
    ],
)
def test_a_time_is_read_as_rfc_3339_writes_it(text: str, expected: datetime) -> None:
    assert given(occurred_at=text).occurred_at == expected


@pytest.mark.parametrize(
    "time",
    ["yesterday", "", 1_764_000_000, "2026-11-22T14:32:07", datetime(2026, 1, 1), "0001-01-01"],  # noqa: DTZ001
)
def test_a_time_that_names_no_moment_is_refused(time: object) -> None:
    assert "occurred_at" in reasons(occurred_at=time)


def test_a_time_beyond_the_calendar_is_refused() -> None:
    far_east = timezone(timedelta(hours=14))
    assert "occurred_at" in reasons(occurred_at=datetime.min.replace(tzinfo=far_east))
    assert "before 1970" in reasons(occurred_at="1969-12-31T23:59:59Z")["occurred_at"]


def test_a_clock_a_day_ahead_is_accepted_and_one_further_ahead_is_not() -> None:
    assert given(occurred_at=NOW + timedelta(hours=24))
    assert "ahead" in reasons(occurred_at=NOW + timedelta(hours=24, seconds=1))["occurred_at"]


def test_a_sender_may_give_the_id_and_it_carries_the_time() -> None:
    id = event_id(NOW)
    assert given(id=str(id)).id == id
    assert given(id=id).occurred_at == time_of(id)
    assert given(id=id, occurred_at=NOW).repeatable
    assert "time" in reasons(id=id, occurred_at=NOW + timedelta(milliseconds=1))["id"]
    assert "UUID" in reasons(id="42")["id"]


@pytest.mark.parametrize(
    "id",
    [
        "019abf3e-77aa-4c41-9b2e-5d0f4a6e1c22",
        "e84ed2a6-ac81-464a-876f-751e0e935b8b",
        "ffffffff-ffff-7fff-bfff-ffffffffffff",
        "00000000-0000-0000-0000-000000000000",
    ],
)
def test_an_id_that_tells_no_time_is_refused(id: str) -> None:
    assert "version 7" in reasons(id=id)["id"]
    assert "version 7" in reasons(id=id, occurred_at=NOW)["id"]


def test_the_same_idempotency_key_gives_the_same_id() -> None:
    one = given(idempotency_key="k", occurred_at=NOW)
    assert one.id == given(idempotency_key="k", occurred_at=NOW).id
    assert one.id != given(idempotency_key="l", occurred_at=NOW).id
    assert given().id != given().id
    assert "occurred_at" in reasons(idempotency_key="k")


def test_details_are_text_and_keep_their_order() -> None:
    event = given(details={"z": "1", "a": "x:y", "n": 42, "yes": True, "empty": ""})
    assert list(event.details.items()) == [
        ("z", "1"),
        ("a", "x:y"),
        ("n", "42"),
        ("yes", "true"),
        ("empty", ""),
    ]


@pytest.mark.parametrize(
    "details",
    [
        {"": "x"},
        {" padded": "x"},
        {"with:colon": "x"},
        {1: "x"},
        {"n": 1.5},
        {"n": None},
        {"n": ["x"]},
        {"n": "\0"},
        {"n": "\ud800"},
        {"k" * 129: "x"},
        {"n": "x" * (MAX_DETAIL_VALUE + 1)},
        dict.fromkeys(map(str, range(65)), "x"),
        ["a"],
    ],
)
def test_details_that_could_not_be_found_again_are_refused(details: object) -> None:
    assert all(field.startswith("details") for field in reasons(details=details))


def test_details_at_the_limit_are_accepted() -> None:
    value = "ü" * MAX_DETAIL_VALUE
    assert given(details={"k" * 128: value}).details == {"k" * 128: value}
    assert len(given(details=dict.fromkeys(map(str, range(64)), "x")).details) == 64


@pytest.mark.parametrize("text", ["NUL \0", "half \ud83d", "x" * 2_049, 5, ["x"], {"a": 1}])
def test_text_that_can_not_be_stored_is_refused(text: object) -> None:
    assert "summary" in reasons(summary=text)


def test_snapshots_are_kept_as_they_came() -> None:
    text = '{"b":1.10,"a":12345678901234567890123,"c":"\\u0000\\ud800","d":-0}'
    event = given(before=loads(text), after=None)
    assert (event.before, event.after) == (text, "null")
    assert event.changed_paths == [""]


@pytest.mark.parametrize("document", [float("nan"), float("inf"), {"a": {1: 2}}, {"a": object()}])
def test_what_is_not_json_is_refused_as_a_snapshot(document: object) -> None:
    assert "after" in reasons(after=document)


def test_a_snapshot_over_the_limit_is_refused_with_its_size() -> None:
    fits = "x" * (MAX_SNAPSHOT_BYTES - 2)
    assert len(given(after=fits).after or "") == MAX_SNAPSHOT_BYTES
    assert f"{MAX_SNAPSHOT_BYTES + 1:,} bytes" in reasons(after=fits + "x")["after"]


def test_a_document_nested_beyond_reason_is_refused() -> None:
    deep: Any = 0
    for _ in range(100_000):
        deep = [deep]
    assert "after" in reasons(after=deep)


def test_changed_paths_point_at_what_changed() -> None:
    event = given(before={"a": 1, "b": {"c": 1}}, after={"a": 1, "b": {"c": 2}, "d": 0})
    assert event.changed_paths == ["/b/c", "/d"]


def test_the_change_follows_from_the_snapshots_where_the_type_is_unknown() -> None:
    assert given(event_type="acme.thing", after=1).change == "created"
    assert given(event_type="acme.thing", before=1).change == "deleted"
    assert given(event_type="acme.thing", before=1, after=2).change == "updated"
    assert given(event_type="acme.thing").change == "other"
    assert given(event_type="acme.thing", change="deleted").change == "deleted"


def test_an_organization_may_insist_on_its_catalogue() -> None:
    strict = Organization(pk=2, slug="s", name="Strict", accepts_unknown_event_types=False)
    raw = {"event_type": "acme.thing", "actor": MARA}
    with pytest.raises(InvalidEvent, match="catalogue"):
        validate(raw, Policy(strict), now=NOW)
    assert validate(raw | {"event_type": "schedule.updated"}, Policy(strict), now=NOW)


def test_an_export_can_be_imported_again() -> None:
    exported = {"recorded_at": "2026-11-22T14:32:08Z", "organization": "acme", "position": 7}
    assert given(**exported).id


@pytest.mark.parametrize("ip", ["203.0.113.24", "2001:db8::1"])
def test_addresses_of_both_kinds_are_accepted(ip: str) -> None:
    assert given(ip=ip).ip == ip


@pytest.mark.parametrize("ip", [42, "fe80::1%eth0", "203.0.113.0/24", "example.org"])
def test_what_is_no_address_is_refused(ip: object) -> None:
    assert "ip" in reasons(ip=ip)


def test_a_resource_needs_a_type_with_its_id() -> None:
    assert "resource.type" in reasons(event_type="acme.thing", resource={"id": "x"})
    assert given(resource={"id": "nightly"}).resource_type == "schedule"
    assert reasons(resource="nightly") == {"resource": "must be an object, not text"}


def test_an_id_is_a_uuid() -> None:
    assert isinstance(given().id, UUID)
