"""JSON records in files, whatever holds them: lines, arrays, an array inside an envelope.

Memory stays flat however large the array is. Only the *extent* of each record is found here, by
its brackets; what it says is read later, strictly, by ``audit.diff.loads``. That is why no
streaming parser does this: they give neither the bytes of a record (for the file of rejects) nor
the spelling of its numbers, and stop at the first mistake, where this goes on with the next record.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from audit.diff import JSON, InvalidJSON, loads
from audit.recording.importers.files import (
    DAMAGE,
    LINE_ENDINGS,
    MAX_RECORD_BYTES,
    Source,
)
from audit.recording.importers.item import Position, SourceError
from audit.recording.importers.lines import (
    Keys,
    Line,
    damaged,
    line_of,
    lines_of,
    read_each,
)

#: The keys that lead from an envelope to its array of records: ``("data", "entries")``.
type Path = tuple[str, ...]

_CHUNK = 1 << 20
# Up to the next bracket; strings are stepped over. A quote is given where a string does not end.
_NO_BRACKETS = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\\n]++|\\.)*+")*+')
_BRACKET = re.compile(_NO_BRACKETS.pattern + rb'([\[\]{}"])')
_BETWEEN = b" \t\r\n,"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SHOWN = 60  # bytes of what stands where a record should be


def read_records(files: Sequence[str], arrays: Collection[Path] = ()) -> Iterator[Line]:
    """Every record of every file. ``arrays`` say where an envelope has them.

    A file with one value a line is read line by line, so that a damaged line is the only one
    lost. In any other the records are the items of an outer array, those of the array to which
    one of ``arrays`` leads, or else the values themselves, as many as follow each other.
    """
    return read_each(files, partial(_records_of, arrays))


def _records_of(arrays: Collection[Path], source: Source, before: int) -> Iterator[Line]:
    try:
        beginning: bytes = source.stream.peek(_CHUNK)  # type: ignore[attr-defined]
        if beginning.startswith(_BYTE_ORDER_MARK):  # as PowerShell writes it
            beginning = beginning[len(source.stream.read(len(_BYTE_ORDER_MARK))) :]
    except (*DAMAGE, OSError):
        beginning = b""  # reading it will say so
    is_named_so = source.name.removesuffix(".gz").endswith(LINE_ENDINGS)
    if _has_lines(beginning, arrays, at_once=not is_named_so):
        return lines_of(source, before)
    return _Scanner(source, before, arrays).records()


def _has_lines(beginning: bytes, arrays: Collection[Path], *, at_once: bool) -> bool:
    """Whether there is one record a line. What is not named so must show it ``at_once``:

    the first or the second line is an object by itself, the second because the first may be
    damaged; a document in several lines has none such.
    """
    lines = beginning.strip().split(b"\n", 2)[:2]
    values = [_object_of(line) for line in lines]
    if any(array_in(value, path) is not None for value in values for path in arrays if value):
        return False
    return not at_once or (beginning.lstrip()[:1] == b"{" and len(lines) > 1 and any(values))


def _object_of(line: bytes) -> dict[str, JSON]:
    try:
        value = loads(line.decode())
    except (InvalidJSON, UnicodeDecodeError):
        return {}
    return value if isinstance(value, dict) else {}


def array_in(value: JSON, path: Path) -> list[JSON] | None:
    """The array to which the keys lead, if they do."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, list) else None


