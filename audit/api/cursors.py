"""Places in a list of events, as callers get them: opaque, signed, and good for one list only.

A place is an event's id. It goes with a digest of whose events and which of them, so that a
cursor that is used with other filters is an error, and not a page of something else.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from django.core.signing import BadSignature, Signer

from audit.models import Organization

_SIGNER_SALT: Final = "audit.api.cursor"
_DIGEST_BYTES: Final = 8  # told apart by accident is enough: the signature keeps off the rest

type Asked = Mapping[str, Sequence[str]]


class InvalidCursor(ValueError):
    """Not a cursor of this list. The message is a sentence that says what to do."""


def sign(place: UUID, organization: Organization, asked: Asked) -> str:
    """The cursor of a place in the list of events that are ``asked`` for."""
    return _signer(organization).sign(f"{place.hex}.{_digest(asked)}")


def read(cursor: str, organization: Organization, asked: Asked) -> UUID:
    """The place that ``sign`` made a cursor of. Raises InvalidCursor."""
    try:
        place, _, digest = _signer(organization).unsign(cursor).partition(".")
    except BadSignature:
        raise InvalidCursor(
            "This is no cursor of this log. Send one as it was given, or none for the first page."
        ) from None
    if digest != _digest(asked):
        raise InvalidCursor(
            "This cursor belongs to other filters. Ask as you did when you were given it, or"
            " without a cursor for the first page."
        )
    return UUID(place)


def _signer(organization: Organization) -> Signer:
    return Signer(salt=f"{_SIGNER_SALT}:{organization.pk}", sep="~")


def _digest(asked: Asked) -> str:
    """Of what is asked, whatever the order of the parameters."""
    text = json.dumps(sorted((name, *values) for name, values in asked.items() if any(values)))
    return hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()
