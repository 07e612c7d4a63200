"""What there is to say about a vendor's log: how it is packed, known and mapped."""

from collections.abc import Callable
from dataclasses import dataclass

from audit.diff import JSON
from audit.recording.importers.records import Path
from audit.recording.importers.vendors.draft import Draft
from audit.recording.importers.vendors.facts import Facts

type Record = dict[str, JSON]

#: A file of JSON whatever it is called.
JSON_ENDINGS = (".json", ".jsonl", ".ndjson", ".log")


def _alone(record: Record) -> list[Record]:
    return [record]


def _never(facts: Facts) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """``draft`` maps one record; it raises Refused for one that is none of this log.

    ``arrays`` lead to the records in what the vendor's API answers. ``unpack`` gives the records
    in one that wraps or bundles them. ``recognises`` tells the vendor's records from any other's,
    or is never sure. ``passed_over`` are folders the vendor delivers that hold no events.
    """

    name: str
    description: str
    draft: Callable[[Facts], Draft]
    arrays: tuple[Path, ...] = ()
    unpack: Callable[[Record], list[Record]] = _alone
    recognises: Callable[[Facts], bool] = _never
    endings: tuple[str, ...] = JSON_ENDINGS
    passed_over: frozenset[str] = frozenset()
