"""The stories in the demo: that they are there, and that they can be found as told."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from audit.simulation import Incident, incidents, simulate
from audit.simulation.company import ACME
from audit.simulation.incidents import Step
from audit.simulation.world import Event
from tests.simulation.conftest import ENDS_AT


def _moment(event: Event) -> datetime:
    return datetime.fromisoformat(event["occurred_at"])


def _told(incident: Incident, events: Iterable[Event]) -> dict[str, Event]:
    """The incident's events by name, in the order of the log."""
    names = {key: name for name, key in incident.events.items()}
    return {
        names[event["idempotency_key"]]: event
        for event in events
        if event["idempotency_key"] in names
    }


def _found(step: Step, events: Iterable[Event]) -> list[Event]:
    """What the events page would show for a step's filters."""
    return [event for event in events if all(_matches(event, *each) for each in step.filters)]


def _matches(event: Event, name: str, value: str) -> bool:
    resource = event["resource"]
    match name:
        case "tag":
            key, _, text = value.partition(":")
            return bool(event.get("details", {}).get(key) == text)
        case "actor":
            return bool(event["actor"]["id"] == value)
        case "actor_kind":
            return bool(event["actor"]["kind"] == value)
        case "resource":
            return f"{resource['type']}/{resource['id']}" == value
        case "since":
            return _moment(event) >= datetime.fromisoformat(value)
        case "until":
            return _moment(event) < datetime.fromisoformat(value)
        case _:
            return bool(event.get(name) == value)


def test_there_are_three_incidents_and_an_unrecorded_change(stories: dict[str, Incident]) -> None:
    assert list(stories) == [
        "paused-schedule",
        "leaked-token",
        "unrecorded-change",
        "mass-permissions",
    ]


def test_every_event_of_every_story_happens_in_its_time_and_order(
    quarter: list[Event], stories: dict[str, Incident]
) -> None:
    for incident in stories.values():
        told = _told(incident, quarter)
        assert list(told) == list(incident.events)
        for event in told.values():
            assert incident.begins_at <= _moment(event) <= incident.ends_at + timedelta(seconds=1)


def test_every_step_of_every_story_finds_something(
    quarter: list[Event], stories: dict[str, Incident]
) -> None:
    for incident in stories.values():
        told = set(incident.events.values())
        for step in incident.steps:
            found = {event["idempotency_key"] for event in _found(step, quarter)}
            assert found & told, step


def test_the_schedule_was_paused_before_the_report_failed(
    quarter: list[Event], stories: dict[str, Incident]
) -> None:
    story = stories["paused-schedule"]
    told = _told(story, quarter)
    paused, failed = told["paused"], told["report-failed"]
    restored = told["rolled-back"]

    assert paused["summary"] == "Paused and moved to 04:30"
    assert paused["details"]["revision"] == "42"
    assert paused["before"]["schedule"] == {"cron": "0 2 * * *", "paused": False}
    assert paused["after"]["schedule"]["paused"] is True
    assert paused["before"]["secret"] != paused["after"]["secret"]
    assert _moment(paused) < _moment(failed) < _moment(restored)
    assert restored["after"] == paused["before"]
    assert failed["outcome"] == "failure"


def test_nothing_ran_that_night(quarter: list[Event], stories: dict[str, Incident]) -> None:
    told = _told(stories["paused-schedule"], quarter)
    between = [
        event
        for event in quarter
        if _moment(told["paused"]) < _moment(event) < _moment(told["rerun-launched"])
        and event.get("details", {}).get("flow_id") == "nightly_revenue"
        and event["event_type"] == "execution.started"
    ]

    assert not between
    reports = [
        event["event_type"]
        for event in quarter
        if _moment(told["report-started"]) <= _moment(event) <= stories["paused-schedule"].ends_at
        and event.get("details", {}).get("flow_id") == "revenue_report"
        and event["event_type"].startswith("execution.")
    ]
    assert reports == [
        "execution.started",
        "execution.failed",
        "execution.restarted",
        "execution.started",
        "execution.succeeded",
    ]


@pytest.mark.parametrize("hours", range(0, 168, 5))
def test_a_newcomer_meets_the_paused_schedule_soon(hours: int) -> None:
    ends_at = ENDS_AT + timedelta(hours=hours)
    story = incidents(seed=1, ends_at=ends_at)[0]

    assert story.slug == "paused-schedule"
    assert story.ends_at < ends_at
    # Over a weekend nobody pauses anything: then it was on Friday.
    assert ends_at - story.begins_at < timedelta(hours=96)
    assert ACME.person("mara.ito").is_working_at(story.begins_at)


