import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.recording.importers import files, lines
from audit.recording.importers.files import find_files
from audit.recording.importers.item import SourceError
from audit.recording.importers.lines import read_lines

_LINE = st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), max_size=30)


def read(*paths: Path | str) -> list[lines.Line]:
    return list(read_lines(find_files([str(path) for path in paths])))


@given(st.lists(_LINE))
def test_every_line_that_is_not_blank_comes_with_its_number(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    file = tmp_path_factory.mktemp("lines") / "events.ndjson"
    file.write_bytes("\n".join(texts).encode())
    expected = [
        (str(n), text)
        for n, text in enumerate(texts, 1)
        if text.encode().strip() and not text.startswith("\ufeff")
    ]
    found = [(line.position.place, line.text) for line in read(file) if not line.fault]
    assert found == expected


def test_blank_lines_count_but_do_not_come(tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(b'{"a":1}\r\n\n   \n{"b":2}')
    found = [(str(line.position), line.content) for line in read(file)]
    assert found == [(f"{file}:1", b'{"a":1}'), (f"{file}:4", b'{"b":2}')]


def test_a_compressed_file_is_read_whatever_its_name(tmp_path: Path) -> None:
    plain, packed = tmp_path / "events.ndjson", tmp_path / "events"
    plain.write_bytes(b"1\n2\n")
    packed.write_bytes(gzip.compress(b"1\n") + gzip.compress(b"2\n"))
    assert [line.text for line in read(packed)] == ["1", "2"]
    assert [line.key for line in read(packed)] == [line.key for line in read(plain)]


def test_a_directory_gives_its_files_sorted(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("c.jsonl", "b/a.ndjson", "a.jsonl.gz", "SOURCE.md", "b/d.json"):
        content = name.encode()
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    assert [line.text for line in read(tmp_path)] == ["a.jsonl.gz", "b/a.ndjson", "c.jsonl"]


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO(gzip.compress(b"1\n2"))))  # type: ignore[arg-type]
    monkeypatch.setattr("sys.stdin", stdin)
    assert [(str(line.position), line.text) for line in read("-")] == [("-:1", "1"), ("-:2", "2")]
    assert files.total_size(["-"]) is None


def test_a_path_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"There is no file or directory .*missing\.$"):
        find_files([str(tmp_path / "missing")])
    with pytest.raises(SourceError, match=r"has no files ending in \.ndjson, \.jsonl"):
        find_files([str(tmp_path)])


@pytest.mark.parametrize(
    ("content", "place", "fault"),
    [
        pytest.param(b"1\n\xff\n3\n", "2", "is not UTF-8 (byte 1 of the line)", id="not-utf-8"),
        pytest.param(b"\xef\xbb\xbf1\n2\n", "1", "byte order mark (U+FEFF)", id="mark"),
        pytest.param(
            b"1\n" + b"x" * 5000 + b"\n3\n", "2", "has 5,001 bytes, a line at most 64", id="long"
        ),
    ],
)
def test_a_line_that_is_no_text_is_named_and_the_others_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, place: str, fault: str
) -> None:
    monkeypatch.setattr(lines, "MAX_RECORD_BYTES", 64)
    monkeypatch.setattr(lines, "_CHUNK", 1000)
    file = tmp_path / "events.ndjson"
    file.write_bytes(content)
    found = read(file)
    faults = [(line.position.place, line.fault) for line in found if line.fault]
    assert len(faults) == 1
    assert faults[0][0] == place
    assert fault in faults[0][1]
    assert len(found) - 1 == content.count(b"\n") - 1


def test_a_damaged_compressed_file_is_named_where_it_ends(tmp_path: Path) -> None:
    whole = gzip.compress(b"\n".join(b"%d" % n for n in range(10_000)))
    file = tmp_path / "events.ndjson.gz"
    for damaged in (whole[: len(whole) // 2], whole[:-8] + b"\0" * 8, whole[:200] + b"\xff" * 99):
        file.write_bytes(damaged)
        assert "the compressed file is damaged from here on" in read(file)[-1].fault


def test_equal_lines_of_one_file_are_told_apart(tmp_path: Path) -> None:
    one, more = tmp_path / "a.ndjson", tmp_path / "b.ndjson"
    one.write_bytes(b"x\ny\nx\nx\n")
    more.write_bytes(b"  x\r\n")
    keys = [line.key for line in read(one)]
    assert len(set(keys)) == 4
    # A copy of the beginning is the beginning.
    assert [line.key for line in read(more)] == keys[:1]


def test_the_memory_of_lines_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_REMEMBERED_LINES", 2)
    keys = lines.Keys()
    first = [keys.key_of(content) for content in (b"a", b"b", b"b", b"c", b"d")]
    assert len(keys.times) == 2
    assert keys.key_of(b"a") == first[0]


def test_progress_is_in_bytes_as_they_lie_on_disk(tmp_path: Path) -> None:
    for name in ("a.ndjson", "b.ndjson"):
        (tmp_path / name).write_bytes(b"1\n22\n")
    found = find_files([str(tmp_path)])
    done = [line.done for line in read_lines(found)]
    assert done == [2, 5, 7, 10]
    assert files.total_size(found) == 10
