"""Lines of text files: plain or gzip, from files, directories and standard input, streaming."""

import gzip
import hashlib
import sys
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from itertools import count
from pathlib import Path
from typing import BinaryIO, cast

from audit.recording.importers.item import Position, SourceError
from audit.recording.limits import MAX_SNAPSHOT_BYTES

#: Two snapshots whose every character is written as an escape of six still fit in.
MAX_LINE_BYTES = 16 * MAX_SNAPSHOT_BYTES

ENDINGS = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
STANDARD_INPUT = "-"

_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = "\ufeff"
_CHUNK = 1 << 20
# Equal lines stand close together in a log; these keep the memory of them under 20 MB.
_REMEMBERED_LINES = 100_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank, without its end. ``fault`` says why it is no text, if so.

    ``done`` is how many bytes of the files are read. ``key`` knows the line by its own text and
    by how many equal ones came before it in the file: it is the same in a copy of the file, in a
    longer version of it and in a compressed one.
    """

    position: Position
    content: bytes
    text: str
    done: int
    key: str = ""
    fault: str = ""


def find_files(paths: Sequence[str]) -> list[str]:
    """The files to read: directories give those in them of the usual endings, sorted.

    Raises SourceError for a path that is not there and for a directory without such files.
    """
    found: list[str] = []
    for path in paths:
        found += [path] if path == STANDARD_INPUT else _files_of(Path(path))
    return found


def _files_of(path: Path) -> list[str]:
    if not path.exists():
        raise SourceError(f"There is no file or directory {path}.")
    if not path.is_dir():
        return [str(path)]
    files = sorted(p for p in path.rglob("*") if p.name.endswith(ENDINGS) and p.is_file())
    if not files:
        raise SourceError(f"The directory {path} has no files ending in {', '.join(ENDINGS)}.")
    return [str(p) for p in files]


def total_size(files: Sequence[str]) -> int | None:
    """Bytes in all the files as they lie on disk; None with standard input among them."""
    if STANDARD_INPUT in files:
        return None
    return sum(Path(file).stat().st_size for file in files)


def read_lines(files: Sequence[str]) -> Iterator[Line]:
    """Every line of every file; ``done`` counts the bytes read, compressed if they are so."""
    before = 0
    for file in files:
        position = 0
        for line in _lines_of(file, before):
            position = line.done
            yield line
        before = max(before, position)


def _lines_of(file: str, before: int) -> Iterator[Line]:
    keys = _Keys()
    with _open(file) as raw:
        stream = _decompressed(raw)
        for number in count(1):
            place = Position(file, str(number))
            try:
                content = stream.readline(MAX_LINE_BYTES + 1)
                too_long = len(content) > MAX_LINE_BYTES
                length = len(content) + (_skip_line(stream) if too_long else 0)
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                fault = f"the compressed file is damaged from here on ({error})"
                yield Line(place, b"", "", before, fault=fault)
                return
            except OSError as error:
                raise SourceError(f"Cannot read {place}: {error.strerror or error}.") from None
            if not content:
                return
            done = before if file == STANDARD_INPUT else before + raw.tell()
            if too_long:
                fault = f"has {length:,} bytes, a line at most {MAX_LINE_BYTES:,}"
                yield Line(place, b"", "", done, fault=fault)
            elif content.strip():
                yield _line(place, content.rstrip(b"\r\n"), done, keys)


def _line(place: Position, content: bytes, done: int, keys: "_Keys") -> Line:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        fault = f"is not UTF-8 (byte {error.start + 1:,} of the line)"
        return Line(place, content, "", done, fault=fault)
    if text.startswith(_BYTE_ORDER_MARK):
        fault = "begins with a byte order mark (U+FEFF), which is not JSON"
        return Line(place, content, "", done, fault=fault)
    return Line(place, content, text, done, keys.key_of(content))


@dataclass(slots=True)
class _Keys:
    """Tells equal lines of one file apart by counting them, in memory that does not grow.

    Logs of whole seconds without ids do repeat themselves, and each line is an event.
    """

    times: OrderedDict[bytes, int] = field(default_factory=OrderedDict)

    def key_of(self, content: bytes) -> str:
        digest = hashlib.blake2b(content.strip(), digest_size=16).digest()
        times = self.times.pop(digest, 0)
        self.times[digest] = times + 1
        if len(self.times) > _REMEMBERED_LINES:
            self.times.popitem(last=False)
        return f"{digest.hex()}:{times}" if times else digest.hex()


@contextmanager
def _open(file: str) -> Iterator[BufferedReader]:
    if file == STANDARD_INPUT:
        yield cast(BufferedReader, sys.stdin.buffer)
        return
    try:
        stream = Path(file).open("rb")  # noqa: SIM115 -- errors here are ours, those inside not
    except OSError as error:
        raise SourceError(f"Cannot read {file}: {error.strerror}.") from None
    with stream:
        yield stream


def _decompressed(raw: BufferedReader) -> BinaryIO:
    """By its first bytes, not its name: standard input has none."""
    return cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if raw.peek(2)[:2] == _GZIP else raw


def _skip_line(stream: BinaryIO) -> int:
    """Read past the rest of a line without keeping it; returns how long it was."""
    skipped = 0
    while chunk := stream.readline(_CHUNK):
        skipped += len(chunk)
        if chunk.endswith(b"\n"):
            break
    return skipped
