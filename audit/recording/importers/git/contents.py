"""Files' contents by git's names for them, through one ``git cat-file --batch`` process."""

from collections import OrderedDict
from contextlib import ExitStack
from typing import IO

from audit.recording.importers.documents import (
    MAX_FILE_BYTES,
    Document,
    Kind,
    NotADocument,
    read_document,
    too_large,
)
from audit.recording.importers.git.repository import Git, Repository
from audit.recording.limits import MAX_SNAPSHOT_BYTES

# A change's before is mostly the after of the change before it: these keep it read.
_KEPT_BYTES = 16 * MAX_SNAPSHOT_BYTES
_KEPT_AT_LEAST = 1_024  # bytes that a small document counts for
_CHUNK = 1 << 20


class Contents:
    """The documents in a repository's blobs, the latest ones kept."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._running = ExitStack()
        self._git: Git | None = None
        self._kept: OrderedDict[tuple[bytes, Kind], Document | NotADocument] = OrderedDict()
        self._kept_bytes = 0

    def close(self) -> None:
        self._git = None
        self._running.close()

    def document(self, blob: bytes, kind: Kind) -> Document | NotADocument:
        """The document, or why there is none. It is shared: nobody may change it."""
        key = blob, kind
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        document = self._read(blob, kind)
        self._keep(key, document)
        return document

    def _keep(self, key: tuple[bytes, Kind], document: Document | NotADocument) -> None:
        self._kept[key] = document
        self._kept_bytes += _weight(document)
        while self._kept_bytes > _KEPT_BYTES:
            _, dropped = self._kept.popitem(last=False)
            self._kept_bytes -= _weight(dropped)

    def _read(self, blob: bytes, kind: Kind) -> Document | NotADocument:
        try:
            return read_document(self._content(blob), kind)
        except NotADocument as reason:
            return reason

    def _content(self, blob: bytes) -> bytes:
        if self._git is None:
            command = self._repository.running("cat-file", "--batch")
            self._git = self._running.enter_context(command)
        try:
            return _ask(self._git, blob)
        except EOFError:
            # git gives up at a damaged object, and older ones at what a partial clone lacks.
            # The next object may be whole, so one like it takes over.
            complaint = self._git.complaint()
            self.close()
            raise NotADocument(f"git cannot read its content: {complaint}") from None


def _ask(git: Git, blob: bytes) -> bytes:
    try:
        git.input.write(blob + b"\n")
        git.input.flush()
    except BrokenPipeError:
        raise EOFError from None
    header = git.output.readline().split()
    if not header:
        raise EOFError
    if len(header) != 3:  # "… missing"
        raise NotADocument("its content is missing from this clone, or damaged")
    size = int(header[2])
    if size > MAX_FILE_BYTES:
        _skip(git.output, size + 1)
        raise too_large(size)
    content = git.output.read(size + 1)
    if len(content) <= size:
        raise EOFError
    return content[:size]


def _weight(document: Document | NotADocument) -> int:
    return max(document.size if isinstance(document, Document) else 0, _KEPT_AT_LEAST)


def _skip(stream: IO[bytes], size: int) -> None:
    while size > 0 and (read := len(stream.read(min(size, _CHUNK)))):
        size -= read
