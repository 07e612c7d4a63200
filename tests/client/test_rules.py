"""What the organisation does not want recorded is not sent, as docs/http.md says."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from audit.client.calls import Server
from audit.client.rules import EventRules, Rule
from tests.client.servers import MARA, PATIENCE_S, URL, FakeServer

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ALL: dict[str, Any] = {
    "id": 1, "types": None, "except_types": [], "level": None, "group": None, "expires_at": None,
}  # fmt: skip
ROBOTS = {"name": "Robots", "actors": ["etl-*", "cron"], "kinds": ["service_account"]}


def event(type_: str = "viewer-rendered", level: str | None = None, **actor: str) -> dict[str, Any]:
    details = {"level": level} if level else {}
    return {"event_type": type_, "actor": MARA | actor, "details": details}


@pytest.mark.parametrize(
    ("rule", "held", "free"),
    [
        ({}, [event()], []),
        ({"types": ["viewer-rendered"]}, [event()], [event("viewer-rendered2"), event("log")]),
        ({"types": ["viewer-*"]}, [event()], [event("log")]),
        ({"except_types": ["log"]}, [event()], [event("log")]),
        ({"level": "debug"}, [event(level="DEBUG")], [event(level="info"), event()]),
        (
            {"group": ROBOTS},
            [event(id="etl-7"), event(id="cron"), event(kind="service_account")],
            [event(), event(id="cron2")],
        ),
        ({"expires_at": "2026-11-25T12:00:01Z"}, [event()], []),
        ({"expires_at": "2026-11-25T12:00:00Z"}, [], [event()]),
        ({"level": "debug", "group": ROBOTS}, [], [event(level="debug"), event(id="cron")]),
    ],
)
def test_a_rule_holds_if_all_of_it_does(
    rule: dict[str, Any], held: list[dict[str, Any]], free: list[dict[str, Any]]
) -> None:
    read = Rule.from_json(ALL | rule)
    assert [read.holds_for(one, NOW) for one in held] == [True] * len(held)
    assert [read.holds_for(one, NOW) for one in free] == [False] * len(free)


def test_they_are_asked_for_once_a_minute_and_kept_where_there_is_no_news() -> None:
    now = 0.0
    fake = FakeServer(rules=[ALL])
    rules = EventRules(Server(URL, "key", 10, fake.transport), lambda: now)
    assert not rules.suppress(event())
    rules.refresh()
    assert rules.suppress(event())
    now = 59.0
    rules.refresh()
    assert len(fake.requests) == 1
    now = 60.0
    rules.refresh()
    assert fake.requests[1].headers["If-None-Match"] == '"1"'
    assert rules.suppress(event())
    fake.rules = []
    now = 120.0
    rules.refresh()
    assert not rules.suppress(event())


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(500), httpx.Response(200, text="<h1>"), httpx.Response(200, json={"rules": 1}),
     httpx.Response(200, json={"rules": [{}]})],
)  # fmt: skip
def test_an_answer_that_is_none_suppresses_nothing(answer: httpx.Response) -> None:
    rules = EventRules(Server(URL, "key", 10, httpx.MockTransport(lambda _: answer)))
    rules.refresh()
    assert not rules.suppress(event())


def test_what_is_suppressed_is_counted_here_and_where_only_the_server_knows() -> None:
    told = {"recorded": 0, "duplicates": 0, "suppressed": 1, "rejected": [], "ids": [None]}
    server = FakeServer(
        rules=[ALL | {"types": ["noise"]}], answers=[httpx.Response(201, json=told)]
    )
    with server.client() as client:
        client.record(event_type="new-noise")
        assert client.flush(PATIENCE_S)
        client.record(event_type="noise")
        client.record(event_type="job.run")
        assert client.flush(PATIENCE_S)
        assert (client.stats.suppressed, client.stats.sent) == (2, 1)
    assert [each["event_type"] for each in server.events.values()] == ["job.run"]
