"""What a tail promises: every event is told, and once, whenever its transaction commits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event as Signal
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.browsing import Criterion, Limits, Period
from audit.browsing import tail as tail_module
from audit.browsing.tail import (
    MAX_AGE,
    OVERLAP,
    Arrivals,
    FellBehind,
    MalformedPosition,
    Position,
    arrivals,
    current_position,
)
from audit.models import Event, Organization
from tests.factories import EventFactory, OrganizationFactory

pytestmark = pytest.mark.usefixtures("committed_db")

_PATIENCE_S = 10


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def record(organization: Organization, now: datetime) -> Callable[..., Event]:
    """Record an event of so many seconds ago."""

    def record(ago: float = 0, **event: Any) -> Event:
        at = now - timedelta(seconds=ago)
        return EventFactory.create(organization=organization, occurred_at=at, **event)

    return record


@pytest.fixture
def look(organization: Organization) -> Callable[..., Arrivals]:
    def look(since: Position, *criteria: Criterion | Period) -> Arrivals:
        events = Event.objects.in_organization(organization.pk).matching(*criteria)
        return arrivals(events, since)

    return look


@contextmanager
def another_transaction(record: Callable[..., Event], **event: Any) -> Iterator[None]:
    """One of another session that has recorded an event, and commits where the block ends.

    It records inside a savepoint, which PostgreSQL gives a transaction id of its own.
    """
    has_recorded, may_commit = Signal(), Signal()

    def run() -> None:
        with transaction.atomic():
            with transaction.atomic():
                record(**event)
            has_recorded.set()
            may_commit.wait(_PATIENCE_S)
        connection.close()

    thread = Thread(target=run)
    thread.start()
    assert has_recorded.wait(_PATIENCE_S)
    try:
        yield
    finally:
        may_commit.set()
        thread.join(_PATIENCE_S)


def ids(told: Arrivals) -> list[UUID]:
    return [event.id for event in told.events]


class Follower:
    """Somebody who looks again and again, and drops what was told already."""

    def __init__(self, look: Callable[..., Arrivals]) -> None:
        self._look = look
        self._known: set[UUID] = set()
        self._position = current_position()

    def look(self) -> list[UUID]:
        told = self._look(self._position)
        self._position = told.position
        new = [id for id in ids(told) if id not in self._known]
        self._known.update(new)
        return new


# --- Every event, once --------------------------------------------------------------------------


def test_an_event_is_told_once(record: Callable[..., Event], look: Callable[..., Arrivals]) -> None:
    follower = Follower(look)
    assert follower.look() == []
    event = record(details={"namespace": "prod"})
    assert follower.look() == [event.id]
    assert follower.look() == []


def test_only_what_may_be_new_is_told_again(
    record: Callable[..., Event], look: Callable[..., Arrivals]
) -> None:
    """It depends on what else runs on the server, but never on more than that."""
    events = [record() for _ in range(3)]
    position = current_position()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, xmin::text::bigint FROM audit_event")
        inserted_by = dict(cursor.fetchall())
    may_be_new = {event.id for event in events if inserted_by[event.id] >= position.horizon}
    assert set(ids(look(position))) == may_be_new


def test_the_newest_comes_first_by_its_own_time(
    record: Callable[..., Event], look: Callable[..., Arrivals]
) -> None:
    start = current_position()
    recorded = [record(ago).id for ago in (3, 1, 2)]
    assert ids(look(start)) == sorted(recorded, reverse=True)


def test_what_commits_late_is_not_skipped(
    organization: Organization, record: Callable[..., Event], look: Callable[..., Arrivals]
) -> None:
    follower = Follower(look)
    with another_transaction(record, ago=2, summary="late"):
        quick = record(ago=1)
        assert follower.look() == [quick.id]
        assert follower.look() == []
    late = Event.objects.get(organization=organization, summary="late")
    assert follower.look() == [late.id]
    assert follower.look() == []


def test_what_was_running_when_the_page_was_made_is_told(
    record: Callable[..., Event], look: Callable[..., Arrivals]
) -> None:
    with another_transaction(record, summary="late"):
        start = current_position()
    assert [event.summary for event in look(start).events] == ["late"]


def test_a_quiet_log_moves_the_position_on(look: Callable[..., Arrivals]) -> None:
    start = current_position()
    assert look(start).position.looked_at > start.looked_at


# --- What is asked ------------------------------------------------------------------------------


def test_only_what_is_asked_for_is_told(
    record: Callable[..., Event], look: Callable[..., Arrivals], now: datetime
) -> None:
    start = current_position()
    EventFactory.create(organization=OrganizationFactory.create(), occurred_at=now)
    record(deployment="staging")
    wanted = record(deployment="prod", details={"namespace": "prod"})
    asked = (Criterion("deployment", ("prod",)), Criterion("tag", ("namespace:prod",)))
    assert ids(look(start, *asked)) == [wanted.id]
    assert ids(look(start, Period(until=now - timedelta(seconds=1)))) == []


def test_what_is_older_than_the_overlap_belongs_further_down(
    record: Callable[..., Event], look: Callable[..., Arrivals]
) -> None:
    start = current_position()
    within = record(OVERLAP.total_seconds() - 5)
    record(OVERLAP.total_seconds() + 5)
    assert ids(look(start)) == [within.id]


def test_a_sender_ahead_of_our_clock_is_told(
    record: Callable[..., Event], look: Callable[..., Arrivals]
) -> None:
    start = current_position()
    assert ids(look(start)) == []
    ahead = record(-3600)
    assert ids(look(start)) == [ahead.id]


# --- Bounds -------------------------------------------------------------------------------------


def test_a_look_is_one_statement(
    record: Callable[..., Event], look: Callable[..., Arrivals]
) -> None:
    start = current_position()
    for _ in range(3):
        record()
    with CaptureQueriesContext(connection) as queries:
        assert len(look(start, Criterion("actor", ("mara.ito@acme.dev",))).events) == 3
    assert len(queries) == 1


@pytest.mark.parametrize("bound", ["MAX_ARRIVALS", "_MAX_READ"])
def test_more_than_a_look_can_tell_is_said(
    bound: str,
    record: Callable[..., Event],
    look: Callable[..., Arrivals],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tail_module, bound, 3)
    start = current_position()
    for _ in range(3):
        record()
    assert len(look(start).events) == 3
    record()
    with pytest.raises(FellBehind):
        look(start)


def test_a_page_left_alone_for_long_fell_behind(look: Callable[..., Arrivals]) -> None:
    start = current_position()
    with pytest.raises(FellBehind):
        look(Position(start.looked_at - MAX_AGE, start.horizon))


# --- Positions in addresses ---------------------------------------------------------------------


def test_a_position_survives_being_written() -> None:
    position = current_position()
    assert Position.parse(str(position)) == position


@pytest.mark.parametrize("text", ["", "x", "1", "-1-1", "1-", "1-1-1", "١-١", f"{10**17}-1"])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(MalformedPosition, match="is not a position"):
        Position.parse(text)


def test_a_look_that_takes_too_long_falls_behind(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail_module, "Limits", lambda: Limits(statement_ms=0))
    with pytest.raises(FellBehind):
        arrivals(Event.objects.in_organization(organization.pk), current_position())
