"""What is written down of a result: all of it, exactly, in bounded memory."""

import csv
import gzip
import io
import json
import tracemalloc
import zipfile
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.forms.models import model_to_dict
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from audit.browsing import EventFilterSet, TookTooLong
from audit.browsing.exports import FORMATS, PACKINGS, Asked, Export, reading
from audit.browsing.exports.formats import safe_cell
from audit.models import Event, Organization, Snapshot
from audit.recording import record_many
from tests.factories import START, EventFactory, OrganizationFactory

EXPORTER = {"kind": "user", "id": "ada@acme.dev", "name": "Ada"}
# Everything that a document or a text can hold and that a careless writer would change.
DOCUMENT = (
    '{"z":1,"a":[1.10,1E5,-0,1e400,123456789012345678901234567890],'
    '"nul":"\\u0000","half":"\\ud83d","line":"a\\nb","text":"grün \u2028 🚀"}'
)


def make_export(organization: Organization, query: str = "", **options: Any) -> Export:
    events = Event.objects.in_organization(organization.pk)
    filters = EventFilterSet(QueryDict(query), queryset=events)
    assert not filters.errors
    options.setdefault("format", FORMATS["ndjson"])
    return Export(
        organization=organization,
        events=filters.qs,
        asked=Asked.by(filters),
        exporter=EXPORTER,
        **options,
    )


def content(export: Export) -> bytes:
    return b"".join(export.content())


def lines(export: Export) -> list[Any]:
    return [json.loads(line) for line in content(export).splitlines()]


def table(export: Export) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(export).decode(), newline="")))


def record_numbered(organization: Organization, count: int, **fields: Any) -> None:
    events: Iterator[dict[str, Any]] = (
        {
            "occurred_at": START + timedelta(seconds=n),
            "actor": {"kind": "user", "id": f"person{n % 3}@acme.dev"},
            "event_type": "flow.updated",
            "details": {"n": str(n)},
            **fields,
        }
        for n in range(count)
    )
    assert record_many(organization, events).recorded == count


def recorded_export(organization: Organization) -> Event:
    return Event.objects.get(organization=organization, event_type="export.created")


@pytest.fixture
def full_event(organization: Organization) -> Event:
    """An event that has everything, and as much of it as there can be."""
    return EventFactory.create(
        organization=organization,
        occurred_at=START + timedelta(microseconds=123_456),
        actor={"kind": "agent_token", "id": "=ci", "name": 'A "b", c', "impersonator": "mara"},
        event_type="flow.updated",
        change="other",
        outcome="denied",
        resource={"type": "flow", "id": "a/b", "name": "naïve\r\nname"},
        deployment="prod",
        branch_deployment="feature/x",
        details={f"key {n}": f"-{n}: ü,\n" for n in range(64)},
        summary="@all\tof it",
        session="s_1",
        ip="2001:db8::1",
        user_agent="curl/8",
        request_id="r1",
        idempotency_key="once",
    )


# --- Round trips --------------------------------------------------------------------------------


def test_what_is_exported_can_be_imported_again(
    organization: Organization, full_event: Event, tmp_path: Path
) -> None:
    minimal = EventFactory.create(organization=organization)
    with_null = EventFactory.create(organization=organization, before=None, after=0)
    file, other = tmp_path / "events.ndjson", OrganizationFactory.create(slug="other")
    file.write_bytes(content(make_export(organization)))
    call_command("import_events", str(file), "--organization=other", "--format=ndjson", verbosity=0)
    for event in (full_event, minimal, with_null):
        copy = Event.objects.get(organization=other, id=event.id)
        left_out = {"organization", "recorded_at"}
        assert model_to_dict(copy, exclude=left_out) == model_to_dict(event, exclude=left_out)
        assert copy.occurred_at == event.occurred_at
    assert [*Snapshot.objects.filter(organization=other).values_list("before", "after")] == [
        ("null", "0")
    ]


def test_documents_are_exactly_as_they_are_stored(organization: Organization) -> None:
    event = EventFactory.create(organization=organization)
    Snapshot.objects.create(organization=organization, id=event.id, before=DOCUMENT, after="null")
    (line,) = content(make_export(organization)).decode().removesuffix("\n").split("\n")
    assert f',"before":{DOCUMENT},"after":null}}' in line
    array = content(make_export(organization, format=FORMATS["json"])).decode()
    assert f',"before":{DOCUMENT},"after":null}}' in array
    (row,) = table(make_export(organization, format=FORMATS["csv"]))
    assert (row["before"], row["after"]) == (DOCUMENT, "null")


def test_a_document_of_many_lines_stays_on_one(organization: Organization) -> None:
    event = EventFactory.create(organization=organization)
    Snapshot.objects.create(organization=organization, id=event.id, after='{\r\n "a": "\\n"\n}')
    (found,) = lines(make_export(organization))
    assert found["after"] == {"a": "\n"}
    assert "before" not in found


