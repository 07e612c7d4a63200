"""Fingerprints: the same secret has the same one, and nobody gets back from it to the secret."""

import re
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from django.conf import settings

from audit.diff import JSON, dumps
from audit.models import Organization

# 80 bits: two secrets of one organisation never share one by chance, and it fits into a line.
_BYTES: Final = 10
#: How a masked text reads, in whole or within a longer one.
MASKED: Final = re.compile(rf"\[redacted [0-9a-f]{{{2 * _BYTES}}}\]")


def fingerprint_of(organization: Organization) -> Callable[[JSON], str]:
    """What stands for a value masked now. Raises InvalidJSON for what is not JSON."""
    key = _keys(bytes(organization.id_salt), _secrets())[0]
    return lambda value: _fingerprint(value, key)


def possible_fingerprints(organization: Organization, text: str) -> tuple[str, ...]:
    """What may stand for this text, the newest key's first, then earlier ones'."""
    keys = _keys(bytes(organization.id_salt), _secrets())
    return tuple(dict.fromkeys(_fingerprint(text, key) for key in keys))


def _fingerprint(value: JSON, key: bytes) -> str:
    text = dumps(value)
    return blake2b(text.encode(), key=key, digest_size=_BYTES).hexdigest()


@lru_cache(64)
def _keys(salt: bytes, secrets: tuple[str, ...]) -> tuple[bytes, ...]:
    """One key for each secret. Another organisation's are others: nobody can compare across."""
    return tuple(
        blake2b(s.encode(), salt=salt[:16], person=b"audit.redaction").digest() for s in secrets
    )


def _secrets() -> tuple[str, ...]:
    """Of the running site, never of the database: who holds a dump alone can try no passwords."""
    given = getattr(settings, "AUDIT_FINGERPRINT_KEYS", None)
    return tuple(given or (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
