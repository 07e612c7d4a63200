import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from audit.diff import MAX_DEPTH
from audit.models import Event, Organization, Snapshot
from audit.recording import record, record_many
from audit.recording.importers import FORMATS, Options, Rejected, Tally, import_items, importing
from audit.recording.importers.item import Built, Item, Position, Refused
from tests.factories import START
from tests.recording.importers.conftest import GitRepository

MARA = {"kind": "user", "id": "mara.ito@acme.dev", "name": "Mara Ito"}


def event(n: int, **fields: Any) -> dict[str, Any]:
    at = (START + timedelta(seconds=n)).isoformat()
    return {"occurred_at": at, "actor": MARA, "event_type": "flow.updated", **fields}


def run(
    organization: Organization, format: str, path: Path, *, batch_size: int = 3
) -> tuple[Tally, list[Rejected]]:
    tally, rejected = Tally(), []
    importer = FORMATS[format].open([str(path)], Options())
    with closing(importer):
        items = importer.items()
        for _ in import_items(
            organization, items, tally, reject=rejected.append, batch_size=batch_size
        ):
            assert tally.read == tally.recorded + tally.already_there + tally.rejected
    return tally, rejected


def counts(tally: Tally) -> tuple[int, int, int, int]:
    return tally.read, tally.recorded, tally.already_there, tally.rejected


