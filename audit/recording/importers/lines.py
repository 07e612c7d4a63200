"""Lines of text files, streaming."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import BinaryIO

from audit.recording.importers.files import DAMAGE, MAX_RECORD_BYTES, Source, open_source
from audit.recording.importers.item import Position, SourceError

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


type ReadSource = Callable[[Source, int], Iterator[Line]]
"""The lines of one file, given the bytes of the files before it."""


def read_lines(files: Sequence[str]) -> Iterator[Line]:
    """Every line of every file; ``done`` counts the bytes read, compressed if they are so."""
    yield from read_each(files, lines_of)


def read_each(files: Sequence[str], read: ReadSource) -> Iterator[Line]:
    """What ``read`` finds in each of the files, one after the other."""
    before = 0
    for file in files:
        position = 0
        with open_source(file) as source:
            for line in read(source, before):
                position = line.done
                yield line
        before = max(before, position)


def lines_of(source: Source, before: int = 0) -> Iterator[Line]:
    keys = Keys()
    for number in count(1):
        place = Position(source.name, str(number))
        try:
            content = source.stream.readline(MAX_RECORD_BYTES + 1)
            too_long = len(content) > MAX_RECORD_BYTES
            length = len(content) + (_skip_line(source.stream) if too_long else 0)
        except DAMAGE as error:
            yield damaged(place, before, error)
            return
        except OSError as error:
            raise SourceError(f"Cannot read {place}: {error.strerror or error}.") from None
        if not content:
            return
        done = before + source.offset()
        if too_long:
            fault = f"has {length:,} bytes, a line at most {MAX_RECORD_BYTES:,}"
            yield Line(place, b"", "", done, fault=fault)
        elif content.strip():
            yield line_of(place, content.rstrip(b"\r\n"), done, keys)


def damaged(place: Position, done: int, error: Exception) -> Line:
    fault = f"the compressed file is damaged from here on ({error})"
    return Line(place, b"", "", done, fault=fault)


def line_of(place: Position, content: bytes, done: int, keys: "Keys") -> Line:
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
class Keys:
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


def _skip_line(stream: BinaryIO) -> int:
    """Read past the rest of a line without keeping it; returns how long it was."""
    skipped = 0
    while chunk := stream.readline(_CHUNK):
        skipped += len(chunk)
        if chunk.endswith(b"\n"):
            break
    return skipped