def test_an_array_holds_the_same_events(organization: Organization, full_event: Event) -> None:
    array = FORMATS["json"]
    record_numbered(organization, 3)
    assert json.loads(content(make_export(organization, format=array))) == lines(
        make_export(organization)
    )
    empty = make_export(organization, "actor=nobody", format=array)
    assert json.loads(content(empty)) == []


def test_lines_say_when_and_whose(organization: Organization, full_event: Event) -> None:
    (found,) = lines(make_export(organization))
    assert found["occurred_at"] == "2026-03-02T09:00:00.123456Z"
    assert found["organization"] == "acme"
    assert found["recorded_at"].endswith("Z")
    assert found["actor"]["impersonator"] == "mara"
    (simple,) = lines(make_export(EventFactory.create(occurred_at=START, summary="").organization))
    assert simple["occurred_at"] == "2026-03-02T09:00:00.000Z"
    assert simple["summary"] is None


# --- Tables -------------------------------------------------------------------------------------


def test_a_table_holds_everything(organization: Organization, full_event: Event) -> None:
    columns = ("key 7", "not there")
    (row,) = table(make_export(organization, format=FORMATS["csv"], columns=columns))
    assert row["actor_id"] == "'=ci"
    assert row["actor_name"] == 'A "b", c'
    assert row["resource_name"] == "naïve\r\nname"
    assert row["summary"] == "'@all\tof it"
    assert json.loads(row["details"]) == full_event.details
    assert row["details.key 7"] == "'-7: ü,\n"
    assert row["details.not there"] == ""
    assert (row["before"], row["ip"]) == ("", "2001:db8::1")


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "'"])
def test_no_cell_is_a_formula(first: str) -> None:
    assert safe_cell(f"{first}cmd|' /C calc'!A0") == f"'{first}cmd|' /C calc'!A0"
    assert safe_cell(f"a{first}") == f"a{first}"


@given(st.text())
def test_one_apostrophe_taken_off_gives_the_text(text: str) -> None:
    assert safe_cell(text).removeprefix("'") == text


def test_a_table_has_its_header_without_events(organization: Organization) -> None:
    text = content(make_export(organization, format=FORMATS["csv"])).decode()
    assert text.startswith("id,occurred_at,")
    assert text.count("\n") == 1


# --- What is in it ------------------------------------------------------------------------------


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_BATCH", 7)


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("oldest_first", [False, True])
@pytest.mark.parametrize("count", [0, 6, 7, 8, 50])
def test_every_event_is_in_it_once_and_in_order(
    organization: Organization, count: int, oldest_first: bool
) -> None:
    record_numbered(organization, count)
    EventFactory.create(occurred_at=START)  # another organisation's
    export = make_export(organization, oldest_first=oldest_first)
    order = range(count) if oldest_first else range(count - 1, -1, -1)
    assert [event["details"]["n"] for event in lines(export)] == [str(n) for n in order]
    assert export.reading.count == count


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("actor=person1@acme.dev", range(100, 0, -3)),
        ("actor=-person1@acme.dev&tag=-n:99", [n for n in range(98, -1, -1) if n % 3 != 1]),
        ("tag=n:3&tag=n:77", [77, 3]),
        ("tag=n:3&actor=person1@acme.dev", []),
        ("q=actor:person1@acme.dev+n:1,4,5", [4, 1]),
        ("q=time:2026-03-02T09:00:10Z..2026-03-02T09:00:13Z", [12, 11, 10]),
        ("since=2026-03-02T09:00:10Z&until=2026-03-02T09:00:13Z", [12, 11, 10]),
    ],
)
@pytest.mark.parametrize("limits", [{}, {"walk": 5, "deep_walk": 9, "statements": 1}])
def test_filters_hold(
    organization: Organization,
    query: str,
    expected: list[int],
    limits: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "_LIMITS", reading.Limits(**limits))
    record_numbered(organization, 101)
    monkeypatch.setattr(reading, "_BATCH", 7)
    export = make_export(organization, query)
    found = [int(event["details"]["n"]) for event in lines(export)]
    expected = [n for n in expected if n != 100 or "person1" in query]
    assert found == expected


