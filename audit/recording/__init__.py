"""How events get in: validated, bounded, once."""

from audit.recording.context import AuditContext, audit_context, current
from audit.recording.many import Recorded, Rejection, record_many
from audit.recording.modes import Mode
from audit.recording.organizations import NoOrganization
from audit.recording.reading import FieldError, InvalidEvent
from audit.recording.record import record

__all__ = [
    "AuditContext",
    "FieldError",
    "InvalidEvent",
    "Mode",
    "NoOrganization",
    "Recorded",
    "Rejection",
    "audit_context",
    "current",
    "record",
    "record_many",
]
