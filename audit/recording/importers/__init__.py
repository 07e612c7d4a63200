"""Importers: what other systems have written down, as events.

An importer reads a source and yields items, each of which builds one event or says why not
(``item``); it knows no database. ``importing`` records what they yield. Formats with one JSON
record a line need only say what a record means (``line_format``).
"""

from audit.recording.importers.formats import FORMATS
from audit.recording.importers.importing import Rejected, Tally, import_items
from audit.recording.importers.item import Format, Importer, Options, SourceError
from audit.recording.importers.path_patterns import PATTERNS, InvalidPattern, PathPattern

__all__ = [
    "FORMATS",
    "PATTERNS",
    "Format",
    "Importer",
    "InvalidPattern",
    "Options",
    "PathPattern",
    "Rejected",
    "SourceError",
    "Tally",
    "import_items",
]
