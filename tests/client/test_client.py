"""The client in one process: what it takes, what it sends, and what it makes nobody wait for."""

import os
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from audit.client import Client, Limits, Rejection, audit_context, current
from audit.event_id import event_id, time_of
from tests.client.servers import MARA, PATIENCE_S, QUICK, URL, FakeServer, accepted, rejecting


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


class Hang:
    """A server that answers when it is let go."""

    def __init__(self) -> None:
        self.asked, self.let_go = threading.Event(), threading.Event()
        self.answer = httpx.Response(503)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.asked.set()
            assert self.let_go.wait(PATIENCE_S)
        return self.answer


@pytest.fixture
def hanging() -> Iterator[Hang]:
    hang = Hang()
    yield hang
    hang.let_go.set()


def test_an_event_comes_to_the_server_with_the_id_and_the_time_it_was_taken(
    server: FakeServer,
) -> None:
    with server.client() as client:
        began = datetime.now(UTC)
        assert client.record(
            event_type="schedule.updated", actor=MARA, resource={"id": "nightly"},
            before={"paused": False}, after={"paused": True},
        )  # fmt: skip
        assert client.flush(PATIENCE_S)
        assert client.stats.sent == 1
    (event,) = server.events.values()
    occurred_at = datetime.fromisoformat(event["occurred_at"])
    assert began <= occurred_at <= datetime.now(UTC)
    assert UUID(event["id"]).int >> 64 == event_id(occurred_at).int >> 64
    assert (event["before"], event["after"]) == ({"paused": False}, {"paused": True})
    assert server.requests[-1].url == f"{URL}/api/events"
    assert server.requests[-1].headers["Authorization"] == "Bearer as_acme_key"


def test_what_goes_twice_has_the_same_ids(server: FakeServer) -> None:
    server.answers = [httpx.ReadTimeout("but it was recorded"), httpx.Response(500)]
    with server.client() as client:
        for n in range(3):
            client.record(event_type="job.run", details={"n": n})
        assert client.flush(PATIENCE_S)
    assert len(server.calls) >= 3
    assert len(server.events) == 3
    assert len({event["id"] for call in server.calls for event in call}) == 3


def test_an_id_or_an_idempotency_key_that_is_given_stays(server: FakeServer) -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    with server.client() as client:
        client.record(event_type="job.run", id=event_id(at, 7))
        client.record(event_type="job.run", idempotency_key="run-1", occurred_at=at)
        client.record(event_type="job.run", occurred_at=at)
    given, keyed, timed = server.events.values()
    assert UUID(given["id"]) == event_id(at, 7)
    assert "id" not in keyed
    assert time_of(UUID(timed["id"])) == at


def test_null_is_a_document_and_left_out_is_none(server: FakeServer) -> None:
    with server.client() as client:
        client.record(event_type="job.run", after=None)
    (event,) = server.events.values()
    assert event["after"] is None
    assert "before" not in event


def test_what_python_has_and_json_has_not_is_written_as_text(server: FakeServer) -> None:
    after = {
        "at": datetime(2026, 3, 2, 9, tzinfo=UTC),
        "price": Decimal("1.10"),
        "path": Path("a/b"),
        "tags": {"y", "x"},
        "half": "\ud83d",
    }
    with server.client() as client:
        client.record(event_type="job.run", after=after)
    (event,) = server.events.values()
    assert event["after"] == {
        "at": "2026-03-02T09:00:00+00:00", "price": "1.10", "path": "a/b", "tags": ["x", "y"],
        "half": "\ud83d",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"after": {"n": float("nan")}}, ValueError),
        ({"after": object()}, TypeError),
        ({"occurred_at": datetime(2026, 3, 2)}, ValueError),  # noqa: DTZ001 -- what is wrong
        ({"after": "x" * 6_000_000}, ValueError),
        ({"afetr": 1}, TypeError),
    ],
)
def test_what_can_be_no_event_is_an_error_where_it_is_recorded(
    server: FakeServer, wrong: dict[str, Any], error: type[Exception]
) -> None:
    with server.client() as client, pytest.raises(error):
        client.record(event_type="job.run", **wrong)
    assert server.calls == []


# --- Bounds ---------------------------------------------------------------------------------------


