"""The files to read: plain or gzip, from paths, directories and standard input."""

import gzip
import sys
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

from audit.recording.importers.item import SourceError
from audit.recording.limits import MAX_SNAPSHOT_BYTES

#: Two snapshots whose every character is written as an escape of six still fit in.
MAX_RECORD_BYTES = 16 * MAX_SNAPSHOT_BYTES

#: The endings of files with one JSON value a line.
LINE_ENDINGS = (".ndjson", ".jsonl")
STANDARD_INPUT = "-"

#: What reading raises where a compressed file is cut off or damaged.
DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error)

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Source:
    """An open file. ``offset`` is how many of its bytes are read, as they lie on disk."""

    name: str
    stream: BinaryIO
    offset: Callable[[], int]


def find_files(
    paths: Sequence[str],
    endings: Sequence[str] = LINE_ENDINGS,
    passed_over: Collection[str] = (),
) -> list[str]:
    """The files to read: directories give those in them of these endings (or with .gz), sorted.

    What lies in directories whose names are ``passed_over`` is not meant.
    Raises SourceError for a path that is not there and for a directory without such files.
    """
    both = tuple(endings) + tuple(f"{ending}.gz" for ending in endings)
    found: list[str] = []
    for path in paths:
        found += [path] if path == STANDARD_INPUT else _files_of(Path(path), both, passed_over)
    return found


def _files_of(path: Path, endings: tuple[str, ...], passed_over: Collection[str]) -> list[str]:
    if not path.exists():
        raise SourceError(f"There is no file or directory {path}.")
    if not path.is_dir():
        return [str(path)]
    files = sorted(p for p in path.rglob("*") if p.name.endswith(endings) and p.is_file())
    files = [p for p in files if not set(p.relative_to(path).parts) & set(passed_over)]
    if not files:
        raise SourceError(f"The directory {path} has no files ending in {', '.join(endings)}.")
    return [str(p) for p in files]


def total_size(files: Sequence[str]) -> int | None:
    """Bytes in all the files as they lie on disk; None with standard input among them."""
    if STANDARD_INPUT in files:
        return None
    return sum(Path(file).stat().st_size for file in files)


@contextmanager
def open_source(file: str) -> Iterator[Source]:
    """The file, decompressed where its first bytes say so: standard input has no name."""
    with _open(file) as raw:
        packed = raw.peek(2)[:2] == _GZIP
        stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if packed else raw
        yield Source(file, stream, (lambda: 0) if file == STANDARD_INPUT else raw.tell)


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