def test_a_file_is_recorded_once(organization: Organization, tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_text("\n".join(json.dumps(event(n)) for n in range(10)))
    assert counts(run(organization, "ndjson", file)[0]) == (10, 10, 0, 0)
    assert counts(run(organization, "ndjson", file)[0]) == (10, 0, 10, 0)
    with file.open("a") as longer:
        longer.write("\n" + json.dumps(event(10)))
    assert counts(run(organization, "ndjson", file)[0]) == (11, 1, 10, 0)
    assert Event.objects.count() == 11


def test_equal_lines_are_as_many_events(organization: Organization, tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_text(f"{json.dumps(event(1))}\n" * 5)
    assert counts(run(organization, "ndjson", file)[0]) == (5, 5, 0, 0)
    assert counts(run(organization, "ndjson", file)[0]) == (5, 0, 5, 0)


def test_ids_and_keys_of_the_sender_are_kept(organization: Organization, tmp_path: Path) -> None:
    recorded = record(organization, occurred_at=START, event_type="flow.updated", actor=MARA)
    record_many(organization, [event(1, idempotency_key="k")])
    file = tmp_path / "events.ndjson"
    lines = [
        event(0, occurred_at=START.isoformat(), id=str(recorded.id)),
        event(1, idempotency_key="k"),
        event(1),
    ]
    file.write_text("\n".join(map(json.dumps, lines)))
    assert counts(run(organization, "ndjson", file)[0]) == (3, 1, 2, 0)


def test_what_is_wrong_is_named_and_the_rest_recorded(
    organization: Organization, tmp_path: Path
) -> None:
    file = tmp_path / "events.ndjson"
    lines = [
        json.dumps(event(0)),
        '{"a":1,"a":2}',
        json.dumps(event(2, actor={"kind": "ghost", "id": "x"}, ip="nowhere")),
        json.dumps(event(3, occurred_at=None)),
        json.dumps(event(4, after={"n": 2**60})),
        '["no object"]',
        json.dumps(event(6, colour="red")),
    ]
    file.write_text("\n".join(lines))
    tally, rejected = run(organization, "ndjson", file)
    assert counts(tally) == (7, 2, 0, 5)
    assert [r.position.place for r in sorted(rejected, key=lambda r: r.position.place)] == [
        "2", "3", "4", "6", "7",
    ]  # fmt: skip
    by_line = {r.position.place: r for r in rejected}
    assert "duplicate key" in by_line["2"].reason
    assert "actor.kind: must be one of" in by_line["3"].reason
    assert "ip: must be" in by_line["3"].reason
    assert by_line["4"].reason == "occurred_at: is required"
    assert by_line["6"].reason == "is JSON, but no object"
    assert by_line["7"].reason == "colour: is not a field of an event"
    assert all(r.original == lines[int(place) - 1].encode() for place, r in by_line.items())


def test_a_history_is_recorded_once_and_its_additions_later(
    organization: Organization, repository: GitRepository
) -> None:
    for n in range(5):
        repository.commit({"a.json": str(n), "b.yaml": f"n: {n}"})
    assert counts(run(organization, "git", repository.path)[0]) == (10, 10, 0, 0)
    assert counts(run(organization, "git", repository.path)[0]) == (10, 0, 10, 0)
    repository.commit({"a.json": "9"})
    assert counts(run(organization, "git", repository.path)[0]) == (11, 1, 10, 0)
    last = Event.objects.order_by("-id").first()
    assert last
    snapshot = Snapshot.objects.get(id=last.id)
    assert (snapshot.before, snapshot.after) == ("4", "9")
    assert last.changed_paths == [""]


def test_what_is_there_is_not_even_read(
    organization: Organization, repository: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit({"a.json": "1"})
    run(organization, "git", repository.path)
    monkeypatch.setattr(
        "audit.recording.importers.git.contents.read_document",
        lambda *_: pytest.fail("read again"),
    )
    assert counts(run(organization, "git", repository.path)[0]) == (1, 0, 1, 0)


def test_extracted_and_real_history_are_the_same_events(
    organization: Organization, repository: GitRepository, tmp_path: Path
) -> None:
    id = repository.commit({"a.json": "1"})
    run(organization, "git", repository.path)
    file = tmp_path / "history.jsonl"
    file.write_text(
        json.dumps(
            {
                "commit": id, "author": "Mara Ito", "authored_at": "2026-03-02T09:01:00Z",
                "op": "A", "path": "a.json", "before": None, "after": 1,
            }
        )
    )  # fmt: skip
    assert counts(run(organization, "git-jsonl", file)[0]) == (1, 0, 1, 0)


def test_organisations_do_not_share_what_they_know(
    organization: Organization, repository: GitRepository
) -> None:
    other = Organization.objects.create(slug="other", name="Other")
    repository.commit({"a.json": "1"})
    for owner in (organization, other):
        assert counts(run(owner, "git", repository.path)[0]) == (1, 1, 0, 0)


def test_what_is_older_than_event_ids_is_named(organization: Organization) -> None:
    at = datetime(1969, 12, 31, tzinfo=UTC)
    built = Built(event(0, occurred_at=at, idempotency_key="k"), 0)
    item = Item(position=Position("x", "1"), build=lambda: built, done=1, identity=(at, "k"))
    tally, rejected = Tally(), []
    list(import_items(organization, [item], tally, reject=rejected.append, batch_size=9))
    assert counts(tally) == (1, 0, 0, 1)
    assert rejected[0].reason == "occurred_at: is before 1970, where event ids begin"


def test_a_change_without_a_snapshot_is_counted(
    organization: Organization, repository: GitRepository
) -> None:
    repository.commit({"a.json": "1", "b.json": "{"})
    tally, _ = run(organization, "git", repository.path)
    assert (tally.recorded, tally.incomplete) == (2, 1)


def test_an_import_that_stops_keeps_what_is_in_and_continues(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    def items(stop_at: int | None = None) -> Iterator[Item]:
        for n in range(10):
            if n == stop_at:
                raise KeyboardInterrupt
            built = Built(event(n, idempotency_key=f"k{n}"), 1)
            yield Item(position=Position("x", str(n)), build=lambda b=built: b, done=n)  # type: ignore[misc]

    tally = Tally()
    with pytest.raises(KeyboardInterrupt):
        list(import_items(organization, items(8), tally, reject=pytest.fail, batch_size=3))
    assert counts(tally) == (6, 6, 0, 0)
    assert tally.done == 5
    tally = Tally()
    list(import_items(organization, items(), tally, reject=pytest.fail, batch_size=3))
    assert counts(tally) == (10, 4, 6, 0)


def test_heavy_documents_make_small_batches(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_MAX_WEIGHT", 10)
    sizes: list[int] = []

    def counting(organization: Organization, events: Any, **options: Any) -> Any:
        given = list(events)
        sizes.append(len(given))
        return record_many(organization, given, **options)

    monkeypatch.setattr(importing, "record_many", counting)
    alive: list[int] = []

    def items(held: int, built: int) -> Iterator[Item]:
        for n in range(9):
            alive.append(n)
            item = Built(event(n), built)
            yield Item(
                position=Position("x", str(n)),
                build=lambda b=item: b,  # type: ignore[misc]
                done=n,
                weight=held,
            )

    for held, built in ((4, 0), (0, 4)):
        list(
            import_items(
                organization, items(held, built), Tally(), reject=pytest.fail, batch_size=100
            )
        )
    assert sizes == [3] * 6


def test_a_refusal_does_not_hold_up_the_others(organization: Organization) -> None:
    def refuse() -> Built:
        raise Refused("not today")

    items = [
        Item(position=Position("x", "1"), build=refuse, done=1, original=b"?"),
        Item(position=Position("x", "2"), build=lambda: Built(event(1), 0), done=2),
    ]
    tally, rejected = Tally(), []
    list(import_items(organization, items, tally, reject=rejected.append, batch_size=10))
    assert counts(tally) == (2, 1, 0, 1)
    assert rejected == [Rejected(Position("x", "1"), "not today", b"?")]


def test_many_events_refresh_the_statistics(
    organization: Organization, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(importing, "_ANALYZE_FROM", 3)
    items = [
        Item(position=Position("x", str(n)), build=lambda n=n: Built(event(n), 0), done=n)  # type: ignore[misc]
        for n in range(3)
    ]
    tally = Tally()
    with django_assert_max_num_queries(20) as queries:
        list(import_items(organization, items, tally, reject=pytest.fail, batch_size=10))
    assert "audit_analyze" in queries.captured_queries[-1]["sql"]
    assert tally.earliest == START
    assert tally.latest == datetime(2026, 3, 2, 9, 0, 2, tzinfo=UTC)


def test_a_document_of_the_greatest_depth_is_imported_again(
    organization: Organization, tmp_path: Path
) -> None:
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    line = json.dumps(event(1)).removesuffix("}") + f', "after": {deepest}}}'
    (tmp_path / "a.ndjson").write_text(line)
    tally, rejected = run(organization, "ndjson", tmp_path / "a.ndjson")
    assert (tally.recorded, rejected) == (1, [])