def test_a_hanging_server_makes_nobody_wait_and_what_there_is_no_room_for_is_counted(
    hanging: Hang, caplog: pytest.LogCaptureFixture
) -> None:
    limits = Limits(linger_s=0, queue_events=10, exit_s=0)
    client = Client(URL, "as_key", transport=httpx.MockTransport(hanging), limits=limits)
    client.record(event_type="job.run", summary="first")
    assert hanging.asked.wait(PATIENCE_S)
    # The server answers after all of these at the earliest, so none has waited for it.
    taken = [client.record(event_type="job.run", summary="as_secret") for _ in range(15)]
    assert taken == [True] * 10 + [False] * 5
    assert (client.stats.queued, client.stats.dropped) == (11, 5)
    assert not client.record(event_type="job.run", timeout=0.01)
    assert not client.flush(0.01)
    assert caplog.text.count("were dropped") == 1
    assert "as_secret" not in caplog.text
    client.close()
    assert client.stats.dropped == 17
    assert not hanging.let_go.is_set()
    hanging.answer = accepted(1)
    hanging.let_go.set()
    client.close(PATIENCE_S)  # leaves no thread behind


def test_a_queue_that_is_full_waits_as_long_as_it_is_told(server: FakeServer) -> None:
    with server.client(limits=Limits(linger_s=0, queue_events=1, exit_s=PATIENCE_S)) as client:
        assert all(client.record(event_type="job.run", timeout=PATIENCE_S) for _ in range(50))
    assert len(server.events) == 50


def test_what_is_recorded_after_the_end_is_dropped_and_counted(server: FakeServer) -> None:
    client = server.client()
    client.close()
    assert not client.record(event_type="job.run")
    assert client.stats.dropped == 1


def test_the_end_sends_what_waits(server: FakeServer) -> None:
    with server.client(limits=Limits(linger_s=1_000, exit_s=PATIENCE_S)) as client:
        for _ in range(2_500):
            client.record(event_type="job.run")
    assert len(server.events) == 2_500
    assert [len(call) <= 1_000 for call in server.calls] == [True] * len(server.calls)


