"""The formats that can be imported. A further one is a module and a line here."""

from collections.abc import Mapping
from types import MappingProxyType

from audit.recording.importers.git import GIT
from audit.recording.importers.git_jsonl import GIT_JSONL
from audit.recording.importers.item import Format
from audit.recording.importers.ndjson import NDJSON

FORMATS: Mapping[str, Format] = MappingProxyType(
    {format.name: format for format in (NDJSON, GIT, GIT_JSONL)}
)
