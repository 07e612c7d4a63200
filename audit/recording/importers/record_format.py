"""Formats of a vendor's records: whatever file they are in, each is mapped by itself."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from audit.diff import JSON, InvalidJSON, dumps, loads
from audit.recording.importers.files import find_files, total_size
from audit.recording.importers.item import (
    Built,
    Format,
    Importer,
    Item,
    Options,
    Refused,
    refusal,
)
from audit.recording.importers.lines import Line
from audit.recording.importers.records import read_records
from audit.recording.importers.tables import read_rows
from audit.recording.importers.vendors.draft import finish
from audit.recording.importers.vendors.facts import Facts, value_in
from audit.recording.importers.vendors.fields import apply, filled, path_of, time_said
from audit.recording.importers.vendors.vendor import Record, Vendor

_TAKES = frozenset({"record_at", "given", "defaults", "zone"})


def record_format(
    vendor: Vendor, customise: Callable[[Vendor, Options], Vendor] | None = None
) -> Format:
    """The vendor's log as a format; ``customise`` makes the mapping what the operator says."""

    def open_(paths: Sequence[str], options: Options) -> Importer:
        files = find_files(paths, vendor.endings, vendor.passed_over)
        own = customise(vendor, options) if customise else vendor
        return RecordImporter(files, own, options)

    takes = _TAKES | {"mapping"} if customise else _TAKES
    return Format(vendor.name, vendor.description, open_, takes)


@dataclass(frozen=True, slots=True)
class _Found:
    """One of the vendor's records, and what knows it if it has no id of its own."""

    record: Record
    key: str
    size: int


class RecordImporter:
    """The records of some files, each mapped to an event."""

    unit: Literal["bytes"] = "bytes"

    def __init__(self, files: Sequence[str], vendor: Vendor, options: Options) -> None:
        self._files, self._vendor, self._options = files, vendor, options

    def total(self) -> int | None:
        return total_size(self._files)

    def items(self) -> Iterator[Item]:
        for line in self._lines():
            try:
                records = self._records(line)
            except Refused as fault:
                original = line.content or None
                yield refusal(line.position, str(fault), done=line.done, original=original)
                continue
            for index, record in enumerate(records):
                key = f"{line.key}/{index}" if index else line.key
                yield self._item(line, _Found(record, key, len(line.content)))

    def close(self) -> None:
        """Files are open only while they are read."""

    def _lines(self) -> Iterator[Line]:
        if ".csv" in self._vendor.endings:
            return read_rows(self._files)
        return read_records(self._files, self._vendor.arrays)

    def _records(self, line: Line) -> list[Record]:
        if line.fault:
            raise Refused(line.fault)
        try:
            value = loads(line.text)
        except InvalidJSON as error:
            raise Refused(f"is not JSON: {error}") from None
        if self._options.record_at:
            value = _at(value, self._options.record_at)
        if not isinstance(value, dict):
            raise Refused("is JSON, but no object")
        return self._vendor.unpack(value)

    def _item(self, line: Line, found: _Found) -> Item:
        return Item(
            position=line.position,
            build=partial(self._build, found),
            done=line.done,
            weight=found.size,
            original=line.content,
        )

    def _build(self, found: _Found) -> Built:
        identity = _digest(found.record)
        facts = Facts(found.record, zone=self._options.zone)
        given, defaults = (
            filled(texts, facts) for texts in (self._options.given, self._options.defaults)
        )
        facts.fallback_time = time_said(given, self._options) or time_said(defaults, self._options)
        draft = self._vendor.draft(facts)
        draft.occurred_at = time_said(given, self._options) or draft.occurred_at
        apply(draft, given, defaults)
        draft.actor.kind = draft.actor.kind or "user"
        event = dict(finish(draft, facts, found.size))
        known_by = f"{draft.source_id}\n{identity}" if draft.source_id else found.key
        digest = hashlib.blake2b(known_by.encode(errors="surrogatepass"), digest_size=16)
        event["idempotency_key"] = f"{draft.vendor or self._vendor.name}:{digest.hexdigest()}"
        return Built(event, found.size)


def _at(value: JSON, pointer: str) -> JSON:
    """What wraps a record may hold it as an object or as a text of JSON."""
    path = path_of(pointer)
    found = Facts({"": value}).get(("", *path))
    if found is None:
        raise Refused(f"has nothing at {pointer}, where --record-at says that the record is")
    return value_in(found) if isinstance(found, str) else found


def _digest(record: Record) -> str:
    """The same for the same content, however it is written: order and spacing say nothing."""
    text = dumps(_sorted(record))
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _sorted(value: JSON) -> JSON:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
