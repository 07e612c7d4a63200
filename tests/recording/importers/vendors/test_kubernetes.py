import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.recording.importers.vendors.conftest import Import

EVENT: dict[str, Any] = {
    "kind": "Event",
    "apiVersion": "audit.k8s.io/v1",
    "level": "RequestResponse",
    "auditID": "87bac0ec",
    "stage": "ResponseComplete",
    "requestURI": "/api/v1/namespaces/shop/configmaps",
    "verb": "create",
    "user": {"username": "mara", "groups": ["system:masters", "ops"]},
    "sourceIPs": ["192.168.99.1"],
    "objectRef": {"resource": "configmaps", "namespace": "shop"},
    "responseStatus": {"code": 201},
    "requestObject": {"metadata": {"name": "settings"}, "data": {"a": "1"}},
    "requestReceivedTimestamp": "2026-03-02T09:00:00.203917Z",
    "annotations": {"authorization.k8s.io/decision": "allow"},
}


def test_a_request_becomes_an_event(event_of: Import) -> None:
    event = event_of("kubernetes", EVENT)
    assert event["occurred_at"] == datetime(2026, 3, 2, 9, 0, 0, 203917, tzinfo=UTC)
    assert event["event_type"] == "kubernetes.configmaps.create"
    assert (event["change"], event["outcome"], event["deployment"]) == (
        "created", "success", "shop",
    )  # fmt: skip
    # A request that creates has no name in objectRef: it is in what was asked for.
    assert event["resource"] == {"type": "configmaps", "id": "shop/settings", "name": "settings"}
    assert event["after"] == {"request": EVENT["requestObject"]}
    assert event["ip"] == "192.168.99.1"
    assert event["details"]["annotations.authorization.k8s.io/decision"] == "allow"
    assert event["details"]["user.groups"] == "system:masters, ops"


def test_an_event_list_is_read_item_by_item(events_of: Any) -> None:
    events = events_of("kubernetes", {"kind": "EventList", "items": [EVENT, EVENT]})
    assert [event["event_type"] for event in events] == ["kubernetes.configmaps.create"] * 2


def test_stages_of_one_request_are_events_of_their_own(events_of: Any) -> None:
    first, second = events_of("kubernetes", [EVENT | {"stage": "RequestReceived"}, EVENT])
    assert first["request_id"] == second["request_id"]
    assert first["idempotency_key"] != second["idempotency_key"]


def test_who_impersonates_is_told(event_of: Import) -> None:
    actor = event_of("kubernetes", EVENT | {"impersonatedUser": {"username": "admin"}})["actor"]
    assert actor == {"kind": "user", "id": "admin", "impersonator": "mara"}


@pytest.mark.parametrize(
    ("username", "kind"),
    [("system:serviceaccount:shop:web", "service_account"), ("system:anonymous", "system")],
)
def test_kinds_of_actors(event_of: Import, username: str, kind: str) -> None:
    assert event_of("kubernetes", EVENT | {"user": {"username": username}})["actor"] == {
        "kind": kind, "id": username,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"responseStatus": {"code": 403}}, "denied"),
        ({"responseStatus": {"code": 409}}, "failure"),
        ({"annotations": {"authorization.k8s.io/decision": "forbid"}}, "denied"),
    ],
)
def test_outcomes(event_of: Import, fields: dict[str, Any], outcome: str) -> None:
    assert event_of("kubernetes", EVENT | fields)["outcome"] == outcome


def test_using_an_object_creates_nothing(event_of: Import) -> None:
    reference = {"resource": "pods", "subresource": "exec", "namespace": "shop", "name": "web"}
    event = event_of("kubernetes", EVENT | {"objectRef": reference})
    assert (event["event_type"], event["change"]) == ("kubernetes.pods.exec.create", "other")


def test_a_request_for_no_object_is_known_by_its_path(event_of: Import) -> None:
    event = event_of("kubernetes", {k: v for k, v in EVENT.items() if k != "objectRef"})
    assert event["event_type"] == "kubernetes.create"
    assert event["resource"] == {
        "type": "path", "id": EVENT["requestURI"], "name": EVENT["requestURI"],
    }  # fmt: skip


def test_the_log_inside_a_diagnostic_log_of_aks_is_read(event_of: Import) -> None:
    record = {"category": "kube-audit", "time": "x", "properties": {"log": json.dumps(EVENT)}}
    event = event_of("auto", record)
    assert event["event_type"] == "kubernetes.configmaps.create"
    assert event["details"]["aks.category"] == "kube-audit"
