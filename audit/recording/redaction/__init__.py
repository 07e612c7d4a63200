"""Secrets are masked before anything is stored, logged or answered."""

from audit.recording.redaction.fingerprints import fingerprint_of, possible_fingerprints
from audit.recording.redaction.masking import NOTHING_MORE, Redacted, Rules, redact
from audit.recording.redaction.names import SECRET_NAMES
from audit.recording.redaction.rules import rules_for

__all__ = [
    "NOTHING_MORE",
    "SECRET_NAMES",
    "Redacted",
    "Rules",
    "fingerprint_of",
    "possible_fingerprints",
    "redact",
    "rules_for",
]
