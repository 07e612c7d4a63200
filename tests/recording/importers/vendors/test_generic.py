"""``json``, ``csv``, ``auto`` and ``pairs``, and what an operator can say."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from audit.recording.importers import FORMATS, Options, SourceError
from audit.recording.importers.item import Refused
from tests.recording.importers.vendors.conftest import Import

ZOOM: dict[str, Any] = {
    "time": "2026-03-02 10:00:00", "operator": "mara@acme.dev", "category_type": "Account",
    "action": "Update", "operation_detail": "from On to Off", "a.b": {"c/d": "e"},
    "was": {"on": True}, "is": {"on": False},
}  # fmt: skip
MAPPING = {"occurred_at": ["when", "time"], "actor.id": ["operator"], "event_type": ["action"]}


def test_fields_are_read_where_the_operator_says(event_of: Import) -> None:
    event = event_of(
        "json",
        ZOOM,
        mapping=MAPPING | {"before": ["was"], "after": ["is"], "resource.id": ["/a.b/c~1d"]},
        given={"event_type": "zoom.{category_type}.{action}", "resource.type": "setting"},
        defaults={"deployment": "acme", "actor.id": "nobody", "session": "{nothing}"},
        zone=ZoneInfo("Europe/Berlin"),
    )
    assert event["occurred_at"] == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert event["actor"] == {"kind": "user", "id": "mara@acme.dev"}
    assert (event["event_type"], event["change"]) == ("zoom.Account.Update", "updated")
    assert (event["before"], event["after"]) == ({"on": True}, {"on": False})
    assert event["resource"] == {"type": "setting", "id": "e", "name": "e"}
    assert event["deployment"] == "acme"
    assert "session" not in event
    assert event["details"] == {"operation_detail": "from On to Off", "category_type": "Account"}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"time": "redacted"}, "time: “redacted” is no time that can be read"),
        ({"time": "2026-03-02"}, "time: “2026-03-02” is no time that can be read"),
        ({"time": None}, "has no time: there is no when or time"),
        ({"action": ""}, "has no event type: --map event_type=PATH says where it is"),
    ],
)
def test_what_is_missing_is_named(event_of: Import, fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        event_of("json", ZOOM | fields, mapping=MAPPING)


def test_a_default_time_is_for_records_without_one(events_of: Any) -> None:
    first, second = events_of(
        "json", [ZOOM, ZOOM | {"time": "redacted"}], mapping=MAPPING,
        defaults={"occurred_at": "2026-01-01T00:00:00Z"},
    )  # fmt: skip
    assert first["occurred_at"] == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert second["occurred_at"] == datetime(2026, 1, 1, tzinfo=UTC)
    assert second["details"]["time"] == "redacted"


@pytest.mark.parametrize("wrapped", [{"event": ZOOM}, {"event": json.dumps(ZOOM)}])
def test_what_wraps_a_record_is_put_aside(event_of: Import, wrapped: Any) -> None:
    event = event_of("json", wrapped, mapping=MAPPING, record_at="/event")
    assert event["actor"]["id"] == "mara@acme.dev"
    with pytest.raises(Refused, match="has nothing at /there"):
        event_of("json", wrapped, mapping=MAPPING, record_at="/there")


def test_equal_records_without_an_id_are_as_many_events(events_of: Any) -> None:
    keys = [e["idempotency_key"] for e in events_of("json", [ZOOM, ZOOM], mapping=MAPPING)]
    assert len(set(keys)) == 2
    named = MAPPING | {"id": ["operation_detail"]}
    keys = [e["idempotency_key"] for e in events_of("json", [ZOOM, ZOOM], mapping=named)]
    assert len(set(keys)) == 1


def test_a_table_is_read_by_its_names(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    row = '2026-03-02T09:00:00Z,mara,Delete,"a\nb, ""c"""'
    file.write_bytes(f"\ufefftime,operator,action,note\r\n{row}\r\n".encode())
    (item,) = FORMATS["csv"].open([str(file)], Options(mapping=MAPPING)).items()
    event = item.build().event
    assert event["details"] == {"note": 'a\nb, "c"'}
    assert event["change"] == "deleted"


def test_a_record_that_nobody_knows_is_rejected(event_of: Import) -> None:
    with pytest.raises(Refused, match="is of no known format: say --format"):
        event_of("auto", ZOOM)


PAIR = {"actor.id": "mara", "occurred_at": "2026-03-02T09:00:00Z"}


def test_documents_come_in_pairs(tmp_path: Path) -> None:
    for name, text in (("a.json", '{"n": 1.10}'), ("b.yaml", "n: 2"), ("c.txt", "")):
        (tmp_path / name).write_text(text)
    a, b, c = (str(tmp_path / name) for name in ("a.json", "b.yaml", "c.txt"))
    good, bad = FORMATS["pairs"].open([a, b, a, c], Options(given=PAIR)).items()
    event = good.build().event
    assert event["event_type"] == "file.updated"
    assert event["resource"] == {"type": "file", "id": b, "name": "b.yaml"}
    assert event["after"] == {"n": 2}
    with pytest.raises(Refused, match=r"is no JSON, YAML or TOML file by its name"):
        bad.build()


@pytest.mark.parametrize(
    ("paths", "given", "sentence"),
    [
        (["a"], PAIR, "this is an odd number"),
        (["a", "b"], PAIR, "There is no file a"),
        ([__file__, __file__], {}, "--set actor.id=… and --set occurred_at=… is needed"),
        ([__file__, __file__], PAIR | {"occurred_at": "now"}, "“now” is no time"),
    ],
)
def test_pairs_that_cannot_be_read_are_one_sentence(
    paths: list[str], given: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SourceError, match=sentence):
        FORMATS["pairs"].open(paths, Options(given=given))
