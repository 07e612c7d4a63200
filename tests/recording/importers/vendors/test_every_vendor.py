"""What holds for any format of records, whatever it is given."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.diff import dumps
from audit.models import Organization
from audit.recording.importers import FORMATS, Options
from audit.recording.importers.item import Item, Refused
from audit.recording.importers.vendors import KESTRA_CSV, VENDORS
from audit.recording.importers.vendors.facts import Facts, leaves, text_of
from audit.recording.policy import Policy
from audit.recording.reading import InvalidEvent
from audit.recording.validation import validate

POLICY = Policy(Organization(slug="acme", name="Acme", id_salt=b"salt"))
MAPPING = {"event_type": ["action", "a.b"], "actor.id": ["actor"], "occurred_at": ["time", "when"]}
NAMES = (  # of members that mappings look for
    "eventName eventSource eventTime eventID userIdentity type arn requestParameters resources"
    " errorCode responseElements sourceIPAddress userAgent CloudTrailEvent detail kind verb"
    " objectRef requestReceivedTimestamp user username impersonatedUser responseStatus code"
    " sourceIPs annotations properties log activityDisplayName activityDateTime initiatedBy"
    " targetResources modifiedProperties displayName oldValue newValue additionalDetails key value"
    " Operation CreationTime UserId UserType Parameters Name Value ModifiedProperties AuditData"
    " eventType published actor alternateId outcome result target changeDetails from to action"
    " @timestamp created_at old_permission permission entity_type author_id details change add id"
    " applicationName time name parameters events OLD_VALUE NEW_VALUE protoPayload methodName"
    " timestamp authenticationInfo principalEmail status operationName resourceId class_uid"
    " activity_id entity entity_result data auditLog authorUserEmail eventMetadata results date"
    " userId resource appliedPatch revertPatch op path errors Records items when a b"
)
TIMES = ("2026-03-02T09:00:00Z", "2026-03-02 09:00:00.123456789", 1772442000123, "redacted", "...")
TEXTS = (
    "203.0.113.24",
    "arn:aws:iam::1:role/x",
    "a.b.c",
    "{'a': 1}",
    '{"a": [1]}',
    "[",
    "3004",
    "\0",
)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(TIMES + TEXTS) | st.text(max_size=12) | st.just("x" * 2_100)
)  # fmt: skip
KEYS = st.sampled_from(NAMES.split()) | st.text(max_size=8)
RECORDS = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
        max_leaves=12,
    ),
    max_size=12,
)
# Enough to be one of this vendor's, so that more than the refusals is tried.
LIKELY: dict[str, dict[str, Any]] = {
    "cloudtrail": {"eventName": "CreateRole", "eventSource": "iam.amazonaws.com",
                   "eventTime": TIMES[0]},
    "kubernetes": {"verb": "create", "requestReceivedTimestamp": TIMES[0]},
    "entra": {"activityDisplayName": "Add user", "activityDateTime": TIMES[1]},
    "m365": {"Operation": "Set-Mailbox", "CreationTime": TIMES[1], "UserId": "mara"},
    "azure-activity": {"operationName": "Microsoft.Storage/x/write", "time": TIMES[0]},
    "okta": {"eventType": "user.session.start", "published": TIMES[0]},
    "github": {"action": "repo.create", "@timestamp": TIMES[2]},
    "gitlab": {"entity_type": "Project", "author_id": 1, "created_at": TIMES[0], "details": {}},
    "google-workspace": {"name": "CREATE_USER",
                         "id": {"applicationName": "admin", "time": TIMES[0]}},
    "google-cloud": {"protoPayload": {"methodName": "SetIamPolicy"}, "timestamp": TIMES[0]},
    "ocsf": {"class_uid": 3004, "activity_id": 3, "time": TIMES[2]},
    "dagster": {"eventType": "LOG_IN", "timestamp": 1772442000.5, "authorUserEmail": "m@a.dev"},
    "kestra": {"type": "UPDATE", "date": TIMES[0], "userId": "u", "detail": {"resource": "FLOW"}},
    "json": {"action": "x", "actor": "mara", "time": TIMES[0]},
    "auto": {},
}  # fmt: skip


def items_of(format: str, content: str, folder: Path) -> list[Item]:
    file = folder / f"{format}.json"
    file.write_text(content)
    options = Options(mapping=MAPPING if format == "json" else {})
    return list(FORMATS[format].open([str(file)], options).items())


def test_every_format_of_records_is_tried() -> None:
    assert LIKELY.keys() == {vendor.name for vendor in VENDORS} | {"json", "auto"}


@pytest.mark.parametrize("format", LIKELY)
@settings(max_examples=40, deadline=None)
@given(record=RECORDS, likely=st.booleans())
def test_any_object_is_an_event_or_says_why_not(
    tmp_path_factory: pytest.TempPathFactory, format: str, record: Any, likely: bool
) -> None:
    given_record = record | LIKELY[format] if likely else record
    for item in items_of(format, dumps(given_record), tmp_path_factory.getbasetemp()):
        try:
            validate(item.build().event, POLICY)
        except (Refused, InvalidEvent):
            continue


@pytest.mark.parametrize("format", [name for name in LIKELY if name not in ("auto", "json")])
@settings(max_examples=15, deadline=None)
@given(record=RECORDS)
def test_every_fact_of_a_record_is_in_its_event(
    tmp_path_factory: pytest.TempPathFactory, format: str, record: Any
) -> None:
    """As a field, a detail or in a snapshot; or it is named as left out."""
    more = {"surplus": record, "note": "x" * 3_000}
    for item in items_of(format, dumps(LIKELY[format] | more), tmp_path_factory.getbasetemp()):
        event = dict(item.build().event)
        details: Any = event.get("details", {})
        told = dumps({**event, "occurred_at": ""})  # type: ignore[dict-item]
        for path, value in leaves(more):
            texts = [text_of(v) for v in value] if isinstance(value, list) else [text_of(value)]
            there = all(dumps(text)[1:-1] in told for text in texts)
            assert there or path in details.get("left_out", ""), path


@pytest.mark.parametrize("format", [*LIKELY, "csv", KESTRA_CSV.name])
def test_what_is_no_record_at_all_is_named(format: str, tmp_path: Path) -> None:
    file = tmp_path / ("log.csv" if "csv" in format else "log.json")
    file.write_text("a,b\n1\n" if "csv" in format else '[1, {"a":1,"a":2}, [], {}]')
    options = Options(mapping=MAPPING) if format in ("json", "csv") else Options()
    items = list(FORMATS[format].open([str(file)], options).items())
    assert len(items) == (1 if "csv" in format else 4)
    for item in items:
        with pytest.raises(Refused):
            item.build()


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.name)
def test_a_vendor_recognises_its_own_records_only(vendor: Any) -> None:
    recognised = {
        "cloudtrail": {}, "entra": {"initiatedBy": {"user": {}, "app": {"appId": "a"}},
                                    "targetResources": [{"id": "t"}]},
        "kubernetes": {"apiVersion": "audit.k8s.io/v1", "kind": "Event"},
        "m365": {"RecordType": 1}, "azure-activity": {"category": "Administrative"},
        "okta": {"actor": {"id": "a"}, "displayMessage": "x"},
        "github": {"actor": "mara", "org": "acme"}, "gitlab": {"details": {"add": "x"}},
        "google-workspace": {"kind": "admin#reports#activity"}, "google-cloud": {},
        "ocsf": {"metadata": {"version": "1.1.0"}}, "dagster": {}, "kestra": {},
    }[vendor.name]  # fmt: skip
    facts = Facts(json.loads(json.dumps(LIKELY[vendor.name] | recognised)))
    assert [other.name for other in VENDORS if other.recognises(facts)] == [vendor.name]
