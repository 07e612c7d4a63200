"""What every importer yields: one thing found in a source, still to become an event."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Literal, Protocol

from audit.recording.importers.documents import Kind
from audit.recording.importers.path_patterns import PATTERNS, PathPattern

type EventJSON = Mapping[str, object]


class Refused(ValueError):
    """Something found that gives no event; the message says why."""


class SourceError(Exception):
    """A source that cannot be read at all; the message is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where something was found: a file and a line, or a repository and a commit's file."""

    source: str
    place: str

    def __str__(self) -> str:
        return f"{self.source}:{self.place}"


@dataclass(frozen=True, slots=True)
class Built:
    """An event, and about how many bytes of snapshots it holds in memory."""

    event: EventJSON
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line, one change of a file.

    ``build`` makes the event or raises Refused; it is called at most once, and not at all when
    ``identity`` (time and idempotency key, where they are known beforehand) is in the log
    already. ``weight`` is the bytes held until then, ``done`` how much of the source is read.
    ``original`` is what was read, for the file of rejects; None where it stays in the source.
    """

    position: Position
    build: Callable[[], Built]
    done: int
    weight: int = 0
    identity: tuple[datetime, str] | None = None
    original: bytes | None = None


def refusal(position: Position, reason: str, *, done: int, original: bytes | None = None) -> Item:
    """An item that is known to give no event."""

    def refuse() -> Built:
        raise Refused(reason)

    return Item(position=position, build=refuse, done=done, original=original)


class Importer(Protocol):
    """A source being read. Pure: it knows no database, and reading it twice gives the same."""

    @property
    def unit(self) -> Literal["bytes", "commits"]: ...

    def total(self) -> int | None:
        """How much there is to read, in ``unit``, where that can be known beforehand."""

    def items(self) -> Iterator[Item]:
        """Everything found, in order. Raises SourceError when the source fails."""

    def close(self) -> None:
        """Let go of the source, when the last item is built."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What an operator may say about the sources; each format takes some of it.

    ``record_at`` is a JSON Pointer to the record in what wraps it. ``mapping`` says which paths of
    a record a field of an event is read from, the first that is there; ``given`` what a field
    is in every event, ``defaults`` where the record says nothing, both with paths in braces.
    ``zone`` is the one of times that have none.
    """

    patterns: Sequence[PathPattern] = PATTERNS
    others_are: Kind | None = None
    path_specs: Sequence[str] = ()
    branch: str | None = None
    record_at: str = ""
    mapping: Mapping[str, Sequence[str]] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of source that can be imported.

    ``takes`` names the fields of ``Options`` that mean something to it. ``open`` raises
    SourceError for a source that is not there or not of this kind.
    """

    name: str
    description: str
    open: Callable[[Sequence[str], Options], Importer]
    takes: frozenset[str] = field(default_factory=frozenset)
