"""``git-jsonl``: the history of files as JSON lines, one change of one file a line.

``commit``, ``author``, ``authored_at``, ``op`` (A, M or D), ``path``, ``before``, ``after``, and
optionally ``author_email``, ``committer``, ``committed_at``, ``subject``. ``before_blob`` and
``after_blob``, git's names for the two contents, are passed over: the contents are there.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import cast

from audit.diff import JSON
from audit.event_id import EPOCH
from audit.recording.importers.changes import FileChange, Person, Side, event_of
from audit.recording.importers.documents import NotADocument, as_document
from audit.recording.importers.item import EventJSON, Options, Refused
from audit.recording.importers.line_format import line_format
from audit.recording.importers.lines import Line
from audit.recording.reading import FieldReader, kind_of

_FIELDS = frozenset(
    {
        "commit", "author", "author_email", "authored_at", "committer", "committed_at", "subject",
        "op", "path", "before", "after", "before_blob", "after_blob",
    }
)  # fmt: skip
# Whether there was a file follows from op alone: JSON null is also what an empty YAML file says.
_SIDES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"A": ("after",), "M": ("before", "after"), "D": ("before",)}
)


def _event(record: dict[str, JSON], line: Line, options: Options) -> EventJSON:
    reader = _Reader(record)
    change = _change(reader)
    sides = _SIDES.get(reader.choice("op", tuple(_SIDES)), ())
    before, after = (_side(reader, name, name in sides) for name in ("before", "after"))
    if reader.errors:
        raise Refused("; ".join(str(error) for error in reader.errors))
    return event_of(change, before, after, options.patterns).event


class _Reader(FieldReader):
    """Reads the fields of a change. Lengths are the event's business, so they are not checked."""

    def text(self, name: str, *, required: bool = False) -> str:
        value = self.raw.get(name)
        if value is None or value == "":
            if required:
                self.fail(name, "is required")
            return ""
        if not isinstance(value, str):
            self.fail(name, f"must be text, not {kind_of(value)}")
            return ""
        return value

    def local_moment(self, name: str, *, required: bool = False) -> datetime | None:
        """A time that keeps the offset it is written with."""
        if self.raw.get(name) is None:
            if required:
                self.fail(name, "is required")
            return None
        return datetime.fromisoformat(cast(str, self.raw[name])) if self.moment(name) else None


def _change(reader: _Reader) -> FileChange:
    for name in reader.raw:
        if name not in _FIELDS:
            reader.fail(name, "is not a field of a change")
    author = Person(reader.text("author", required=True), reader.text("author_email"))
    committer = reader.text("committer")
    authored_at = reader.local_moment("authored_at", required=True)
    return FileChange(
        commit=reader.text("commit", required=True),
        path=reader.text("path", required=True),
        author=author,
        authored_at=authored_at or EPOCH,  # never used: its absence is an error
        committer=Person(committer) if committer and committer != author.name else None,
        committed_at=reader.local_moment("committed_at"),
        subject=reader.text("subject"),
    )


def _side(reader: _Reader, name: str, there: bool) -> Side:
    if not there:
        if reader.raw.get(name) is not None and not reader.errors:
            reader.fail(name, f"must be null where op is {reader.raw['op']}")
        return None
    if name not in reader.raw:
        reader.fail(name, f"is required where op is {reader.raw['op']}")
        return None
    try:
        return as_document(cast(JSON, reader.raw[name]))
    except NotADocument as reason:
        return reason


GIT_JSONL = line_format(
    "git-jsonl",
    "the history of files, one change a line: commit, author, authored_at, op, path, before, after",
    _event,
    "patterns",
)
