"""Partitions ahead of time, so that recording never waits for one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from django.db import connection

type Width = Literal["day", "week", "month"]

# Of the largest organisation, in one partition: what keeps the worst page near 50 ms
# (docs/storage.md). Widths are chosen so that a partition stays below.
MAX_ROWS_OF_ONE_ORGANIZATION = 500_000
_DAYS: dict[Width, int] = {"month": 31, "week": 7, "day": 1}

_LARGEST_SHARE = """
SELECT coalesce(max(n), 0) FROM (
  SELECT count(*) AS n FROM audit_event
  WHERE id >= audit_id_floor(%s) AND id < audit_id_floor(%s) GROUP BY organization_id) shares
"""


@dataclass(frozen=True, slots=True)
class Partition:
    name: str
    parent: str
    starts_at: datetime
    ends_at: datetime


def partitions() -> list[Partition]:
    """Every partition there is, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, parent, starts_at, ends_at FROM audit_partition ORDER BY starts_at, name"
        )
        return [Partition(*row) for row in cursor.fetchall()]


def fitting_width(now: datetime) -> Width:
    """The widest partition that would hold no more than the limit, going by yesterday's load."""
    yesterday = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(_LARGEST_SHARE, [yesterday, yesterday + timedelta(days=1)])
        (per_day,) = cursor.fetchone()
    for width, days in _DAYS.items():
        if per_day * days <= MAX_ROWS_OF_ONE_ORGANIZATION:
            return width
    return "day"


def make_partitions(*, ahead: timedelta, now: datetime | None = None) -> int:
    """Make the partitions from now to ``ahead``; how many were missing. Safe to repeat."""
    now = now or datetime.now(UTC)
    width, made, moment = fitting_width(now), 0, now
    with connection.cursor() as cursor:
        while moment <= now + ahead:
            cursor.execute("SELECT audit_ensure_partition(%s, %s)", [moment, width])
            made += cursor.fetchone() == (True,)
            cursor.execute(
                "SELECT ends_at FROM audit_partition WHERE starts_at <= %s AND %s < ends_at"
                " AND parent = 'audit_event'",
                [moment, moment],
            )
            (moment,) = cursor.fetchone()
    return made
