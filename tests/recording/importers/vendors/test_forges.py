"""GitHub and GitLab."""

from datetime import UTC, datetime
from typing import Any

import pytest

from audit.recording.importers.item import Refused
from tests.recording.importers.vendors.conftest import Import

GITHUB: dict[str, Any] = {
    "@timestamp": 1772442000418, "_document_id": "d-1", "action": "repo.access", "actor": "mara",
    "org": "acme", "repo": "acme/shop", "actor_ip": "203.0.113.24", "operation_type": "modify",
    "visibility": "public", "previous_visibility": "private",
}  # fmt: skip
GITLAB: dict[str, Any] = {
    "id": 7, "author_id": 3, "entity_id": 9, "entity_type": "Project",
    "entity_path": "acme/shop", "created_at": "2026-03-02T09:00:00.418Z",
    "details": {
        "change": "visibility", "from": "Private", "to": "Public", "author_name": "Mara Ito",
        "author_email": "mara@acme.dev", "target_id": 9, "target_type": "Project",
        "target_details": "acme/shop", "ip_address": "203.0.113.24",
    },
}  # fmt: skip


def test_an_entry_of_github(event_of: Import) -> None:
    event = event_of("github", GITHUB)
    assert event["occurred_at"] == datetime(2026, 3, 2, 9, 0, 0, 418_000, tzinfo=UTC)
    assert (event["event_type"], event["change"]) == ("github.repo.access", "updated")
    assert event["resource"] == {"type": "repo", "id": "acme/shop", "name": "acme/shop"}
    assert (event["before"], event["after"]) == (
        {"visibility": "private"}, {"visibility": "public"},
    )  # fmt: skip
    assert event["deployment"] == "acme"


def test_bots_of_github_are_service_accounts(event_of: Import) -> None:
    for fields in ({"actor": "dependabot[bot]"}, {"actor_is_bot": True}):
        assert event_of("github", GITHUB | fields)["actor"]["kind"] == "service_account"


def test_a_delivery_of_a_webhook_is_no_entry(event_of: Import) -> None:
    with pytest.raises(Refused, match="as in a webhook's delivery"):
        event_of("github", {"action": "completed", "workflow_run": {"id": 1}})


def test_an_event_of_gitlab(event_of: Import) -> None:
    event = event_of("gitlab", [GITLAB])
    assert event["event_type"] == "gitlab.change.visibility"
    assert (event["before"], event["after"]) == (
        {"visibility": "Private"}, {"visibility": "Public"},
    )  # fmt: skip
    assert event["actor"] == {"kind": "user", "id": "mara@acme.dev", "name": "Mara Ito"}
    assert event["resource"] == {"type": "Project", "id": "9", "name": "acme/shop"}
    assert event["ip"] == "203.0.113.24"


@pytest.mark.parametrize(
    ("details", "event_type", "change"),
    [
        ({"add": "user_access", "as": "Owner"}, "gitlab.add.user_access", "created"),
        ({"remove": "project"}, "gitlab.remove.project", "deleted"),
        ({"event_name": "project_archived"}, "gitlab.project_archived", "other"),
        ({"custom_message": "Signed in"}, "gitlab.audit_event", "other"),
    ],
)
def test_what_was_done_in_gitlab(
    event_of: Import, details: dict[str, str], event_type: str, change: str
) -> None:
    event = event_of("gitlab", GITLAB | {"details": details})
    assert event["event_type"] == event_type
    assert event["change"] == change or "archived" in event_type
