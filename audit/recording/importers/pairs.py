"""``pairs``: documents given two and two, as they were before and after.

Nobody and no time are in them, so both must be said: ``--set actor=… --set occurred_at=…``.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import batched
from pathlib import Path
from typing import Literal

from audit.recording.importers.documents import Document, NotADocument, kind_of, read_document
from audit.recording.importers.item import (
    Built,
    Format,
    Importer,
    Item,
    Options,
    Position,
    Refused,
    SourceError,
)
from audit.recording.importers.vendors.draft import Actor, Draft, finish
from audit.recording.importers.vendors.facts import Facts
from audit.recording.importers.vendors.fields import apply, time_said


def _open(paths: Sequence[str], options: Options) -> Importer:
    if len(paths) % 2:
        raise SourceError("Documents come in pairs, each before and after: this is an odd number.")
    for path in paths:
        if not Path(path).is_file():
            raise SourceError(f"There is no file {path}.")
    missing = [f for f in ("actor.id", "occurred_at") if f not in options.given]
    if missing:
        said = " and ".join(f"--set {field}=…" for field in missing)
        raise SourceError(f"Documents do not say who changed them when: {said} is needed.")
    try:
        time_said(options.given, options)
    except Refused as error:
        raise SourceError(f"{error}.") from None
    return PairImporter(paths, options)


class PairImporter:
    """Pairs of files, each an update of the second one."""

    unit: Literal["bytes"] = "bytes"

    def __init__(self, paths: Sequence[str], options: Options) -> None:
        self._paths, self._options = paths, options

    def total(self) -> int:
        return sum(Path(path).stat().st_size for path in self._paths)

    def items(self) -> Iterator[Item]:
        done = 0
        for before, after in batched(self._paths, 2):
            size = Path(before).stat().st_size + Path(after).stat().st_size
            done += size
            build = partial(self._build, before, after)
            yield Item(position=Position(before, after), build=build, done=done, weight=size)

    def close(self) -> None:
        """Files are open only while they are read."""

    def _build(self, before: str, after: str) -> Built:
        old, new = _document(before), _document(after)
        draft = Draft(
            occurred_at=_time(self._options),
            event_type="file.updated",
            actor=Actor(),
            change="updated",
            resource_type="file",
            resource_id=after,
            resource_name=Path(after).name,
            before=old.value,
            after=new.value,
            reads_changes=True,
            details={"before": before, "after": after},
        )
        apply(draft, self._options.given, self._options.defaults)
        size = old.size + new.size
        event = dict(finish(draft, Facts({}), size))
        names = hashlib.sha256(f"{before}\0{after}".encode(errors="surrogateescape")).hexdigest()
        return Built(event | {"idempotency_key": f"pairs:{names}"}, size)


def _time(options: Options) -> datetime:
    moment = time_said(options.given, options)
    assert moment  # noqa: S101 -- looked at when the files were opened
    return moment


def _document(path: str) -> Document:
    kind = kind_of(path)
    if kind is None:
        raise Refused(f"{path} is no JSON, YAML or TOML file by its name")
    try:
        return read_document(Path(path).read_bytes(), kind)
    except NotADocument as reason:
        raise Refused(f"{path} {reason}") from None
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}") from None


PAIRS = Format(
    "pairs",
    "files two and two, as a document was before and after; --set says who and when",
    _open,
    frozenset({"given", "zone"}),
)
