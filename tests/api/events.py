from typing import Any


def event(**given: Any) -> dict[str, Any]:
    return {
        "occurred_at": "2026-03-02T09:00:00Z",
        "event_type": "schedule.updated",
        "actor": {"kind": "user", "id": "mara.ito@acme.dev"},
    } | given
