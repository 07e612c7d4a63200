"""The formats that can be imported. A further one is a module and a line here."""

from collections.abc import Mapping
from types import MappingProxyType

from audit.recording.importers.git import GIT
from audit.recording.importers.git_jsonl import GIT_JSONL
from audit.recording.importers.item import Format
from audit.recording.importers.ndjson import NDJSON
from audit.recording.importers.pairs import PAIRS
from audit.recording.importers.record_format import record_format
from audit.recording.importers.vendors import AUTO, KESTRA_CSV, VENDORS
from audit.recording.importers.vendors.generic import CSV, JSON, mapped

_OWN = (NDJSON, GIT, GIT_JSONL, PAIRS)
_VENDORS = tuple(record_format(vendor) for vendor in (*VENDORS, KESTRA_CSV, AUTO))
_GENERIC = tuple(record_format(vendor, mapped) for vendor in (JSON, CSV))

FORMATS: Mapping[str, Format] = MappingProxyType(
    {format.name: format for format in (*_OWN, *_VENDORS, *_GENERIC)}
)
