"""Dagster+, Kestra, and OCSF."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from audit.recording.importers import FORMATS, Options
from audit.recording.importers.item import Refused
from tests.recording.importers.vendors.conftest import Import

DAGSTER: dict[str, Any] = {
    "id": "41", "eventType": "UPDATE_SCHEDULE", "authorUserEmail": "mara@acme.dev",
    "authorAgentTokenId": None, "eventMetadata": {"schedule_name": "nightly"},
    "timestamp": 1772442000.418123, "deploymentName": "prod", "branchDeploymentName": None,
}  # fmt: skip
KESTRA: dict[str, Any] = {
    "auditLog": {
        "tenantId": "main", "id": "k-1", "type": "UPDATE", "date": "2026-03-02T09:00:00.418Z",
        "detail": {"resource": "FLOW", "type": "CrudEvent", "id": "nightly",
                   "namespace": "company.finance", "flowId": "nightly", "revision": 42},
        "userId": "u-1", "ipAddress": "203.0.113.24", "impersonatedBy": "root",
        "appliedPatch": [{"op": "replace", "path": "/triggers/0/disabled", "value": True},
                         {"op": "add", "path": "/labels", "value": {"a": "b"}}],
        "revertPatch": [{"op": "replace", "path": "/triggers/0/disabled", "value": False},
                        {"op": "remove", "path": "/labels"}],
    },
    "user": {"id": "u-1", "username": "mara@acme.dev"},
}  # fmt: skip


def answer(*entries: Any) -> Any:
    return {"data": {"auditLog": {"auditLogEntries": list(entries)}}}


def test_an_answer_of_dagster(event_of: Import) -> None:
    event = event_of("dagster", answer(DAGSTER))
    assert event["occurred_at"] == datetime(2026, 3, 2, 9, 0, 0, 418_123, tzinfo=UTC)
    assert (event["event_type"], event["change"]) == ("schedule.updated", "updated")
    assert event["actor"] == {"kind": "user", "id": "mara@acme.dev"}
    assert (event["deployment"], event["details"]) == ("prod", {"schedule_name": "nightly"})


def test_an_agent_token_of_dagster(event_of: Import) -> None:
    record = DAGSTER | {"authorUserEmail": None, "authorAgentTokenId": "t-1"}
    assert event_of("dagster", answer(record))["actor"] == {"kind": "agent_token", "id": "t-1"}


def test_a_type_that_dagster_adds_is_kept(event_of: Import) -> None:
    event = event_of("dagster", answer(DAGSTER | {"eventType": "DELETE_TEAM"}))
    assert (event["event_type"], event["change"]) == ("dagster.delete_team", "deleted")


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"errors": [{"message": "Unauthorized"}], "data": None}, "answered: Unauthorized"),
        ({"data": {"auditLog": None}}, "without data.auditLog.auditLogEntries"),
    ],
)
def test_an_error_of_dagster_is_no_entry(event_of: Import, record: Any, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        event_of("dagster", record)


def test_an_answer_of_kestra(event_of: Import) -> None:
    event = event_of("kestra", {"results": [KESTRA], "total": 1})
    assert event["event_type"] == "kestra.flow.update"
    assert event["change"] == "updated"
    assert event["actor"] == {"kind": "user", "id": "mara@acme.dev", "impersonator": "root"}
    assert event["deployment"] == "main"
    assert event["details"]["namespace"] == "company.finance"
    assert event["details"]["revision"] == "42"
    assert event["before"] == {"/triggers/0/disabled": False}
    assert event["after"] == {"/triggers/0/disabled": True, "/labels": {"a": "b"}}


def test_kestras_table_says_the_same(tmp_path: Path) -> None:
    file = tmp_path / "audit.csv"
    file.write_text(
        "id,Tenant ID,type,date,user_id,detail\r\n"
        'k-1,main,UPDATE,2026-03-02T09:00:00Z,u-1,"{""resource"":""FLOW"",""id"":""nightly""}"\r\n'
        'k-2,main,DELETE,2026-03-02T09:00:01Z,u-1,"resource:FLOW, namespace:a.b"\r\n'
        "k-3,main\r\n"
    )
    first, second, third = FORMATS["kestra-csv"].open([str(file)], Options()).items()
    event = first.build().event
    assert event["resource"] == {"type": "flow", "id": "nightly", "name": "nightly"}
    assert second.build().event["change"] == "deleted"
    with pytest.raises(Refused, match="has 2 cells, and line 1 names 6 columns"):
        third.build()


OCSF: dict[str, Any] = {
    "class_uid": 3004, "activity_id": 3, "time": 1772442000418, "status_id": 1,
    "metadata": {"version": "1.3.0", "uid": "m-1"},
    "actor": {"user": {"uid": "u-1", "name": "Mara", "email_addr": "mara@acme.dev"}},
    "entity": {"uid": "p-1", "type": "Policy", "name": "mfa", "data": {"on": True}},
    "entity_result": {"uid": "p-1", "data": {"on": False}},
    "cloud": {"account": {"uid": "1"}, "region": "eu"}, "src_endpoint": {"ip": "203.0.113.24"},
}  # fmt: skip


def test_a_changed_entity_has_its_two_sides(event_of: Import) -> None:
    event = event_of("ocsf", OCSF)
    assert (event["event_type"], event["change"]) == ("ocsf.entity_management.update", "updated")
    assert (event["before"], event["after"]) == ({"on": True}, {"on": False})
    assert event["resource"] == {"type": "Policy", "id": "p-1", "name": "mfa"}
    assert event["actor"] == {"kind": "user", "id": "mara@acme.dev", "name": "Mara"}
    assert event["deployment"] == "1/eu"


@pytest.mark.parametrize(("activity", "side"), [(1, "after"), (4, "before")])
def test_an_entity_made_or_removed_has_one_side(event_of: Import, activity: int, side: str) -> None:
    record = {k: v for k, v in OCSF.items() if k != "entity_result"} | {"activity_id": activity}
    event = event_of("ocsf", record)
    assert event.keys() & {"before", "after"} == {side}
    assert event[side] == {"on": True}


def test_other_classes(event_of: Import) -> None:
    signs_in = {k: v for k, v in OCSF.items() if "entity" not in k and k != "actor"}
    signs_in |= {"class_uid": 3002, "activity_id": 1, "status_id": 2, "user": {"name": "mara"}}
    event = event_of("ocsf", signs_in)
    assert (event["event_type"], event["outcome"]) == ("ocsf.authentication.logon", "failure")
    assert event["actor"] == {"kind": "user", "id": "mara", "name": "mara"}
    call = OCSF | {"class_uid": 6003, "activity_id": 2, "api": {"request": {"data": {"a": 1}}}}
    event = event_of("ocsf", call)
    assert (event["event_type"], event["change"]) == ("ocsf.api_activity.read", "other")
    assert event["after"] == {"request": {"a": 1}, "entity": {"on": True}} | {
        k: v for k, v in event["after"].items() if k == "record"
    }
    other = OCSF | {"class_uid": 9999, "class_name": "New Things", "activity_name": "Blend"}
    assert event_of("ocsf", other)["event_type"] == "ocsf.new_things.blend"
