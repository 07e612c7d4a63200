"""Event rules: what is not recorded, whichever way it comes, and how it is counted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction
from django.db.models import RestrictedError

from audit.event_types import ALWAYS_RECORDED, registry
from audit.models import (
    ActorGroup,
    Event,
    EventRule,
    Organization,
    OutboxEvent,
    RuleScope,
    Snapshot,
    SuppressedCount,
)
from audit.recording import InvalidEvent, audit_context, record, record_many
from audit.recording.event_rules import (
    add_group,
    add_rule,
    change_group,
    change_rule,
    remove_group,
    remove_rule,
)
from audit.recording.policy import Policy, forget_policy
from audit.recording.suppression import rule_against
from audit.recording.validation import validate
from tests.factories import START, ActorGroupFactory, EventRuleFactory

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MARA = {"kind": "user", "id": "mara.ito@acme.dev"}
ROBOT = {"kind": "service_account", "id": "etl-7"}


def event(event_type: str = "viewer-rendered", **fields: Any) -> dict[str, Any]:
    return {"occurred_at": START, "event_type": event_type, "actor": MARA} | fields


def is_recorded(rule: EventRule, raw: dict[str, Any], now: datetime = NOW) -> bool:
    policy = Policy(Organization(id_salt=b"s"), suppression=(rule,))
    return rule_against(validate(raw, policy, now=now), policy, now=now) is None


@pytest.fixture
def rule(organization: Organization) -> EventRule:
    return EventRuleFactory.create(organization=organization)


# --- What a rule holds for ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "pattern", "suppressed", "recorded"),
    [
        ("type", "viewer-rendered", event(), event("dialog-ok")),
        ("type", "query-*", event("query-start"), event("connection-created")),
        ("type", "my_log", event("my_log"), event("my_log_2")),
        ("type", "*", event(), event("api_key.created")),
        ("category", "datagrok:Data", event("query-start"), event("viewer-rendered")),
        ("level", "debug", event(details={"level": "DEBUG"}), event(details={"level": "info"})),
        ("level", "debug", event("my_log", details={"level": "debug"}), event()),
        ("unknown", "", event("my_log"), event("viewer-rendered")),
    ],
)
def test_a_rule_is_about_a_type_a_category_a_level_or_what_is_not_in_the_catalogue(
    scope: str, pattern: str, suppressed: dict[str, Any], recorded: dict[str, Any]
) -> None:
    rule = EventRule(scope=scope, pattern=pattern, reason="r")
    rule.clean()
    assert not is_recorded(rule, suppressed)
    assert is_recorded(rule, recorded)


@pytest.mark.parametrize(
    ("actors", "kinds", "members", "others"),
    [
        (["mara.ito@acme.dev"], [], [MARA], [ROBOT]),
        (["etl-*"], [], [ROBOT], [MARA]),
        ([], ["service_account"], [ROBOT], [MARA]),
        (["mara.ito@acme.dev"], ["service_account"], [MARA, ROBOT], [{"kind": "user", "id": "x"}]),
    ],
)
def test_a_rule_for_a_group_leaves_everybody_else_alone(
    actors: list[str], kinds: list[str], members: list[Any], others: list[Any]
) -> None:
    group = ActorGroup(name="g", actors=actors, kinds=kinds)
    group.clean()
    rule = EventRule(scope="type", pattern="viewer-rendered", group=group)
    assert [is_recorded(rule, event(actor=who)) for who in members] == [False] * len(members)
    assert [is_recorded(rule, event(actor=who)) for who in others] == [True] * len(others)


def test_a_rule_ends_by_itself() -> None:
    rule = EventRule(scope="type", pattern="viewer-rendered", expires_at=NOW)
    assert not is_recorded(rule, event(), NOW - timedelta(microseconds=1))
    assert is_recorded(rule, event(), NOW)


@pytest.mark.parametrize("scope", RuleScope.values)
def test_what_the_log_records_about_itself_is_always_recorded(scope: str) -> None:
    patterns = {"type": "*", "category": "auditsite:Audit log", "level": "debug", "unknown": ""}
    rule = EventRule(scope=scope, pattern=patterns[scope])
    assert {t.slug for t in registry if t.category == "Audit log"} == ALWAYS_RECORDED
    for slug in ALWAYS_RECORDED:
        assert is_recorded(rule, event(slug, details={"level": "debug"})), slug


@pytest.mark.parametrize("scope", ["type", "category"])
def test_no_rule_can_be_made_against_it(organization: Organization, scope: str) -> None:
    pattern = {"type": "event_rule.created", "category": "auditsite:Audit log"}[scope]
    rule = EventRule(organization=organization, scope=scope, pattern=pattern, reason="hush")
    with pytest.raises(ValidationError):
        add_rule(rule)


# --- Both ways in -------------------------------------------------------------------------------


def test_one_event_is_not_recorded_and_is_no_error(
    organization: Organization, rule: EventRule
) -> None:
    assert record(organization, event_type="viewer-rendered", actor=MARA) is None
    assert record(organization, event_type="dialog-ok", actor=MARA) is not None
    assert Event.objects.get().event_type == "dialog-ok"


@pytest.mark.parametrize("more", [{}, {"idempotency_key": "k"}])
@pytest.mark.parametrize("count", [3, 60])
def test_of_many_the_others_are_recorded(
    organization: Organization, rule: EventRule, count: int, more: dict[str, str]
) -> None:
    events = [event(("viewer-rendered", "dialog-ok")[n % 2]) for n in range(count)]
    for n, each in enumerate(events):
        each |= {name: f"{value}{n}" for name, value in more.items()}
    result = record_many(organization, [*events, event("")], keep_ids=True)
    assert (result.recorded, result.suppressed, result.duplicates) == (
        count // 2,
        -(-count // 2),
        0,
    )
    assert [rejection.index for rejection in result.rejected] == [count]
    assert result.ids is not None
    assert [id is None for id in result.ids] == [n % 2 == 0 for n in range(count)] + [True]
    assert Event.objects.count() == count // 2


def test_a_batch_of_nothing_else_is_no_error(organization: Organization, rule: EventRule) -> None:
    assert record_many(organization, [event() for _ in range(40)]).suppressed == 40
    assert not Event.objects.exists()


def test_a_wrong_event_is_rejected_rule_or_no_rule(
    organization: Organization, rule: EventRule
) -> None:
    with pytest.raises(InvalidEvent):
        record(organization, event_type="viewer-rendered", actor={"kind": "robot"})


def test_history_is_taken_over_whole(organization: Organization, rule: EventRule) -> None:
    assert record_many(organization, [event()], is_history=True).recorded == 1


def test_the_outbox_lets_go_of_what_is_not_recorded(
    organization: Organization, rule: EventRule, capsys: pytest.CaptureFixture[str]
) -> None:
    for event_type in ("viewer-rendered", "dialog-ok"):
        record(organization, event_type=event_type, actor=MARA, mode="outbox")
    call_command("flush_outbox")
    assert "1 events recorded, 0 refused, 1 suppressed by event rules." in capsys.readouterr().out
    assert not OutboxEvent.objects.exists()
    assert Event.objects.get().event_type == "dialog-ok"


def test_rules_of_others_do_not_count(organization: Organization) -> None:
    EventRuleFactory.create()
    assert record(organization, event_type="viewer-rendered", actor=MARA) is not None


def test_rules_cost_the_same_two_queries_however_many_there_are(
    organization: Organization, django_assert_num_queries: Any
) -> None:
    for n in range(9):
        group = ActorGroupFactory.create(organization=organization)
        EventRuleFactory.create(organization=organization, pattern=f"p{n}", group=group)
    record_many(organization, [event() for _ in range(40)])
    forget_policy(organization)
    with django_assert_num_queries(8) as many:  # a third one for what is masked
        record_many(organization, [event() for _ in range(40)])
    forget_policy(organization)
    EventRule.objects.filter(pattern__gt="p0").delete()
    with django_assert_num_queries(len(many)):
        record_many(organization, [event() for _ in range(400)])


# --- Counting -----------------------------------------------------------------------------------


def counts() -> dict[str, int]:
    return dict(SuppressedCount.objects.values_list("event_type", "count"))


def test_what_is_kept_out_is_counted_by_type(
    organization: Organization, django_capture_on_commit_callbacks: Any
) -> None:
    rule = EventRuleFactory.create(organization=organization, scope="level", pattern="debug")
    made_up = [event(f"made-up-{n}") for n in range(5)]
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            both = [event() for _ in range(30)] + made_up
            record_many(organization, [each | {"details": {"level": "debug"}} for each in both])
            record(organization, event_type="log", actor=MARA, details={"level": "debug"})
    assert counts() == {"viewer-rendered": 60, "log": 2, "": 10}
    counted = EventRule.objects.with_counts().get(pk=rule.pk)
    assert counted.suppressed == 72
    assert START < counted.first_at <= counted.last_at


def test_what_was_rolled_back_is_not_counted(committed_db: None) -> None:
    organization = EventRuleFactory.create().organization
    with transaction.atomic():
        record(organization, event_type="viewer-rendered", actor=MARA)
        transaction.set_rollback(True)
    assert counts() == {}
    record(organization, event_type="viewer-rendered", actor=MARA)
    assert counts() == {"viewer-rendered": 1}


def test_a_rule_that_is_gone_does_not_stand_in_the_way(committed_db: None) -> None:
    rule = EventRuleFactory.create()
    with transaction.atomic():
        record(rule.organization, event_type="viewer-rendered", actor=MARA)
        rule.delete()
    assert counts() == {}


# --- Changes are events -------------------------------------------------------------------------


def told() -> list[tuple[str, str | None, str | None]]:
    """Of each event: its type, before and after."""
    return [
        (each.event_type, *Snapshot.objects.values_list("before", "after").get(id=each.id))
        for each in Event.objects.order_by("id")
    ]


def test_changes_of_rules_are_events(organization: Organization) -> None:
    rule = EventRuleFactory.build(organization=organization, scope="type", pattern="*")
    with audit_context(actor=MARA):
        add_rule(rule)
        rule.reason = "Twice as many"
        change_rule(rule)
        change_rule(rule)  # nothing
        SuppressedCount.objects.create(
            rule=rule, event_type="log", count=3, first_at=NOW, last_at=NOW
        )
        remove_rule(rule)
        remove_rule(rule)  # nothing
    (_, no_before, added), (_, before, changed), (_, last, no_after) = told()
    assert [each[0] for each in told()] == [
        "event_rule.created", "event_rule.updated", "event_rule.deleted",
    ]  # fmt: skip
    assert (no_before, no_after, before, last) == (None, None, added, changed)
    assert "Twice as many" in str(changed)
    assert Event.objects.get(event_type="event_rule.deleted").details["suppressed"] == "3"
    assert not EventRule.objects.exists()


def test_changes_of_groups_are_events(organization: Organization) -> None:
    group = ActorGroupFactory.build(organization=organization, name="Robots")
    with audit_context(actor=MARA):
        add_group(group)
        group.kinds = ["service_account"]
        change_group(group)
        remove_group(group)
    assert [each[0] for each in told()] == [
        "actor_group.created", "actor_group.updated", "actor_group.deleted",
    ]  # fmt: skip


def test_a_group_that_rules_name_stays(organization: Organization) -> None:
    group = ActorGroupFactory.create(organization=organization)
    EventRuleFactory.create(organization=organization, group=group)
    with pytest.raises(RestrictedError):
        remove_group(group)


def test_a_change_holds_at_once_in_this_process(
    organization: Organization, django_capture_on_commit_callbacks: Any
) -> None:
    rule = EventRuleFactory.build(organization=organization)
    assert record(organization, event_type="viewer-rendered", actor=MARA) is not None
    with audit_context(actor=MARA), django_capture_on_commit_callbacks(execute=True):
        add_rule(rule)
    assert record(organization, event_type="viewer-rendered", actor=MARA) is None
    with audit_context(actor=MARA), django_capture_on_commit_callbacks(execute=True):
        remove_rule(rule)
    assert record(organization, event_type="viewer-rendered", actor=MARA) is not None


def test_what_two_admins_do_at_once_is_told_to_the_second(
    organization: Organization, rule: EventRule, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = EventRuleFactory.build(organization=organization)
    monkeypatch.setattr(EventRule, "full_clean", lambda self: None)  # it looked a moment earlier
    with audit_context(actor=MARA), pytest.raises(ValidationError, match="just changed"):
        add_rule(same)
    rule.delete()
    change_rule(rule)
    assert not Event.objects.exists()