def test_many_threads_may_share_a_client(server: FakeServer) -> None:
    with server.client() as client:
        threads = [
            threading.Thread(
                target=lambda: [client.record(event_type="job.run") for _ in range(200)]
            )
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(server.events) == client.stats.sent == 1_600


# --- With a spool ---------------------------------------------------------------------------------


def test_what_a_server_that_is_away_does_not_take_waits_on_the_disk_for_the_next_process(
    server: FakeServer, tmp_path: Path
) -> None:
    away = FakeServer(answers=[httpx.ConnectError("away")] * 100)
    with away.client(spool=tmp_path) as client:
        for _ in range(3):
            client.record(event_type="job.run")
    assert (client.stats.sent, client.stats.spooled, client.stats.dropped) == (0, 3, 0)
    with server.client(spool=tmp_path) as client:
        client.record(event_type="job.run")
        assert client.flush(PATIENCE_S)
    assert len(server.events) == 4
    assert list(tmp_path.iterdir()) == []


def test_a_hanging_server_keeps_nothing_from_the_disk(hanging: Hang, tmp_path: Path) -> None:
    client = Client(
        URL, "as_key", spool=tmp_path, transport=httpx.MockTransport(hanging),
        limits=Limits(linger_s=0, queue_events=5, exit_s=PATIENCE_S),
    )  # fmt: skip
    assert client.record(event_type="job.run")
    assert hanging.asked.wait(PATIENCE_S)
    assert all(client.record(event_type="job.run", timeout=PATIENCE_S) for _ in range(50))
    assert client.stats.dropped == 0
    hanging.let_go.set()
    client.close()
    lines = [line for path in tmp_path.iterdir() for line in path.read_bytes().splitlines()]
    assert len(lines) == 51


def test_a_disk_that_takes_nothing_holds_up_no_event(
    server: FakeServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with server.client(spool=tmp_path, limits=Limits(spool_bytes=1, linger_s=0.01)) as client:
        client.record(event_type="job.run")
        assert client.flush(PATIENCE_S)
    assert len(server.events) == 1
    assert "spool took nothing" in caplog.text


def test_rejected_events_do_not_stay_on_the_disk(server: FakeServer, tmp_path: Path) -> None:
    rejected: list[Rejection] = []
    server.answers = [rejecting(0)]
    with server.client(spool=tmp_path, on_rejected=rejected.append) as client:
        client.record(event_type="job.run", summary="wrong")
        assert client.flush(PATIENCE_S)
    assert [each.event["summary"] for each in rejected] == ["wrong"]
    assert list(tmp_path.iterdir()) == []


def test_what_redact_takes_out_never_leaves_memory(server: FakeServer, tmp_path: Path) -> None:
    def redact(event: dict[str, Any]) -> dict[str, Any] | None:
        return None if event["event_type"] == "noise" else event | {"summary": "(withheld)"}

    server.answers = [httpx.ConnectError("away")] * 9
    with server.client(spool=tmp_path, redact=redact) as client:
        client.record(event_type="job.run", summary="as_secret")
        client.record(event_type="noise")
    (segment,) = tmp_path.iterdir()
    assert b"(withheld)" in segment.read_bytes()
    assert b"as_secret" not in segment.read_bytes()
    assert client.stats.suppressed == 1


# --- Around it ------------------------------------------------------------------------------------


def test_the_context_fills_what_a_call_leaves_out(server: FakeServer) -> None:
    with server.client() as client, audit_context(actor=MARA, session="s_1"):
        client.record(event_type="job.run")
        with audit_context(session="s_2", deployment="prod"):
            saved = current().as_dict()
            client.record(event_type="job.run", deployment="staging")
    assert saved == {"actor": MARA, "session": "s_2", "deployment": "prod"}
    one, other = server.events.values()
    assert (one["actor"], one["session"], one.get("deployment")) == (MARA, "s_1", None)
    assert (other["actor"], other["session"], other["deployment"]) == (MARA, "s_2", "staging")
    assert current().as_dict() == {}
    with pytest.raises(TypeError), audit_context(tenant="x"):
        pass


def test_without_an_actor_the_program_acts(server: FakeServer) -> None:
    with server.client() as client:
        client.record(event_type="job.run")
    (event,) = server.events.values()
    assert event["actor"]["kind"] == "system"
    assert event["actor"]["id"]


def test_the_environment_says_what_the_call_does_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AUDITSITE_URL", f"{URL}/")
    monkeypatch.setenv("AUDITSITE_KEY", "as_secret")
    monkeypatch.setenv("AUDITSITE_SPOOL", str(tmp_path / "spool"))
    client = Client()
    assert repr(client) == f"Client('{URL}')"
    assert (tmp_path / "spool").is_dir()
    client.close()


@pytest.mark.parametrize(
    ("url", "key", "wanted"),
    [
        ("", "k", "AUDITSITE_URL"),
        ("https://audit.example.com", "k", "AUDITSITE_URL"),
        ("audit.example.com/acme", "k", "AUDITSITE_URL"),
        (URL, "", "AUDITSITE_KEY"),
        (URL, "two words", "AUDITSITE_KEY"),
    ],
)
def test_what_is_missing_is_said(
    url: str, key: str, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AUDITSITE_URL", "AUDITSITE_KEY", "AUDITSITE_SPOOL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ValueError, match=re.escape(wanted)):
        Client(url, key)


def test_a_forked_child_sends_its_own_and_nothing_of_its_parent(server: FakeServer) -> None:
    told, tell = os.pipe()
    client = server.client(limits=Limits(linger_s=1_000, exit_s=PATIENCE_S))
    client.record(event_type="job.run", summary="parent")
    child = os.fork()
    if child == 0:
        client.record(event_type="job.run", summary="child")
        client.close()
        # The child's copy of the server has seen what the child has sent.
        os.write(tell, ",".join(e["summary"] for e in server.events.values()).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(told, 100) == b"child"
    os.close(told)
    os.close(tell)
    client.close()
    assert [event["summary"] for event in server.events.values()] == ["parent"]


def test_a_client_is_quick_to_be_made_and_starts_nothing_before_it_is_used(
    server: FakeServer,
) -> None:
    before = threading.active_count()
    client = server.client(limits=QUICK)
    assert threading.active_count() == before
    client.close()
    assert server.requests == []
