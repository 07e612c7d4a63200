"""What waits in memory is bounded, and goes in calls that the server takes."""

from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.client import Limits
from audit.client.backlog import Backlog
from audit.client.limits import CALL_BYTES, CALL_EVENTS
from tests.client.servers import PATIENCE_S


def test_room_is_bounded_in_events_and_in_bytes() -> None:
    by_count = Backlog(Limits(queue_events=2))
    assert [by_count.put(b"x") for _ in range(3)] == [True, True, False]
    by_bytes = Backlog(Limits(queue_bytes=10))
    assert [by_bytes.put(b"x" * 6), by_bytes.put(b"x" * 6), by_bytes.put(b"x" * 4)] == [
        True, False, True,
    ]  # fmt: skip


def test_what_is_taken_makes_room_for_whoever_waits() -> None:
    backlog = Backlog(Limits(queue_events=1))
    assert backlog.put(b"first")
    answers: list[bool] = []
    waiting = Thread(target=lambda: answers.append(backlog.put(b"second", PATIENCE_S)))
    waiting.start()
    assert backlog.take() == [b"first"]
    waiting.join(PATIENCE_S)
    assert answers == [True]
    assert backlog.take() == [b"second"]


@given(st.lists(st.integers(1, 40), max_size=200), st.integers(1, 20))
def test_batches_hold_everything_once_in_order_within_what_a_call_may_have(
    sizes: list[int], scale: int
) -> None:
    unit = CALL_BYTES // 50
    backlog = Backlog(Limits(queue_bytes=2**40))
    lines = [bytes([n % 256]) * (size * unit // scale) for n, size in enumerate(sizes)]
    for line in lines:
        assert backlog.put(line)
    taken: list[bytes] = []
    while batch := backlog.take():
        assert len(batch) <= CALL_EVENTS
        assert len(b"\n".join(batch)) <= CALL_BYTES
        taken += batch
    assert taken == lines


def test_a_call_has_a_thousand_events_at_most() -> None:
    backlog = Backlog(Limits())
    for _ in range(CALL_EVENTS + 1):
        backlog.put(b"x")
    assert [len(backlog.take()), len(backlog.take())] == [CALL_EVENTS, 1]


def test_a_batch_is_due_when_it_is_full_or_old_or_hurried() -> None:
    patient = Backlog(Limits(linger_s=1_000))
    patient.put(b"x")
    assert not patient.is_due
    patient.hurry()
    assert patient.is_due
    patient.take()
    assert not patient.is_due
    for _ in range(CALL_EVENTS):
        patient.put(b"x")
    assert patient.is_due
    impatient = Backlog(Limits(linger_s=0))
    assert not impatient.is_due
    impatient.put(b"x")
    assert impatient.is_due


def test_what_is_put_back_comes_first() -> None:
    backlog = Backlog(Limits())
    for line in (b"1", b"2"):
        backlog.put(line)
    batch = backlog.take()
    backlog.put(b"3")
    backlog.put_back(batch)
    assert backlog.take() == [b"1", b"2", b"3"]


@pytest.mark.parametrize("timeout", [0.0, 0.01])
def test_nobody_waits_longer_than_asked(timeout: float) -> None:
    backlog = Backlog(Limits(queue_events=0))
    assert not backlog.put(b"x", timeout)