@dataclass(slots=True)
class _Scanner:
    """Goes from bracket to bracket. ``base`` is how many are open around a record."""

    source: Source
    before: int
    arrays: Collection[Path]
    buffer: bytes = b""
    at: int = 0  # up to where the brackets are counted
    start: int | None = None  # of the record that is being read
    skipped: int = 0  # bytes of it that were let go, because it is too large
    depth: int = 0
    base: int = 0
    path: list[bytes] = field(default_factory=list)  # the keys that lead to the open brackets
    keys: Keys = field(default_factory=Keys)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def records(self) -> Iterator[Line]:
        try:
            yield from self._scanned()
        except DAMAGE as error:
            yield damaged(self._place(), self.before, error)
        except OSError as error:
            reason = error.strerror or error
            raise SourceError(f"Cannot read {self.source.name}: {reason}.") from None

    def _scanned(self) -> Iterator[Line]:
        while True:
            found = _BRACKET.match(self.buffer, self.at)
            if not found:
                if self._more():
                    continue
                break
            if found[1] == b'"':
                if b"\n" in self.buffer[found.start(1) :]:
                    yield self._lost("a text in it does not end")
                    return
                if self._more():
                    continue
                break
            if self._is_between() and (stray := self._stray(found.start(1))):
                yield stray
            yield from self._step(found[1], found.start(1))
            self.at = found.end()
        yield from self._rest()

    def _step(self, bracket: bytes, place: int) -> Iterator[Line]:
        if bracket in b"[{":
            self._open(bracket, place)
            return
        self.depth -= 1
        if self.depth < 0:
            self.depth = 0
            yield self._fault(bracket, "a bracket is closed here that was not opened")
        elif self.start is not None and self.depth == self.base:
            yield self._record(place + 1)
        elif self.depth < self.base:  # the array is over; what follows it in an envelope is not
            self.base = 0

    def _open(self, bracket: bytes, place: int) -> None:
        if self.depth == self.base and self.start is None:
            if self.depth == 0 and bracket == b"[":
                self.base = 1
            elif self.depth or bracket == b"{":
                self.start, self.skipped = place, 0
        elif self.base == 0 and self.start is not None:
            self._look_for_array(bracket, place)
        self.depth += 1

    def _look_for_array(self, bracket: bytes, place: int) -> None:
        """Whether this bracket is the array of an envelope, as its keys say."""
        longest = max(map(len, self.arrays), default=0)
        if self.depth > longest:
            return
        del self.path[self.depth - 1 :]
        self.path.append(_key_before(self.buffer[self.at : place]))
        here = tuple(self.path)
        if bracket == b"[" and any(
            here == tuple(key.encode() for key in path) for path in self.arrays
        ):
            self.base, self.start = self.depth + 1, None

    def _is_between(self) -> bool:
        """Whether records may stand here, so that nothing else may."""
        return self.start is None and self.depth == self.base

    def _stray(self, end: int) -> Line | None:
        """Values that are no objects, or what is no JSON at all, before a bracket."""
        content = self.buffer[self.at : end].strip(_BETWEEN)
        if not content:
            return None
        shown = content[:_SHOWN].decode(errors="replace")
        return self._fault(content, f"a record should stand here, an object, but there is: {shown}")

    def _record(self, end: int) -> Line:
        start, self.start = self.start or 0, None
        size = self.skipped + end - start
        if size > MAX_RECORD_BYTES:
            return self._fault(b"", f"has {size:,} bytes, a record at most {MAX_RECORD_BYTES:,}")
        return line_of(self._place(), self.buffer[start:end], self._done(), self.keys)

    def _rest(self) -> Iterator[Line]:
        if self._is_between() and self.depth == 0:
            if stray := self._stray(len(self.buffer)):
                yield stray
        elif len(self.buffer) - self.at > 2 * MAX_RECORD_BYTES:
            yield self._lost("a text in it is larger than any record")
        else:
            yield self._lost("the file ends before it does")

    def _lost(self, why: str) -> Line:
        content = self.buffer[self.start if self.start is not None else self.at :]
        kept = content if len(content) <= MAX_RECORD_BYTES else b""
        return self._fault(kept, f"is not whole, and nothing after it can be read: {why}")

    def _fault(self, content: bytes, fault: str) -> Line:
        return Line(self._place(), content, "", self._done(), fault=fault)

    def _more(self) -> bool:
        """Read on; what is done with is let go. False at the end of the file."""
        keep = self.at if self.start is None else self.start
        if self.start is not None and len(self.buffer) - keep > MAX_RECORD_BYTES:
            if found := _NO_BRACKETS.match(self.buffer, self.at):
                self.at = found.end()
            self.skipped += self.at - keep
            keep = self.start = self.at
        if len(self.buffer) - keep > 2 * MAX_RECORD_BYTES:
            return False  # one text larger than any record
        chunk = self.source.stream.read(max(_CHUNK, len(self.buffer) - keep))
        self.buffer = self.buffer[keep:] + chunk
        self.at -= keep
        if self.start is not None:
            self.start -= keep
        return bool(chunk)

    def _place(self) -> Position:
        return Position(self.source.name, f"record {next(self.numbers)}")

    def _done(self) -> int:
        return self.before + self.source.offset()


def _key_before(text: bytes) -> bytes:
    """The key whose value begins after ``text``; empty in an array."""
    text = text.rstrip()
    if not text.endswith(b":"):
        return b""
    found = re.search(rb'"([^"\\]*)"\s*:\Z', text[-200:])
    return found[1] if found else b""
