"""Results as files: every event that matches, streamed, with a manifest that says what it is."""

from audit.browsing.exports.export import Asked, Export
from audit.browsing.exports.formats import FORMATS, Format
from audit.browsing.exports.packing import PACKINGS, Packing
from audit.browsing.exports.progress import Cancelled, cancel, follow

__all__ = [
    "FORMATS",
    "PACKINGS",
    "Asked",
    "Cancelled",
    "Export",
    "Format",
    "Packing",
    "cancel",
    "follow",
]
