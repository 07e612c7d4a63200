"""When the client calls again, and what it makes of the answers."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

import httpx
import pytest

from audit.client import Rejection
from audit.client.calls import Server, retry_after
from audit.client.delivery import Delivery
from audit.client.parcel import Parcel
from audit.client.stats import Complaints, Counters
from tests.client.servers import URL, FakeServer, rejecting

LINES = [b'{"id": "%d"}' % n for n in range(4)]


class Rig:
    """A delivery with a clock that is set, and jitter that always takes the most."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.fake = FakeServer(answers=list(answers))
        self.now = 0.0
        self.counters = Counters()
        self.rejected: list[Rejection] = []
        self.delivery = Delivery(
            Server(URL, "key", 10, self.fake.transport),
            self.counters,
            Complaints(logging.getLogger("audit.client"), lambda: self.now),
            self.rejected.append,
            clock=lambda: self.now,
            jitter=lambda least, most: most,
        )

    def deliver(self) -> bool:
        return self.delivery.deliver(Parcel(LINES))

    def pauses(self, count: int) -> Iterator[float]:
        for _ in range(count):
            assert not self.deliver()
            yield self.delivery.pause_s
            self.now += self.delivery.pause_s


def test_pauses_double_up_to_a_minute_and_a_success_ends_them() -> None:
    rig = Rig(*[httpx.ConnectError("away")] * 20)
    pauses = list(rig.pauses(20))
    assert pauses[:4] == [0.5, 1.0, 2.0, 4.0]
    assert all(later >= earlier for earlier, later in pairwise(pauses))
    assert pauses[-1] == 60.0
    assert rig.deliver()
    assert rig.delivery.pause_s == 0
    assert not rig.delivery.has_failed
    assert list(rig.fake.events) == ["0", "1", "2", "3"]


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("no route"),
        httpx.ReadTimeout("hangs"),
        httpx.RemoteProtocolError("broke off"),
        httpx.Response(408),
        httpx.Response(429),
        httpx.Response(500),
        httpx.Response(502, html="<h1>Bad gateway</h1>"),
        httpx.Response(503),
    ],
    ids=lambda answer: type(answer).__name__ + str(getattr(answer, "status_code", "")),
)
def test_what_may_pass_is_tried_again_with_the_same_events(
    answer: httpx.Response | Exception,
) -> None:
    rig = Rig(answer)
    assert not rig.deliver()
    assert rig.deliver()
    assert rig.fake.calls[0] == rig.fake.calls[1]
    assert (rig.counters["sent"], rig.counters["rejected"]) == (4, 0)


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_for_patience_is_given_it_and_some_jitter(status: int) -> None:
    rig = Rig(httpx.Response(status, headers={"Retry-After": "17"}))
    assert not rig.deliver()
    assert rig.delivery.pause_s == 17.5


def test_retry_after_is_seconds_or_a_date_and_never_more_than_an_hour() -> None:
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert retry_after("17", now) == 17
    assert retry_after("Wed, 25 Nov 2026 12:01:00 GMT", now) == 60
    assert retry_after("Wed, 25 Nov 2026 11:00:00 GMT", now) == 0
    assert retry_after("86400", now) == 3600
    assert retry_after("-1", now) == retry_after("soon", now) == retry_after("", now) == 0
    assert retry_after("nan", now) == 0


@pytest.mark.parametrize("status", [200, 301, 401, 403, 404, 405, 415])
def test_a_wrong_key_or_address_is_tried_rarely_and_loses_nothing(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    rig = Rig(httpx.Response(status, html="not an Auditsite"))
    assert not rig.deliver()
    assert rig.delivery.pause_s == 300
    assert "check its address and key" in caplog.text
    assert rig.deliver()
    assert rig.counters["sent"] == 4


def test_the_events_that_are_rejected_are_named_and_not_sent_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rig = Rig(rejecting(1, 3))
    assert rig.deliver()
    assert len(rig.fake.calls) == 1
    assert [rejection.event["id"] for rejection in rig.rejected] == ["1", "3"]
    assert [fault.field for fault in rig.rejected[0].faults] == ["actor.kind"]
    assert (rig.counters["sent"], rig.counters["rejected"]) == (2, 2)
    assert "actor.kind" in caplog.text


def test_all_may_be_rejected() -> None:
    rig = Rig(rejecting(0, 1, 2, 3, status=422))
    assert rig.deliver()
    assert (rig.counters["sent"], rig.counters["rejected"]) == (0, 4)


@pytest.mark.parametrize("status", [400, 413])
def test_a_body_that_the_server_does_not_take_is_halved_until_it_does(status: int) -> None:
    rig = Rig(httpx.Response(status), httpx.Response(status))
    assert rig.deliver()
    assert [len(call) for call in rig.fake.calls] == [4, 2, 1, 1, 2]
    assert list(rig.fake.events) == ["0", "1", "2", "3"]


def test_one_event_that_is_too_large_is_rejected_alone() -> None:
    too_large = httpx.Response(413, json={"detail": "At most 1,000 bytes."})
    rig = Rig(too_large, too_large, too_large)
    assert rig.deliver()
    assert [(each.event["id"], each.faults[0].reason) for each in rig.rejected] == [
        ("0", "At most 1,000 bytes.")
    ]
    assert list(rig.fake.events) == ["1", "2", "3"]


def test_a_callback_that_fails_holds_up_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def fail(rejection: Rejection) -> None:
        raise RuntimeError("as_acme_secret")

    rig = Rig(rejecting(0, 1))
    rig.delivery._on_rejected = fail
    assert rig.deliver()
    assert rig.counters["rejected"] == 2
    assert "RuntimeError" in caplog.text
    assert "as_acme_secret" not in caplog.text


def test_one_warning_a_minute_and_of_each_kind(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(*[httpx.ConnectError("away")] * 9)
    list(rig.pauses(6))  # to 31.5 s
    assert len(caplog.records) == 1
    list(rig.pauses(2))  # the second at 63.5 s
    assert len(caplog.records) == 2
