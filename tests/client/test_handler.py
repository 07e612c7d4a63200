"""What a program logs becomes events, and what the client logs does not."""

import logging
from collections.abc import Iterator

import httpx
import pytest

from audit.client import AuditHandler
from audit.client.handler import event_of
from tests.client.servers import PATIENCE_S, FakeServer


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def log(server: FakeServer) -> Iterator[logging.Logger]:
    """The root of all loggers, so that httpx's and the client's own come by as well."""
    root, client = logging.getLogger(), server.client()
    handler = AuditHandler(client)
    root.addHandler(handler)
    level = root.level
    root.setLevel(logging.DEBUG)
    yield logging.getLogger("shop.orders")
    client.close()
    root.removeHandler(handler)
    root.setLevel(level)


def flush(log: logging.Logger) -> None:
    handler = next(h for h in logging.getLogger().handlers if isinstance(h, AuditHandler))
    assert handler._client.flush(PATIENCE_S)


def test_a_message_is_a_log_event(server: FakeServer, log: logging.Logger) -> None:
    log.warning("Stock of %s is low", "tea")
    flush(log)
    (event,) = server.events.values()
    assert event["event_type"] == "log"
    assert event["summary"] == "Stock of tea is low"
    assert event["details"] == {"level": "warning", "logger": "shop.orders"}


@pytest.mark.parametrize(
    ("number", "level"),
    [(5, "debug"), (10, "debug"), (20, "info"), (25, "info"), (30, "warning"), (50, "error")],
)
def test_levels_are_those_that_rules_know(number: int, level: str) -> None:
    record = logging.LogRecord("shop", number, "", 0, "text", None, None)
    assert event_of(record)["details"]["level"] == level


def test_an_exception_is_an_error_with_its_stack_trace(
    server: FakeServer, log: logging.Logger
) -> None:
    try:
        raise KeyError("tea")
    except KeyError:
        log.exception("No such thing")
    flush(log)
    (event,) = server.events.values()
    assert (event["event_type"], event["outcome"]) == ("error", "failure")
    assert event["resource"] == {"type": "error", "id": "KeyError"}
    assert event["details"]["stackTrace"].endswith("KeyError: 'tea'")
    assert "test_handler.py" in event["details"]["stackTrace"]


def test_what_is_too_long_keeps_the_start_of_a_message_and_the_end_of_a_trace(
    server: FakeServer, log: logging.Logger
) -> None:
    try:
        raise ValueError("x" * 5_000 + " the end")
    except ValueError:
        log.exception("The start %s", "y" * 5_000)
    flush(log)
    (event,) = server.events.values()
    trace = event["details"]["stackTrace"]
    assert (len(trace), len(event["summary"])) == (2_048, 2_048)
    assert trace.startswith("…")
    assert trace.endswith(" the end")
    assert event["summary"].startswith("The start y")


def test_a_message_may_say_more_of_its_event(server: FakeServer, log: logging.Logger) -> None:
    audit = {"event_type": "order.shipped", "resource": {"type": "order", "id": "7"}}
    log.info("Shipped", extra={"audit": audit | {"details": {"carrier": "post"}}})
    flush(log)
    (event,) = server.events.values()
    assert (event["event_type"], event["resource"]["id"]) == ("order.shipped", "7")
    assert event["details"] == {"level": "info", "logger": "shop.orders", "carrier": "post"}


def test_sending_records_nothing_of_itself(server: FakeServer, log: logging.Logger) -> None:
    server.answers = [httpx.ConnectError("away")] * 2  # which the client logs, and httpx its calls
    log.info("one")
    flush(log)
    flush(log)
    assert len(server.calls) == 3
    assert [event["summary"] for event in server.events.values()] == ["one"]


def test_a_message_that_is_wrong_harms_nobody(
    server: FakeServer, log: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    log.info("%d items", "many")
    log.info("fine", extra={"audit": {"after": object()}})
    log.info("last")
    flush(log)
    assert [event["summary"] for event in server.events.values()] == ["last"]
