"""What the demo promises whoever reads it."""

import hashlib
import ipaddress
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from audit.event_types import registry
from audit.simulation import calendar, incidents, simulate
from audit.simulation.company import ACME
from audit.simulation.world import Event
from tests.simulation.conftest import ENDS_AT, SEED

_ADDRESSES = [
    ipaddress.ip_network(network)
    for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
_DIGEST = """
import hashlib, json
from datetime import UTC, datetime
from audit.simulation import simulate
lines = (json.dumps(e) for e in simulate(
    seed=7, ends_at=datetime(2026, 11, 22, 17, 20, tzinfo=UTC), days=12, scale=0.3))
print(hashlib.sha256("\\n".join(lines).encode()).hexdigest())
"""


def _digest(events: Iterable[Event]) -> str:
    return hashlib.sha256("\n".join(map(json.dumps, events)).encode()).hexdigest()


def _moment(event: Event) -> datetime:
    return datetime.fromisoformat(event["occurred_at"])


def test_equal_arguments_give_equal_events_in_any_process() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", _DIGEST],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    here = _digest(simulate(seed=7, ends_at=ENDS_AT, days=12, scale=0.3))

    assert digests == {f"{here}\n"}


def test_the_zone_of_the_end_does_not_matter() -> None:
    elsewhere = ENDS_AT.astimezone(calendar.ZoneInfo("Asia/Tokyo"))

    assert _digest(simulate(seed=7, ends_at=ENDS_AT, days=3)) == _digest(
        simulate(seed=7, ends_at=elsewhere, days=3)
    )


def test_another_seed_gives_another_story() -> None:
    one, other = (list(simulate(seed=seed, ends_at=ENDS_AT, days=3)) for seed in (1, 2))

    assert _digest(one) != _digest(other)
    assert not {e["idempotency_key"] for e in one} & {e["idempotency_key"] for e in other}


def test_a_quarter_has_about_forty_thousand_events(quarter: list[Event]) -> None:
    assert 35_000 <= len(quarter) <= 45_000


def test_events_come_in_the_order_of_time_and_end_just_before_the_end(
    quarter: list[Event],
) -> None:
    moments = [event["occurred_at"] for event in quarter]

    assert moments == sorted(set(moments))  # none shares a millisecond
    assert ENDS_AT - timedelta(days=90) <= _moment(quarter[0])
    assert ENDS_AT - timedelta(hours=1) < _moment(quarter[-1]) < ENDS_AT


def test_each_before_is_the_after_before_it_save_one(quarter: list[Event]) -> None:
    """The one exception is the change that nobody recorded."""
    current: dict[tuple[str, str], object] = {}
    breaks = []
    for event in quarter:
        if "before" not in event and "after" not in event:
            continue
        key = event["resource"]["type"], event["resource"]["id"]
        if key in current and event.get("before") != current[key]:
            breaks.append(event["idempotency_key"])
        current[key] = event.get("after")
    story = next(i for i in incidents(seed=SEED, ends_at=ENDS_AT) if i.slug == "unrecorded-change")

    assert breaks == [story.events["first-after"]]


def test_snapshots_fit_the_change(quarter: list[Event]) -> None:
    expected = {
        "created": (False, True),
        "updated": (True, True),
        "deleted": (True, False),
        "other": (False, False),
    }
    for event in quarter:
        assert ("before" in event, "after" in event) == expected[event["change"]], event
        if event["change"] == "updated":
            assert event["before"] != event["after"], event


def test_every_event_is_of_a_declared_type(quarter: list[Event]) -> None:
    for event in quarter:
        declared = registry.get(event["event_type"])
        assert declared is not None, event["event_type"]
        assert event["change"] == declared.change, event["event_type"]
        assert event["resource"]["type"] == declared.resource_type, event["event_type"]


def test_the_types_the_demo_needs_all_appear(quarter: list[Event]) -> None:
    seen = Counter(event["event_type"] for event in quarter)
    executions = sum(n for slug, n in seen.items() if slug.startswith("execution."))

    assert 0.5 < executions / len(quarter) < 0.7
    assert len(seen) >= 60
    for slug in ("schedule.updated", "secret.created", "user_permissions.changed", "flow.deleted"):
        assert seen[slug]
    assert {event["outcome"] for event in quarter} == {"success", "failure", "denied"}


def test_details_are_tags(quarter: list[Event]) -> None:
    for event in quarter:
        for key, value in event.get("details", {}).items():
            assert isinstance(value, str)
            assert value
            assert ":" not in key


def test_no_secret_value_is_ever_shown(quarter: list[Event]) -> None:
    for event in quarter:
        if event["event_type"].startswith(("secret.", "agent_token.", "user_token.")):
            for side in ("before", "after"):
                assert list(event.get(side, {"value": {"$redacted": ""}})["value"]) == ["$redacted"]


def test_addresses_are_those_of_documentation(quarter: list[Event]) -> None:
    for address in {event["ip"] for event in quarter if "ip" in event}:
        assert any(ipaddress.ip_address(address) in network for network in _ADDRESSES), address


def test_a_session_is_one_person_at_one_place_from_log_in_to_log_out(
    quarter: list[Event],
) -> None:
    sessions: dict[str, list[Event]] = {}
    for event in quarter:
        if "session" in event and "impersonator" not in event["actor"]:
            sessions.setdefault(event["session"], []).append(event)
    for events in sessions.values():
        assert events[0]["event_type"] == "user.logged_in", events[0]
        assert len({(e["actor"]["id"], e["ip"], e["user_agent"]) for e in events}) == 1
        assert all(event["event_type"] != "user.logged_out" for event in events[:-1])


def test_people_keep_their_hours(quarter: list[Event]) -> None:
    """All but those on call, who may be woken; a repair may last beyond the end of the day."""
    people = {person.email: person for person in (*ACME.people, *ACME.readers)}
    awake = Counter[bool]()
    for event in quarter:
        if event["actor"]["kind"] == "user" and "impersonator" not in event["actor"]:
            person = people[event["actor"]["id"]]
            moment = _moment(event)
            at_work = person.is_working_at(moment)
            overtime = person.is_working_at(moment - timedelta(hours=1))
            assert at_work or overtime or person.is_on_call, event
            awake[at_work] += 1

    assert awake[False] < 0.02 * awake[True]


def test_nights_and_weekends_belong_to_the_scheduler(quarter: list[Event]) -> None:
    by_day = Counter(
        _moment(event).weekday() for event in quarter if event["actor"]["kind"] == "user"
    )
    executions = Counter(
        _moment(event).weekday() for event in quarter if event["event_type"] == "execution.started"
    )

    assert max(by_day[5], by_day[6]) < 0.1 * min(by_day[day] for day in range(5))
    assert min(executions.values()) > 0.5 * max(executions.values())


@pytest.mark.parametrize("days_later", range(7))
def test_the_last_day_is_like_any_other(days_later: int) -> None:
    ends_at = ENDS_AT + timedelta(days=days_later)
    events = list(simulate(seed=3, ends_at=ends_at, days=4, scale=0.5))
    last_day = [event for event in events if _moment(event) > ends_at - timedelta(days=1)]
    people = sum(event["actor"]["kind"] == "user" for event in last_day)

    assert len(last_day) > 60
    assert (people > 30) == (days_later not in (0, 6))


def test_last_tuesday_afternoon_something_happened_in_finance(quarter: list[Event]) -> None:
    """Two till four, in Warsaw as in UTC."""
    for since in (datetime(2026, 11, 17, 13, tzinfo=UTC), datetime(2026, 11, 17, 14, tzinfo=UTC)):
        changes = [
            event
            for event in quarter
            if since <= _moment(event) < since + timedelta(hours=2)
            and event.get("details", {}).get("namespace") == "company.finance"
            and event["change"] != "other"
        ]
        assert len(changes) >= 5
        assert len({event["actor"]["id"] for event in changes}) >= 2


def test_resources_live_break_return_and_die(quarter: list[Event]) -> None:
    rolled_back = [e for e in quarter if "rolled_back_to" in e.get("details", {})]
    deleted = {e["resource"]["type"] for e in quarter if e["change"] == "deleted"}
    branches = [e for e in quarter if e["event_type"] == "deployment.created"]

    assert len(rolled_back) > 20
    assert {"flow", "schedule", "secret", "deployment", "query", "user"} <= deleted
    assert all(e["branch_deployment"] == e["deployment"] for e in branches)


def test_a_rollback_returns_to_what_was(quarter: list[Event]) -> None:
    revisions: dict[tuple[str, str], object] = {}
    checked = 0
    for event in quarter:
        if event["event_type"] != "flow.updated":
            continue
        flow, details = event["resource"]["id"], event["details"]
        target = details.get("rolled_back_to")
        if target and (flow, target) in revisions:
            assert event["after"] == revisions[flow, target]
            checked += 1
        revisions[flow, details["revision"]] = event["after"]

    assert checked > 10


def test_the_small_company_comes_from_the_same_function() -> None:
    events = list(simulate(seed=2, ends_at=ENDS_AT, days=90, scale=0.05, company="brightwater"))

    assert 1_500 < len(events) < 2_600
    assert "acme" not in json.dumps(events).lower()
    assert not incidents(seed=2, ends_at=ENDS_AT, company="brightwater")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"company": "nobody"}, "company must be one of acme, brightwater"),
        ({"ends_at": datetime(2026, 11, 22)}, "time zone"),  # noqa: DTZ001
        ({"days": 0}, "positive"),
        ({"scale": -1.0}, "positive"),
    ],
)
def test_senseless_arguments_are_refused(arguments: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        simulate(**({"seed": 1, "ends_at": ENDS_AT} | arguments))  # type: ignore[arg-type]
    if "scale" not in arguments:
        with pytest.raises(ValueError, match=complaint):
            incidents(**({"seed": 1, "ends_at": ENDS_AT} | arguments))  # type: ignore[arg-type]
