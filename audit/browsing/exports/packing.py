"""What an export travels in: as it is, compressed, or in an archive with its manifest."""

import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from audit.browsing.exports.export import Export

# A tenth larger than the usual 6, and more than twice as fast.
_LEVEL: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """``suffix`` is what a file's name ends with; an empty content type is that of the format."""

    name: str
    label: str
    suffix: str
    content_type: str
    pack: Callable[[Export], Iterable[bytes]]


def _plain(export: Export) -> Iterable[bytes]:
    return export.content()


def _gzipped(export: Export) -> Iterator[bytes]:
    """RFC 1952."""
    compress = zlib.compressobj(_LEVEL, wbits=31)
    for chunk in export.content():
        if compressed := compress.compress(chunk):
            yield compressed
    yield compress.flush()


class _Sink(io.RawIOBase):
    """Where an archive is written to that nobody can seek in."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # zipfile writes bytes only
        self._written += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


def _zipped(export: Export) -> Iterator[bytes]:
    """The events and, once they are all written, what is said of them in ``manifest.json``."""
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        with archive.open(_member(export, export.filename), "w", force_zip64=True) as file:
            for chunk in export.content():
                file.write(chunk)
                if compressed := sink.take():
                    yield compressed
        archive.writestr(_member(export, "manifest.json"), export.manifest_text())
    yield sink.take()


def _member(export: Export, name: str) -> ZipInfo:
    member = ZipInfo(name, export.started_at.timetuple()[:6])
    member.compress_type = ZIP_DEFLATED
    member.external_attr = 0o600 << 16
    return member


_ALL = (
    Packing(
        name="zip",
        label="Zip, with a manifest",
        suffix=".zip",
        content_type="application/zip",
        pack=_zipped,
    ),
    Packing(
        name="gzip",
        label="Gzip",
        suffix=".gz",
        content_type="application/gzip",
        pack=_gzipped,
    ),
    Packing(name="plain", label="Plain file", suffix="", content_type="", pack=_plain),
)

PACKINGS: Final = {packing.name: packing for packing in _ALL}
