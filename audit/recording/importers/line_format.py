"""Formats that have one JSON record a line: all they differ in is what a record means."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Literal

from audit.diff import JSON, InvalidJSON, loads
from audit.recording.importers.files import find_files, total_size
from audit.recording.importers.item import (
    Built,
    EventJSON,
    Format,
    Importer,
    Item,
    Options,
    Refused,
    refusal,
)
from audit.recording.importers.lines import Line, read_lines
from audit.recording.limits import MAX_EVENT_DEPTH

type Mapper = Callable[[dict[str, JSON], Line, Options], EventJSON]
"""The event a record describes; raises Refused with every reason why it is none."""


def line_format(name: str, description: str, mapper: Mapper, *takes: str) -> Format:
    """A format of JSON lines; blank lines between them are passed over."""

    def open_(paths: Sequence[str], options: Options) -> Importer:
        return LineImporter(find_files(paths), mapper, options)

    return Format(name, description, open_, frozenset(takes))


class LineImporter:
    """The records of some files, each mapped to an event."""

    unit: Literal["bytes"] = "bytes"

    def __init__(self, files: Sequence[str], mapper: Mapper, options: Options) -> None:
        self._files, self._mapper, self._options = files, mapper, options

    def total(self) -> int | None:
        return total_size(self._files)

    def items(self) -> Iterator[Item]:
        for line in read_lines(self._files):
            if line.fault:
                original = line.content or None
                yield refusal(line.position, line.fault, done=line.done, original=original)
                continue
            yield Item(
                position=line.position,
                build=partial(self._build, line),
                done=line.done,
                weight=len(line.content),
                original=line.content,
            )

    def close(self) -> None:
        """Files are open only while they are read."""

    def _build(self, line: Line) -> Built:
        try:
            record = loads(line.text, max_depth=MAX_EVENT_DEPTH)
        except InvalidJSON as error:
            # There is only this one line; its number is in the position already.
            place = f" (column {error.column})" if error.column else ""
            raise Refused(f"is not JSON: {error.reason}{place}") from None
        if not isinstance(record, dict):
            raise Refused("is JSON, but no object")
        return Built(self._mapper(record, line, self._options), len(line.content))
