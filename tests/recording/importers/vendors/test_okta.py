from typing import Any

import pytest

from tests.recording.importers.vendors.conftest import Import

EVENT: dict[str, Any] = {
    "uuid": "e-1",
    "published": "2026-03-02T09:00:00.418Z",
    "eventType": "user.account.update_profile",
    "displayMessage": "Update user profile for Okta",
    "actor": {"id": "00u1", "type": "User", "alternateId": "mara@acme.dev", "displayName": "Mara"},
    "client": {"ipAddress": "203.0.113.24", "userAgent": {"rawUserAgent": "Mozilla"}},
    "outcome": {"result": "SUCCESS"},
    "target": [{"id": "00u2", "type": "User", "displayName": "Ben", "alternateId": "ben@acme.dev"}],
    "authenticationContext": {"externalSessionId": "s-1"},
    "transaction": {"id": "t-1"},
}  # fmt: skip


def test_an_event(event_of: Import) -> None:
    event = event_of("okta", [EVENT])
    assert event["event_type"] == "okta.user.account.update_profile"
    assert event["actor"] == {"kind": "user", "id": "mara@acme.dev", "name": "Mara"}
    assert event["resource"] == {"type": "User", "id": "00u2", "name": "Ben"}
    assert (event["session"], event["request_id"], event["change"]) == ("s-1", "t-1", "updated")
    assert event["summary"] == "Update user profile for Okta"
    assert event["after"]["record"]["target"] == EVENT["target"]


def test_change_details_are_the_two_sides(event_of: Import) -> None:
    changed = {"from": {"title": "Intern"}, "to": {"title": "Owner", "team": "ops"}}
    event = event_of("okta", EVENT | {"target": [EVENT["target"][0] | {"changeDetails": changed}]})
    assert event["before"] == {"title": "Intern"}
    assert event["after"] == {"title": "Owner", "team": "ops"}
    assert "ben@acme.dev" in event["details"]["target"]


@pytest.mark.parametrize(
    ("result", "outcome"),
    [("FAILURE", "failure"), ("DENY", "denied"), ("ALLOW", "success"), ("CHALLENGE", "success")],
)
def test_outcomes(event_of: Import, result: str, outcome: str) -> None:
    event = event_of("okta", EVENT | {"outcome": {"result": result, "reason": "VERIFICATION"}})
    assert event["outcome"] == outcome
    assert ("VERIFICATION" in event["summary"]) == (outcome != "success")


@pytest.mark.parametrize(
    ("type", "kind"), [("SystemPrincipal", "system"), ("PublicClientApp", "service_account")]
)
def test_kinds_of_actors(event_of: Import, type: str, kind: str) -> None:
    assert event_of("okta", EVENT | {"actor": {"id": "a", "type": type}})["actor"]["kind"] == kind


def test_lower_case_names_are_known(event_of: Import) -> None:
    record = {"eventtype" if k == "eventType" else k: v for k, v in EVENT.items()}
    assert event_of("okta", record)["event_type"] == "okta.user.account.update_profile"
