"""One change of one configuration file as an event: what every history of files maps to.

Actor is the author, the time when the change landed (committed), the commit is the request id,
the subject the summary, the file the resource; its path may tell deployment and details.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from audit.recording.importers.documents import Document, NotADocument, TooLarge
from audit.recording.importers.item import Built
from audit.recording.importers.path_patterns import PathPattern, read_path
from audit.recording.limits import MAX_TEXT

#: A side of a change: its document, why it has none, or None where the file was not there.
type Side = Document | NotADocument | None

#: The details that say that a change has no snapshot on a side, and why.
FAULTS = frozenset({"parse_error", "snapshots_omitted"})

_BOT = re.compile(r"\[bot\]|[-_ .](ci|bot|robot)$|^(github-actions|renovate|dependabot)$", re.I)
_FOREIGN_BYTE = re.compile("[\udc80-\udcff]")
_MAX_REASON = 500  # characters; a reason is a line, not a page


@dataclass(frozen=True, slots=True)
class Person:
    """An author or committer, as git knows them. ``email`` may be empty, and so may ``name``."""

    name: str
    email: str = ""

    @property
    def id(self) -> str:
        return self.email or self.name or "unknown"

    @property
    def actor(self) -> dict[str, str]:
        # GitHub writes an app as 41898282+github-actions[bot]@users.noreply.github.com.
        account = self.email.partition("@")[0].rpartition("+")[2]
        is_bot = _BOT.search(self.name.strip()) or _BOT.search(account)
        kind = "service_account" if is_bot else "user"
        return {"kind": kind, "id": self.id, "name": self.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """What one commit did to one file. ``committed_at`` is None where only authoring is known.

    Bytes of the path that are not UTF-8 come as Python's ``surrogateescape`` writes them.
    """

    commit: str
    path: str
    author: Person
    authored_at: datetime
    committer: Person | None = None
    committed_at: datetime | None = None
    subject: str = ""
    branch: str = ""

    @property
    def occurred_at(self) -> datetime:
        return self.committed_at or self.authored_at

    @property
    def idempotency_key(self) -> str:
        # Paths may be longer than a key; and the same commit is the same in every clone of it.
        path = hashlib.sha256(self.path.encode(errors="surrogatepass")).hexdigest()
        return f"git:{self.commit}:{path}"

    @property
    def shown_path(self) -> str:
        """The path as text: a byte that is none is written ``\\xe9``."""
        return _FOREIGN_BYTE.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", self.path)


def event_of(
    change: FileChange, before: Side, after: Side, patterns: Sequence[PathPattern]
) -> Built:
    """The event of a change, given the file's two sides.

    The change happened whatever can be read of it: a side that is no document is left out, and
    the detail ``parse_error`` says why; where one is too large for a snapshot both are left out,
    since half a diff would tell a lie, and ``snapshots_omitted`` says why.
    """
    path = change.shown_path
    placed = read_path(path, patterns)
    event: dict[str, object] = {
        "occurred_at": change.occurred_at,
        "actor": change.author.actor,
        "event_type": f"file.{_verb(before, after)}",
        "change": _verb(before, after),
        "resource": {"type": "file", "id": path, "name": PurePosixPath(path).name or path},
        "deployment": placed.deployment,
        "details": _details(change) | placed.details | _faults(before, after),
        "summary": _shortened(change.subject, MAX_TEXT["summary"]),
        "request_id": change.commit,
        "idempotency_key": change.idempotency_key,
    }
    snapshots = _snapshots(before, after)
    event |= {side: document.value for side, document in snapshots.items()}
    return Built(event, sum(document.size for document in snapshots.values()))


def _verb(before: Side, after: Side) -> str:
    if before is None:
        return "created"
    return "deleted" if after is None else "updated"


def _details(change: FileChange) -> dict[str, str]:
    details = {"commit": change.commit, "path": change.shown_path}
    if change.branch:
        details["branch"] = change.branch
    if change.committed_at and change.authored_at != change.committed_at:
        details["authored_at"] = change.authored_at.isoformat()
    if change.committer and change.committer.id != change.author.id:
        details["committer"] = change.committer.id
    return details


def _faults(before: Side, after: Side) -> dict[str, str]:
    sides = {"before": before, "after": after}
    too_large = [f"{name} {side}" for name, side in sides.items() if isinstance(side, TooLarge)]
    if too_large:
        return {"snapshots_omitted": "; ".join(too_large)}
    unread = {name: side for name, side in sides.items() if isinstance(side, NotADocument)}
    if not unread:
        return {}
    reasons = (f"{name}: {_shortened(str(side), _MAX_REASON)}" for name, side in unread.items())
    return {"parse_error": "; ".join(reasons)}


def _snapshots(before: Side, after: Side) -> dict[str, Document]:
    if isinstance(before, TooLarge) or isinstance(after, TooLarge):
        return {}
    sides = {"before": before, "after": after}
    return {name: side for name, side in sides.items() if isinstance(side, Document)}


def _shortened(text: str, limit: int) -> str:
    """A cut that shows; the whole stays in the repository, under the same commit."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
