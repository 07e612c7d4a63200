"""Event ids: UUIDv7 made from the time of the event (RFC 9562, section 5.7).

48 bits of milliseconds since 1970, the microseconds within that millisecond scaled to the
12 bits of ``rand_a`` (method 3 of section 6.2), and 62 bits of tail. Ordering by id *is*
ordering by (occurred_at, id), so one column is order, cursor, time range and partition key.
"""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TAIL_BITS = 62
_VERSION = 7 << 76
_VARIANT = 0b10 << _TAIL_BITS


def event_id(occurred_at: datetime, tail: int | None = None) -> UUID:
    """The id of an event at ``occurred_at``; ``tail`` is its 62 low bits, random if None."""
    if tail is None:
        tail = secrets.randbits(_TAIL_BITS)
    microseconds = (occurred_at - EPOCH) // _MICROSECOND
    milliseconds, rest = divmod(microseconds, 1000)
    return UUID(int=milliseconds << 80 | _VERSION | (rest * 4096 // 1000) << 64 | _VARIANT | tail)


def keyed_tail(salt: bytes, idempotency_key: str) -> int:
    """62 bits derived from an idempotency key, so that the same event gets the same id."""
    digest = hashlib.blake2b(idempotency_key.encode(), key=salt, digest_size=8).digest()
    return int.from_bytes(digest) >> 2


def time_of(id: UUID) -> datetime:
    """When the event of this id occurred, to the millisecond."""
    return EPOCH + timedelta(milliseconds=id.int >> 80)


def lowest_id(at: datetime) -> UUID:
    """The smallest id an event at or after ``at`` can have: the bound of a time range.

    Version and variant are left out on purpose: the bound sorts before every real id.
    """
    microseconds = (at - EPOCH) // _MICROSECOND
    milliseconds, rest = divmod(microseconds, 1000)
    if rest == 0:
        return UUID(int=milliseconds << 80)
    return UUID(int=milliseconds << 80 | _VERSION | (rest * 4096 // 1000) << 64)
