"""Our own event types."""

import pytest

from audit.event_types import EventType, audit_log, own, registry

OWN = (*own.EVENT_TYPES, *audit_log.EVENT_TYPES)


@pytest.mark.parametrize("event_type", OWN, ids=lambda each: each.slug)
def test_an_own_type_reads_as_a_sentence(event_type: EventType) -> None:
    told = event_type.describe("Mara Ito", "X", "prod")

    assert told.startswith("Mara Ito ")
    assert "{" not in told
    assert registry.get(event_type.slug) is event_type
    assert event_type.origin == "auditsite"


def test_a_slug_tells_its_change() -> None:
    changes = {each.slug: each.change for each in OWN}

    assert changes["flow.created"] == "created"
    assert changes["execution.state_changed"] == "updated"
    assert changes["api_key.revoked"] == "deleted"
    assert changes["execution.failed"] == "other"
    assert changes["export.created"] == "other"  # an export is a download, not a document


def test_what_auditsite_records_of_itself_has_a_category_of_its_own() -> None:
    assert {each.category for each in audit_log.EVENT_TYPES} == {"Audit log"}
    assert "Audit log" not in {each.category for each in own.EVENT_TYPES}