def test_a_search_that_comes_no_further_breaks_the_export_off(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_numbered(organization, 3)
    monkeypatch.setattr(reading, "_LIMITS", reading.Limits(total_ms=0))
    with pytest.raises(TookTooLong):
        list(make_export(organization).content())


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("oldest_first", [False, True])
def test_what_is_recorded_meanwhile_is_left_out(
    organization: Organization, oldest_first: bool
) -> None:
    record_numbered(organization, 20)
    export = make_export(organization, oldest_first=oldest_first)
    pieces = export.content()
    next(pieces)
    for at in (START - timedelta(days=1), START, START + timedelta(hours=1)):
        EventFactory.create(organization=organization, occurred_at=at)
    assert sum(1 for _ in pieces) == 2
    assert export.reading.count == 20


def test_large_documents_are_read_few_at_a_time(organization: Organization) -> None:
    record_numbered(organization, 6, after={"text": [str(uuid4()) for _ in range(24_000)]})
    groups = [len(group) for group in make_export(organization).reading.groups()]
    assert sum(groups) == 6
    assert max(groups) <= 2


# --- Costs --------------------------------------------------------------------------------------


def test_each_batch_costs_the_same_few_queries(organization: Organization) -> None:
    def queries(export: Export) -> int:
        with CaptureQueriesContext(connection) as captured:
            content(export)
        return len(captured)

    record_numbered(organization, 3_500, after={"n": 1})
    one = queries(make_export(organization, "since=2026-03-02T09:50:00Z"))
    four = queries(make_export(organization))
    assert one <= 4
    assert four <= 4 * one


def test_memory_does_not_grow_with_the_events(organization: Organization) -> None:
    record_numbered(organization, 8_000, after={"n": 1})

    def peak(query: str) -> int:
        export = make_export(organization, query)
        tracemalloc.start()
        size = sum(len(piece) for piece in export.recorded(PACKINGS["zip"].pack(export)))
        assert size
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    few = peak("since=2026-03-02T10:40:00Z")  # 2,000
    assert peak("until=2026-03-03") < 1.3 * few


# --- The manifest -------------------------------------------------------------------------------


def test_the_event_is_the_manifest(organization: Organization) -> None:
    record_numbered(organization, 5)
    query = "actor=person1@acme.dev&since=2026-03-02T09:00:00Z&cursor="
    export = make_export(organization, query)
    written = b"".join(export.recorded(export.content()))
    event = recorded_export(organization)
    assert event.id == export.event_id
    assert (event.actor_kind, event.actor_id, event.actor_name) == ("user", "ada@acme.dev", "Ada")
    assert (event.outcome, event.summary) == ("success", "2 events as NDJSON")
    assert event.details == {
        "format": "ndjson",
        "events": "2",
        "since": "2026-03-02T09:00:00.000Z",
        "sha256": sha256(written).hexdigest(),
        "query": "actor=person1@acme.dev&since=2026-03-02T09:00:00Z",
    }
    manifest = json.loads(Snapshot.objects.get(organization=organization, id=event.id).after or "")
    ids = [json.loads(line)["id"] for line in written.splitlines()]
    assert (manifest["first_id"], manifest["last_id"]) == (ids[0], ids[-1])
    assert (manifest["events"], manifest["bytes"]) == (2, len(written))
    assert manifest["complete"] is True
    assert manifest == json.loads(export.manifest_text())


def test_the_manifest_has_the_times_of_every_part_of_the_query(
    organization: Organization,
) -> None:
    export = make_export(organization, "q=time:2026-03-02..2026-03-04&since=2026-03-03")
    manifest = export.manifest()
    assert manifest["since"] == "2026-03-03T00:00:00.000Z"
    assert manifest["until"] == "2026-03-05T00:00:00.000Z"


def test_the_manifest_says_what_is_to_be_said_of_the_query(organization: Organization) -> None:
    (remark,) = make_export(organization, "q=zzz*").manifest()["remarks"]  # type: ignore[misc]
    assert remark == "No word that is known begins with “zzz”."


def test_a_query_longer_than_a_detail_is_in_the_manifest_alone(
    organization: Organization,
) -> None:
    value = "x" * 2_041
    export = make_export(organization, f"session={value}")
    list(export.recorded(export.content()))
    event = recorded_export(organization)
    assert "query" not in event.details
    assert value in (Snapshot.objects.get(organization=organization, id=event.id).after or "")


def test_who_goes_away_is_recorded_as_a_failure(
    organization: Organization, small_batches: None
) -> None:
    record_numbered(organization, 50)
    export = make_export(organization)
    pieces = export.recorded(export.content())
    next(pieces)
    pieces.close()
    event = recorded_export(organization)
    assert event.outcome == "failure"
    assert 7 <= int(event.details["events"]) < 50
    manifest = json.loads(Snapshot.objects.get(organization=organization, id=event.id).after or "")
    assert manifest["complete"] is False


def test_nothing_is_whole_that_is_not_recorded(
    organization: Organization, small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Down(Exception):
        pass

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise Down

    record_numbered(organization, 10)
    whole = content(make_export(organization))
    export = make_export(organization)
    monkeypatch.setattr("audit.browsing.exports.export.record", refuse)
    got = bytearray()
    with pytest.raises(Down):
        deque(map(got.extend, export.recorded(export.content())), maxlen=0)
    assert whole.startswith(got)
    assert len(got) < len(whole)


# --- Packing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 30])
def test_what_is_packed_is_the_same(
    organization: Organization, small_batches: None, count: int
) -> None:
    record_numbered(organization, count)
    plain = content(make_export(organization))
    assert gzip.decompress(b"".join(PACKINGS["gzip"].pack(make_export(organization)))) == plain
    export = make_export(organization)
    with zipfile.ZipFile(io.BytesIO(b"".join(PACKINGS["zip"].pack(export)))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [export.filename, "manifest.json"]
        assert archive.read(export.filename) == plain
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["sha256"] == sha256(plain).hexdigest()
    assert (manifest["events"], manifest["file"]) == (count, export.filename)
