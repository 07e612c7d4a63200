"""Configuration files as JSON values: JSON, YAML and TOML, each decided where it says more.

A file that cannot be read this way is ``NotADocument`` with the reason; nothing is guessed.
Pure Python.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Literal

from audit.diff import JSON, InvalidJSON, dumps, loads
from audit.recording.importers.documents.reasons import NotADocument, TooLarge
from audit.recording.importers.documents.toml import read_toml
from audit.recording.importers.documents.yaml import read_yaml
from audit.recording.limits import MAX_SNAPSHOT_BYTES

__all__ = [
    "KINDS",
    "Document",
    "Kind",
    "NotADocument",
    "TooLarge",
    "kind_of",
    "read_document",
    "too_large",
]

Kind = Literal["json", "yaml", "toml"]

# A file may be larger than its document: indentation and comments go. Beyond this it is not
# even tried, so that reading a history needs little memory whatever lies in it.
MAX_FILE_BYTES = 4 * MAX_SNAPSHOT_BYTES

_ENDINGS: Mapping[str, Kind] = MappingProxyType(
    {".json": "json", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml"}
)
_READERS: Mapping[Kind, Callable[[str], JSON]] = MappingProxyType(
    {"json": loads, "yaml": read_yaml, "toml": read_toml}
)
KINDS: tuple[Kind, ...] = tuple(_READERS)


@dataclass(frozen=True, slots=True)
class Document:
    """A file's content as JSON, and how many bytes it has when written as such."""

    value: JSON
    size: int


def kind_of(path: str, others: Kind | None = None) -> Kind | None:
    """What the name says a file is; ``others`` is what files without an ending are."""
    ending = PurePosixPath(path).suffix.lower()
    return _ENDINGS.get(ending) if ending else others


def read_document(content: bytes, kind: Kind) -> Document:
    """The document in a file of this kind.

    Raises NotADocument with the reason; TooLarge, one of them, where it would not fit into a
    snapshot.
    """
    if len(content) > MAX_FILE_BYTES:
        raise too_large(len(content))
    text = _text_of(content)
    try:
        return as_document(_READERS[kind](text))
    except InvalidJSON as error:
        raise NotADocument(f"not {kind.upper()}: {error}") from None


def as_document(value: JSON) -> Document:
    """Measure a value that is read already. Raises TooLarge, or InvalidJSON if it is none."""
    size = len(dumps(value).encode())
    if size > MAX_SNAPSHOT_BYTES:
        raise too_large(size)
    return Document(value, size)


def too_large(size: int) -> TooLarge:
    return TooLarge(f"has {size:,} bytes, a snapshot at most {MAX_SNAPSHOT_BYTES:,}")


def _text_of(content: bytes) -> str:
    try:
        # Editors on Windows write a byte order mark, which says nothing about the content.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotADocument(f"not UTF-8 text (byte {error.start + 1:,})") from None
    if "\0" in text:
        raise NotADocument("not text: holds a NUL byte")
    return text
