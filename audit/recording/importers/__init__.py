"""Importers: what other systems have written down, as events.

An importer reads a source and yields items, each of which builds one event or says why not
(``item``); it knows no database. ``importing`` records what they yield. Formats with one JSON
record a line need only say what a record means (``line_format``), the logs of other vendors what
one of their records says (``vendors``).
"""

from audit.recording.importers.formats import FORMATS
from audit.recording.importers.importing import Rejected, Tally, import_items
from audit.recording.importers.item import Format, Importer, Options, SourceError
from audit.recording.importers.path_patterns import PATTERNS, InvalidPattern, PathPattern
from audit.recording.importers.vendors.fields import MAPPABLE, SETTABLE, field_named

__all__ = [
    "FORMATS",
    "MAPPABLE",
    "PATTERNS",
    "SETTABLE",
    "Format",
    "Importer",
    "InvalidPattern",
    "Options",
    "PathPattern",
    "Rejected",
    "SourceError",
    "Tally",
    "field_named",
    "import_items",
]
