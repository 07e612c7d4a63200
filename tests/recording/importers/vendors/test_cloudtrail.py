import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.recording.importers.vendors.conftest import Import

EVENT: dict[str, Any] = {
    "eventVersion": "1.09",
    "userIdentity": {
        "type": "IAMUser", "arn": "arn:aws:iam::751203476945:user/mara", "userName": "mara",
        "accountId": "751203476945",
    },
    "eventTime": "2026-03-02T09:00:00Z",
    "eventSource": "iam.amazonaws.com",
    "eventName": "UpdateAssumeRolePolicy",
    "awsRegion": "eu-central-1",
    "sourceIPAddress": "203.0.113.24",
    "userAgent": "aws-cli/2.15",
    "requestParameters": {"policyDocument": "{}", "roleName": "backup"},
    "responseElements": None,
    "requestID": "r-1",
    "eventID": "62e290e2-ee95-4a7c-a9f8-db4ef462b12d",
    "readOnly": False,
    "recipientAccountId": "751203476945",
}  # fmt: skip


def test_a_record_becomes_an_event(event_of: Import) -> None:
    event = event_of("cloudtrail", {"Records": [EVENT]})
    assert event.pop("idempotency_key").startswith("cloudtrail:")
    assert event == {
        "occurred_at": datetime(2026, 3, 2, 9, tzinfo=UTC),
        "actor": {"kind": "user", "id": EVENT["userIdentity"]["arn"], "name": "mara"},
        "event_type": "aws.iam.UpdateAssumeRolePolicy",
        "change": "updated",
        "outcome": "success",
        "resource": {"type": "role", "id": "backup", "name": "backup"},
        "deployment": "751203476945/eu-central-1",
        "ip": "203.0.113.24",
        "user_agent": "aws-cli/2.15",
        "request_id": "r-1",
        "details": {
            "eventVersion": "1.09",
            "userIdentity.type": "IAMUser",
            "userIdentity.userName": "mara",
            "userIdentity.accountId": "751203476945",
            "awsRegion": "eu-central-1",
            "readOnly": "false",
            "recipientAccountId": "751203476945",
        },
        "after": {"request": EVENT["requestParameters"]},
    }


@pytest.mark.parametrize(
    "packed",
    [
        [EVENT],
        EVENT,
        {"Events": [{"EventId": "x", "CloudTrailEvent": json.dumps(EVENT)}], "NextToken": "n"},
        {"detail-type": "AWS API Call via CloudTrail", "detail": EVENT},
    ],
    ids=["array", "alone", "lookup-events", "EventBridge"],
)
def test_the_same_event_is_the_same_however_it_is_delivered(event_of: Import, packed: Any) -> None:
    event = event_of("cloudtrail", {"Records": [EVENT]})
    assert event_of("cloudtrail", packed) == event
    assert event_of("auto", packed) == event


@pytest.mark.parametrize(
    ("fields", "actor"),
    [
        (
            {
                "type": "AssumedRole",
                "arn": "arn:aws:sts::1:assumed-role/deploy/run-7",
                "sessionContext": {"sourceIdentity": "mara"},
            },
            {
                "kind": "service_account",
                "id": "arn:aws:sts::1:assumed-role/deploy/run-7",
                "name": "run-7",
                "impersonator": "mara",
            },
        ),
        (
            {"type": "AWSService", "invokedBy": "config.amazonaws.com"},
            {"kind": "system", "id": "config.amazonaws.com"},
        ),
        (
            {"type": "IAMUser", "arn": "arn:aws:iam::1:user/a", "invokedBy": "cloudformation"},
            {
                "kind": "user",
                "id": "arn:aws:iam::1:user/a",
                "name": "a",
                "impersonator": "cloudformation",
            },
        ),
        ({}, {"kind": "system", "id": "unknown"}),
    ],
    ids=["role", "service", "service-for-user", "nobody"],
)
def test_actors(event_of: Import, fields: dict[str, Any], actor: dict[str, str]) -> None:
    assert event_of("cloudtrail", EVENT | {"userIdentity": fields})["actor"] == actor


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"errorCode": "AccessDenied", "errorMessage": "no"}, "denied"),
        ({"errorCode": "Client.UnauthorizedOperation"}, "denied"),
        ({"errorCode": "NoSuchEntity"}, "failure"),
        ({"responseElements": {"ConsoleLogin": "Failure"}}, "failure"),
    ],
)
def test_outcomes(event_of: Import, fields: dict[str, Any], outcome: str) -> None:
    assert event_of("cloudtrail", EVENT | fields)["outcome"] == outcome


def test_a_service_in_place_of_an_address_is_a_detail(event_of: Import) -> None:
    for source in ("ec2.amazonaws.com", "225.178.039.250"):
        event = event_of("cloudtrail", EVENT | {"sourceIPAddress": source})
        assert "ip" not in event
        assert event["details"]["sourceIPAddress"] == source


def test_a_session_is_known_by_its_temporary_key(event_of: Import) -> None:
    session = {"sessionContext": {"attributes": {"mfaAuthenticated": "true"}}}
    identity = EVENT["userIdentity"] | session | {"accessKeyId": "k-1"}
    assert event_of("cloudtrail", EVENT | {"userIdentity": identity})["session"] == "k-1"


@pytest.mark.parametrize(
    ("name", "change"),
    [("CreateRole", "created"), ("PutBucketPolicy", "updated"), ("DeleteTrail", "deleted"),
     ("GetRole", "other"), ("AssumeRole", "other"), ("StopLogging", "other")],
)  # fmt: skip
def test_the_verb_tells_the_change(event_of: Import, name: str, change: str) -> None:
    assert event_of("cloudtrail", EVENT | {"eventName": name})["change"] == change


def test_reading_changes_nothing(event_of: Import) -> None:
    event = event_of("cloudtrail", EVENT | {"eventName": "UpdateView", "readOnly": True})
    assert event["change"] == "other"


def test_what_no_detail_can_hold_is_kept_in_the_snapshot(event_of: Import) -> None:
    event = event_of("cloudtrail", EVENT | {"additionalEventData": {"long": "x" * 3_000}})
    assert event["details"]["kept_in_snapshot"] == "additionalEventData.long"
    assert event["after"]["record"] == {"additionalEventData.long": "x" * 3_000}
