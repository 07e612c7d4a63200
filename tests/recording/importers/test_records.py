import gzip
import io
import json
import random
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.diff import loads
from audit.recording.importers import records
from audit.recording.importers.lines import Line
from audit.recording.importers.records import read_records

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=8), JSON, max_size=4), max_size=6)
ARRAYS = (("Records",), ("data", "auditLog", "entries"))
PACKED = {
    "array": json.dumps,
    "pretty": lambda objects: json.dumps(objects, indent=2, ensure_ascii=False),
    "lines": lambda objects: "\n".join(map(json.dumps, objects)),
    "follow": lambda objects: "".join(json.dumps(one, indent=1) for one in objects),
    "envelope": lambda objects: json.dumps({"Records": objects, "more": [1, {}]}),
    "deep": lambda objects: json.dumps({"data": {"auditLog": {"x": [], "entries": objects}}}),
    "twice": lambda objects: "\n".join([json.dumps({"Records": [one]}) for one in objects]),
}


def read(file: Path) -> list[Line]:
    return list(read_records([str(file)], ARRAYS))


def read_text(tmp_path: Path, text: str, name: str = "log.json") -> list[Line]:
    file = tmp_path / name
    file.write_text(text)
    return read(file)


@pytest.mark.parametrize("packing", PACKED)
@settings(max_examples=30, deadline=None)
@given(objects=OBJECTS, chunk=st.sampled_from([1, 7, 1 << 20]))
def test_the_same_records_come_however_they_are_packed(
    tmp_path_factory: pytest.TempPathFactory, packing: str, objects: Any, chunk: int
) -> None:
    # Such an object of its own is what an envelope looks like.
    objects = [one for one in objects if not {"Records", "data"} & one.keys()]
    file = tmp_path_factory.getbasetemp() / f"{packing}.json"
    file.write_text(PACKED[packing](objects))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "_CHUNK", chunk)
        found = read(file)
    assert [loads(line.text) for line in found] == objects
    assert not any(line.fault for line in found)


def test_numbers_and_duplicate_keys_come_as_they_are_written(tmp_path: Path) -> None:
    first, second = read_text(tmp_path, '[{"n": 1.10, "big": 1E400}, {"a":1,"a":2}]')
    assert first.text == '{"n": 1.10, "big": 1E400}'
    assert second.text == '{"a":1,"a":2}'


def test_a_mistake_costs_one_record(tmp_path: Path) -> None:
    lines = read_text(tmp_path, '[{"a":1}, {b:2}, 7, {"c": NaN}, {"e":5}]')
    assert [line.text for line in lines if not line.fault] == [
        '{"a":1}', "{b:2}", '{"c": NaN}', '{"e":5}',
    ]  # fmt: skip
    (stray,) = [line for line in lines if line.fault]
    assert stray.fault == "a record should stand here, an object, but there is: 7"
    assert stray.position.place == "record 3"


@pytest.mark.parametrize(
    ("text", "whole", "fault"),
    [
        ('[{"a":1},{"b":', 1, "the file ends before it does"),
        ('{"Records":[{"a":1}', 1, "the file ends before it does"),
        ('[{"a":1},{"b":"x\n"}]', 1, "a text in it does not end"),
        ('[{"a":1}]]', 1, "a bracket is closed here that was not opened"),
        ("nothing", 0, "there is: nothing"),
        ("[1, null]", 0, "there is: 1, null"),
    ],
)
def test_what_is_not_whole_is_named(tmp_path: Path, text: str, whole: int, fault: str) -> None:
    *good, bad = read_text(tmp_path, text)
    assert [line.fault for line in good] == [""] * whole
    assert bad.fault.endswith(fault)


def test_a_damaged_line_is_the_only_one_lost(tmp_path: Path) -> None:
    text = '{"a": {"b":1}\n{"c":"\n{"d":1}\n{"e":1}'
    for name in ("log.json", "log.jsonl"):
        lines = read_text(tmp_path, '{"z":1}\n' + text, name)
        assert [line.position.place for line in lines] == ["1", "2", "3", "4", "5"]
    lines = read_text(tmp_path, text, "log.jsonl")
    assert [line.text for line in lines] == text.split("\n")


@pytest.mark.parametrize("text", ['{"a":1}\n{"a":2}', '[{"a":1},{"a":2}]'])
def test_compressed_files_with_a_byte_order_mark_are_read(tmp_path: Path, text: str) -> None:
    file = tmp_path / "log.json.gz"
    file.write_bytes(gzip.compress(b"\xef\xbb\xbf" + text.encode()))
    assert [line.text for line in read(file)] == ['{"a":1}', '{"a":2}']


def test_a_damaged_archive_gives_what_is_before_the_damage(tmp_path: Path) -> None:

    noise = random.Random(1).randbytes(300_000).hex()
    content = gzip.compress(json.dumps([{"a": noise[n : n + 100]} for n in range(2_000)]).encode())
    file = tmp_path / "log.json.gz"
    file.write_bytes(content[: len(content) // 2])
    *whole, last = read(file)
    assert "the compressed file is damaged from here on" in last.fault
    assert not any(line.fault for line in whole)


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO(b'{"Records":[{"a":1}]}')))  # type: ignore[arg-type]
    monkeypatch.setattr("sys.stdin", stdin)
    assert [line.text for line in read_records(["-"], ARRAYS)] == ['{"a":1}']


def test_a_record_that_is_too_large_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "MAX_RECORD_BYTES", 100)
    monkeypatch.setattr(records, "_CHUNK", 10)
    large = json.dumps({"a": ["x" * 20] * 30})
    lines = read_text(tmp_path, f'[{{"a":1}},{large},{{"b":2}}]')
    assert [line.text for line in lines] == ['{"a":1}', "", '{"b":2}']
    assert lines[1].fault == f"has {len(large)} bytes, a record at most 100"
    (endless,) = read_text(tmp_path, '{"a":"' + "x" * 1_000)
    assert endless.fault.endswith("a text in it is larger than any record")
    assert endless.content == b""


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    record = json.dumps({"a": "x" * 2_000})
    file = tmp_path / "log.json.gz"
    with gzip.open(file, "wt") as out:
        out.write('{"Records":[' + record)
        for _ in range(20_000):
            out.write("," + record)
        out.write("]}")
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_records([str(file)], ARRAYS)) == 20_001
        assert tracemalloc.get_traced_memory()[1] < 30 << 20  # of 40 MB
    finally:
        tracemalloc.stop()
