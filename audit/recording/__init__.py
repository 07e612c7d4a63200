"""How events get in: validated, bounded, once."""

from audit.recording.context import AuditContext, audit_context, current
from audit.recording.organizations import NoOrganization
from audit.recording.reading import FieldError, InvalidEvent
from audit.recording.record import Recorded, Rejection, record, record_many

__all__ = [
    "AuditContext",
    "FieldError",
    "InvalidEvent",
    "NoOrganization",
    "Recorded",
    "Rejection",
    "audit_context",
    "current",
    "record",
    "record_many",
]
