"""Entra ID, Microsoft 365 and Azure."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.recording.importers.vendors.conftest import Import

AUDIT: dict[str, Any] = {
    "id": "Directory_1",
    "activityDateTime": "2026-03-02T09:00:00Z",
    "activityDisplayName": "Update application – Certificates and secrets management ",
    "operationType": "Update",
    "result": "success",
    "correlationId": "c-1",
    "initiatedBy": {
        "user": {"id": "u-1", "userPrincipalName": "mara@acme.dev", "ipAddress": "203.0.113.24"}
    },
    "targetResources": [
        {
            "id": "a-1",
            "displayName": "Shop",
            "type": "Application",
            "modifiedProperties": [
                {"displayName": "KeyDescription", "oldValue": "[]", "newValue": '["[Key=1]"]'},
                {"displayName": "Policy", "oldValue": None,
                 "newValue": json.dumps([json.dumps({"Version": 1, "On": True})])},
                {"displayName": "Included Updated Properties", "oldValue": None,
                 "newValue": '"KeyDescription"'},
            ],
        }
    ],
    "additionalDetails": [{"key": "User-Agent", "value": "Mozilla"}],
}  # fmt: skip


def test_properties_are_the_two_sides(event_of: Import) -> None:
    event = event_of("entra", {"value": [AUDIT], "@odata.nextLink": "…"})
    assert event["event_type"] == "entra.update_application_certificates_and_secrets_management"
    assert event["before"] == {"KeyDescription": []}
    assert event["after"] == {"KeyDescription": ["[Key=1]"], "Policy": [{"Version": 1, "On": True}]}
    assert event["resource"] == {"type": "Application", "id": "a-1", "name": "Shop"}
    assert event["actor"] == {"kind": "user", "id": "mara@acme.dev"}
    assert event["ip"] == "203.0.113.24"
    assert event["details"]["User-Agent"] == "Mozilla"
    assert event["details"]["Included Updated Properties"] == "KeyDescription"


@pytest.mark.parametrize("write", [json.dumps, repr], ids=["json", "python"])
def test_cells_of_a_table_are_read(event_of: Import, write: Any) -> None:
    row = {name[:1].upper() + name[1:]: value for name, value in AUDIT.items()}
    for name in ("InitiatedBy", "TargetResources", "AdditionalDetails"):
        row[name] = write(row[name])
    whole, event = event_of("entra", AUDIT), event_of("entra", row)
    for name in ("actor", "before", "after", "resource", "event_type"):
        assert event[name] == whole[name]


def test_two_rows_with_one_id_are_two_events(events_of: Any) -> None:
    first, second = events_of("entra", [AUDIT, AUDIT | {"keyEvents": "other"}])
    assert first["idempotency_key"] != second["idempotency_key"]
    reordered = dict(reversed(AUDIT.items()))
    (again,) = events_of("entra", [reordered])
    assert again["idempotency_key"] == first["idempotency_key"]


def test_diagnostic_settings_put_it_one_level_down(event_of: Import) -> None:
    record = {"time": "2026-03-02T09:00:00Z", "category": "AuditLogs", "tenantId": "t-1",
              "properties": AUDIT | {"category": "ApplicationManagement"}}  # fmt: skip
    event = event_of("auto", {"records": [record]})
    assert event["deployment"] == "t-1"
    assert event["details"]["category"] == "ApplicationManagement"
    assert event["details"]["diagnostics.category"] == "AuditLogs"


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"status": {"errorCode": 0}}, "success"),
        ({"status": {"errorCode": 50126, "failureReason": "Wrong password."}}, "failure"),
        ({"conditionalAccessStatus": "failure", "status": {"errorCode": 53003}}, "denied"),
    ],
)
def test_a_sign_in(event_of: Import, fields: dict[str, Any], outcome: str) -> None:
    record = {
        "id": "s-1", "createdDateTime": "2026-03-02T09:00:00Z",
        "userPrincipalName": "mara@acme.dev",
        "userDisplayName": "Mara Ito", "appId": "a-1", "appDisplayName": "Portal",
        "ipAddress": "203.0.113.24",
    }  # fmt: skip
    event = event_of("entra", record | fields)
    assert (event["event_type"], event["outcome"]) == ("entra.sign_in", outcome)
    assert event["actor"] == {"kind": "user", "id": "mara@acme.dev", "name": "Mara Ito"}
    assert event["resource"] == {"type": "application", "id": "a-1", "name": "Portal"}


OFFICE: dict[str, Any] = {
    "Id": "o-1", "CreationTime": "2026-03-02T09:00:00", "Operation": "New-InboxRule",
    "Workload": "Exchange", "RecordType": 1, "UserId": "mara@acme.dev", "UserType": 0,
    "OrganizationId": "t-1", "ResultStatus": "True", "ClientIP": "[2001:db8::1]:443",
    "Parameters": [{"Name": "ForwardTo", "Value": "x@evil.example"}],
}  # fmt: skip


def test_an_office_event(event_of: Import) -> None:
    event = event_of("m365", OFFICE)
    assert event["occurred_at"] == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert event["event_type"] == "m365.exchange.New-InboxRule"
    assert (event["change"], event["outcome"], event["ip"]) == ("created", "success", "2001:db8::1")
    assert event["after"] == {"request": {"ForwardTo": "x@evil.example"}}


def test_a_row_of_the_audit_search_holds_the_event(event_of: Import) -> None:
    row = {"CreationDate": "3/2/2026", "Operations": "x", "AuditData": json.dumps(OFFICE)}
    assert event_of("m365", row) == event_of("m365", OFFICE)


def test_modified_properties_of_office_are_the_two_sides(event_of: Import) -> None:
    changed = [{"Name": "Enabled", "OldValue": "[false]", "NewValue": "[true]"}]
    event = event_of("m365", OFFICE | {"ModifiedProperties": changed})
    assert (event["before"], event["after"]) == ({"Enabled": [False]}, {"Enabled": [True]})
    assert "ForwardTo" in event["details"]["Parameters"]


def test_an_activity_of_azure(event_of: Import) -> None:
    id = "/subscriptions/s-1/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n"
    record = {
        "time": "2026-03-02T09:00:00.0000000Z", "resourceId": id, "category": "Administrative",
        "operationName": "MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/WRITE", "resultType": "Failure",
        "resultSignature": "Forbidden", "callerIpAddress": "203.0.113.24:1234",
        "identity": {"claims": {"name": "mara@acme.dev"}},
        "properties": {"requestbody": '{"a": 1}'},
    }  # fmt: skip
    event = event_of("auto", record)
    assert event["event_type"] == "azure.network/networksecuritygroups/write"
    assert (event["change"], event["outcome"], event["ip"]) == ("updated", "denied", "203.0.113.24")
    assert event["resource"] == {"type": "networkSecurityGroups", "id": id, "name": "n"}
    assert event["deployment"] == "s-1"
    assert event["after"] == {"request": {"a": 1}}
