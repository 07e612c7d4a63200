"""How much a caller may ask for, counted in PostgreSQL: right however many processes serve.

A leaky bucket (GCRA, the generic cell rate algorithm of ITU-T I.371): one moment a bucket, and
one statement that moves it, if there is room. A minute's worth may come at once, then as much as
leaks.
"""

import math
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.db import connection

from audit.api.problems import Problem

_WINDOW_S: Final = 60

_TAKE = """
INSERT INTO audit_rate_limit AS bucket (caller, bucket, drained_at)
VALUES (%(caller)s, %(bucket)s, clock_timestamp() + %(cost)s * interval '1 second')
ON CONFLICT (caller, bucket) DO UPDATE
  SET drained_at = greatest(bucket.drained_at, clock_timestamp()) + %(cost)s * interval '1 second'
  WHERE greatest(bucket.drained_at, clock_timestamp()) + %(cost)s * interval '1 second'
    <= clock_timestamp() + %(window)s * interval '1 second'
RETURNING true
"""
_WAIT = """
SELECT extract(epoch FROM drained_at - clock_timestamp()) + %(cost)s - %(window)s
FROM audit_rate_limit WHERE caller = %(caller)s AND bucket = %(bucket)s
"""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Something limited: ``setting`` names Django's setting of how many a minute."""

    name: str
    setting: str
    default: int

    @property
    def per_minute(self) -> int:
        limit: int = getattr(settings, self.setting, self.default)
        return limit


CALLS: Final = Bucket("calls", "AUDIT_API_CALLS_PER_MINUTE", 1_200)
EVENTS: Final = Bucket("events", "AUDIT_API_EVENTS_PER_MINUTE", 120_000)
# Of one person's pages: far more than anybody does, too little to fill a log with.
BROWSER_CALLS: Final = Bucket("calls", "AUDIT_BROWSER_CALLS_PER_MINUTE", 120)
BROWSER_EVENTS: Final = Bucket("events", "AUDIT_BROWSER_EVENTS_PER_MINUTE", 1_200)


def take(caller: str, bucket: Bucket, amount: int) -> None:
    """Count ``amount`` towards the caller's limit.

    Raises Problem 429, with Retry-After in seconds (RFC 9110, section 10.2.3), counting nothing.
    """
    asked: dict[str, str | float] = {
        "caller": caller,
        "bucket": bucket.name,
        "cost": amount * _WINDOW_S / bucket.per_minute,
        "window": _WINDOW_S,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, asked)
        if cursor.fetchone():
            return
        cursor.execute(_WAIT, asked)
        row = cursor.fetchone()
    seconds = max(1, math.ceil(row[0])) if row else 1
    raise Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"No more than {bucket.per_minute:,} {bucket.name} a minute are taken from one sender."
        f" Try again in {seconds} seconds.",
        headers={"Retry-After": str(seconds)},
    )
