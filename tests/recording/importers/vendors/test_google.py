from typing import Any

import pytest

from tests.recording.importers.vendors.conftest import Import

ACTIVITY: dict[str, Any] = {
    "kind": "admin#reports#activity",
    "id": {"time": "2026-03-02T09:00:00.418Z", "uniqueQualifier": "-1", "applicationName": "admin",
           "customerId": "C1"},
    "actor": {"email": "mara@acme.dev", "profileId": "1", "callerType": "USER"},
    "ipAddress": "203.0.113.24",
    "events": [
        {"type": "CALENDAR_SETTINGS", "name": "CHANGE_CALENDAR_SETTING",
         "parameters": [{"name": "SETTING_NAME", "value": "SHARING"},
                        {"name": "OLD_VALUE", "value": "NONE"},
                        {"name": "NEW_VALUE", "value": "ALL"}]},
        {"type": "USER_SETTINGS", "name": "CREATE_USER",
         "parameters": [{"name": "USER_EMAIL", "value": "ben@acme.dev"},
                        {"name": "BULK", "boolValue": False}]},
    ],
}  # fmt: skip
ENTRY: dict[str, Any] = {
    "insertId": "i-1", "timestamp": "2026-03-02T09:00:00.418123456Z", "severity": "NOTICE",
    "logName": "projects/acme/logs/cloudaudit.googleapis.com%2Factivity",
    "resource": {"type": "gcs_bucket", "labels": {"project_id": "acme", "bucket_name": "b"}},
    "protoPayload": {
        "serviceName": "storage.googleapis.com", "methodName": "storage.buckets.update",
        "resourceName": "projects/_/buckets/b", "status": {},
        "authenticationInfo": {"principalEmail": "mara@acme.dev"},
        "requestMetadata": {"callerIp": "203.0.113.24", "callerSuppliedUserAgent": "gcloud"},
        "request": {"a": 1},
        "serviceData": {"policyDelta": {"bindingDeltas": [{"action": "ADD"}]}},
    },
}  # fmt: skip


def test_each_event_of_an_activity_is_one(events_of: Any) -> None:
    first, second = events_of("google-workspace", {"items": [ACTIVITY]})
    assert first["event_type"] == "google_workspace.admin.CHANGE_CALENDAR_SETTING"
    assert (first["before"], first["after"]) == ({"SHARING": "NONE"}, {"SHARING": "ALL"})
    assert first["change"] == "updated"
    assert second["event_type"] == "google_workspace.admin.CREATE_USER"
    assert second["resource"] == {"type": "user", "id": "ben@acme.dev", "name": "ben@acme.dev"}
    assert second["details"]["parameters.BULK"] == "false"
    assert second["actor"] == first["actor"] == {"kind": "user", "id": "mara@acme.dev"}
    assert first["idempotency_key"] != second["idempotency_key"]


def test_parameters_may_be_an_object_with_lists_of_one(event_of: Import) -> None:
    record = {
        "id": ACTIVITY["id"] | {"applicationName": "drive"}, "name": "rename", "actor": {},
        "parameters": {"doc_id": "1", "doc_title": "New", "old_value": ["Old"],
                       "new_value": ["New"]},
    }  # fmt: skip
    event = event_of("google-workspace", record)
    assert (event["before"], event["after"]) == ({"value": "Old"}, {"value": "New"})
    assert event["resource"] == {"type": "document", "id": "1", "name": "New"}
    assert event["actor"] == {"kind": "system", "id": "unknown"}


def test_an_entry_of_cloud_logging(event_of: Import) -> None:
    event = event_of("google-cloud", [ENTRY])
    assert event["event_type"] == "gcp.storage.buckets.update"
    assert (event["change"], event["deployment"], event["ip"]) == (
        "updated",
        "acme",
        "203.0.113.24",
    )
    assert event["resource"] == {"type": "gcs_bucket", "id": "projects/_/buckets/b", "name": "b"}
    assert event["after"] == {
        "request": {"a": 1},
        "service_data": ENTRY["protoPayload"]["serviceData"],
    }


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"status": {"code": 7}}, "denied"),
        ({"status": {"code": 5, "message": "not found"}}, "failure"),
        ({"authorizationInfo": [{"granted": False}]}, "denied"),
    ],
)
def test_outcomes(event_of: Import, fields: dict[str, Any], outcome: str) -> None:
    record = ENTRY | {"protoPayload": ENTRY["protoPayload"] | fields}
    assert event_of("google-cloud", record)["outcome"] == outcome


def test_who_acts_through_a_service_account_is_told(event_of: Import) -> None:
    info = {
        "principalEmail": "robot@acme.iam.gserviceaccount.com",
        "serviceAccountDelegationInfo": [
            {"firstPartyPrincipal": {"principalEmail": "mara@acme.dev"}}
        ],
    }
    record = ENTRY | {"protoPayload": ENTRY["protoPayload"] | {"authenticationInfo": info}}
    assert event_of("google-cloud", record)["actor"] == {
        "kind": "service_account",
        "id": "robot@acme.iam.gserviceaccount.com",
        "impersonator": "mara@acme.dev",
    }


def test_a_short_method_is_said_with_its_service(event_of: Import) -> None:
    payload = ENTRY["protoPayload"] | {"methodName": "Encrypt", "serviceName": "cloudkms.x"}
    assert event_of("google-cloud", ENTRY | {"protoPayload": payload})["event_type"] == (
        "gcp.cloudkms.Encrypt"
    )
