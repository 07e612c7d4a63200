"""How events get in: validated, bounded, once."""

from audit.recording.reading import FieldError, InvalidEvent
from audit.recording.record import Recorded, Rejection, record, record_many

__all__ = ["FieldError", "InvalidEvent", "Recorded", "Rejection", "record", "record_many"]