def test_the_leaked_token_comes_from_a_place_nobody_ever_came_from(
    quarter: list[Event], stories: dict[str, Incident]
) -> None:
    story = stories["leaked-token"]
    strange = [e for e in quarter if e.get("ip") == story.facts["address"]]
    usual = [e for e in quarter if e.get("ip") == story.facts["usual_address"]]
    tokens = {story.facts["token"], story.facts["second_token"]}

    assert {event["actor"]["id"] for event in strange} == tokens
    assert {event["user_agent"] for event in strange} == {story.facts["user_agent"]}
    assert all(1 <= _moment(event).hour < 4 for event in strange)
    assert len(strange) == 12
    assert {event["event_type"] for event in strange} >= {
        "secret.read",
        "run.launched",
        "user_permissions.changed",
        "agent_token.created",
    }
    assert {event["outcome"] for event in strange} == {"success", "denied"}
    assert len(usual) > 5
    assert {event["actor"]["id"] for event in usual} == {story.facts["token"]}


def test_the_leaked_token_is_silent_once_revoked(
    quarter: list[Event], stories: dict[str, Incident]
) -> None:
    story = stories["leaked-token"]
    told = _told(story, quarter)
    tokens = {story.facts["token"], story.facts["second_token"]}
    after = [event for event in quarter if _moment(event) > _moment(told["second-token-revoked"])]

    assert not [event for event in after if event["actor"]["id"] in tokens]
    assert told["user-made-viewer"]["after"] == told["user-made-admin"]["before"]
    assert told["service-user-restored"]["after"] == told["service-user-made-admin"]["before"]


def test_the_token_was_printed_before_it_was_misused(
    quarter: list[Event], stories: dict[str, Incident]
) -> None:
    story = stories["leaked-token"]
    told = _told(story, quarter)

    assert told["token-printed"]["details"]["token_id"] == story.facts["token"]
    assert "public log" in told["token-printed"]["details"]["error"]
    first_misuse = min(_moment(e) for e in quarter if e.get("ip") == story.facts["address"])
    assert _moment(told["token-created"]) < _moment(told["token-printed"]) < first_misuse


def test_147_people_are_raised_within_minutes_and_lowered_two_hours_later(
    quarter: list[Event], stories: dict[str, Incident]
) -> None:
    story = stories["mass-permissions"]
    told = _told(story, quarter)
    raised = [event for name, event in told.items() if name.startswith("raised-")]
    lowered = [event for name, event in told.items() if name.startswith("lowered-")]

    assert len(raised) == len(lowered) == 147
    assert len({event["resource"]["id"] for event in raised}) == 147
    assert _moment(raised[-1]) - _moment(raised[0]) < timedelta(minutes=6)
    assert _moment(lowered[0]) - _moment(raised[0]) > timedelta(hours=2)
    assert {event["session"] for event in raised} == {story.facts["admin_session"]}
    assert {event["actor"]["id"] for event in lowered} == {story.facts["security"]}
    for up, down in zip(raised, lowered, strict=True):
        assert up["before"] == down["after"]
        assert up["details"]["grant"] == "EDITOR"


def test_the_unrecorded_change_hides_between_two_events(
    quarter: list[Event], stories: dict[str, Incident]
) -> None:
    story = stories["unrecorded-change"]
    told = _told(story, quarter)
    honest, telling = told["last-before"]["after"], told["first-after"]["before"]

    assert honest["threshold"]["failures"] != 25
    assert telling["threshold"]["failures"] == 25
    assert len(telling["notifications"]) < len(honest["notifications"])


@pytest.mark.parametrize("days", [1, 3, 12, 40])
def test_a_short_log_tells_only_the_stories_it_holds(days: int) -> None:
    events = list(simulate(seed=5, ends_at=ENDS_AT, days=days, scale=0.1))
    told = incidents(seed=5, ends_at=ENDS_AT, days=days)
    keys = {event["idempotency_key"] for event in events}

    assert all(set(story.events.values()) <= keys for story in told)
    assert {1: 0, 3: 1, 12: 1, 40: 4}[days] == len(told)
