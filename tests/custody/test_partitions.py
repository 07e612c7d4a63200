from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from audit.custody import partitions as module
from audit.custody.partitions import make_partitions, partitions
from audit.models import Organization
from tests.factories import EventFactory


def ensure(moment: datetime, width: str = "month") -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_ensure_partition(%s, %s)", [moment, width])
        return bool(cursor.fetchone()[0])


def bounds(parent: str, since: datetime) -> list[tuple[datetime, datetime]]:
    return [
        (p.starts_at, p.ends_at)
        for p in partitions()
        if p.parent == parent and p.starts_at >= since
    ]


def test_making_partitions_twice_makes_none_the_second_time(db: None) -> None:
    now = datetime.now(UTC)
    make_partitions(ahead=timedelta(days=62), now=now)
    before = partitions()
    assert make_partitions(ahead=timedelta(days=62), now=now) == 0
    assert partitions() == before
    assert any(p.starts_at <= now + timedelta(days=62) < p.ends_at for p in before)


def test_the_command_says_what_it_made(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("make_partitions", days=93)
    call_command("make_partitions", days=93)
    assert "0 partitions made" in capsys.readouterr().out.splitlines()[-1]


def test_partitions_of_all_widths_fit_together_without_gap_or_overlap(db: None) -> None:
    start = datetime(1980, 3, 1, tzinfo=UTC)
    ensure(start + timedelta(days=40), "week")
    ensure(start + timedelta(days=50), "day")
    for day in range(92):
        ensure(start + timedelta(days=day), ("month", "week", "day")[day % 3])
    events = [b for b in bounds("audit_event", start) if b[0].year == 1980]
    assert events == [b for b in bounds("audit_snapshot", start) if b[0].year == 1980]
    assert all(end == beginning for (_, end), (beginning, _) in pairwise(events))
    assert events[0][0] == start
    assert len({width.days for width in (end - begin for begin, end in events)}) > 2


def test_partitions_outside_reason_are_refused(db: None) -> None:
    for moment, width in (
        (datetime(1969, 12, 31, tzinfo=UTC), "month"),
        (datetime.now(UTC) + timedelta(days=500), "month"),
        (datetime.now(UTC), "century"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            ensure(moment, width)


def test_a_busy_day_makes_the_next_partitions_narrower(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 3, 3, 12, tzinfo=UTC)
    for minute in range(10):
        EventFactory.create(
            organization=organization, occurred_at=datetime(2026, 3, 2, 9, minute, tzinfo=UTC)
        )
    assert module.fitting_width(now) == "month"
    monkeypatch.setattr(module, "MAX_ROWS_OF_ONE_ORGANIZATION", 100)
    assert module.fitting_width(now) == "week"
    monkeypatch.setattr(module, "MAX_ROWS_OF_ONE_ORGANIZATION", 20)
    assert module.fitting_width(now) == "day"
