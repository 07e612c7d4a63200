"""Settings, Event rules: what is not recorded, since when, how much of it, and for whom."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.event_types import ALWAYS_RECORDED
from audit.models import ActorGroup, Event, EventRule, Organization, SuppressedCount
from audit.models.actor_group import MAX_GROUPS
from audit.models.event_rule import MAX_EVENT_RULES
from audit.recording import record
from auditsite.models import User
from tests.factories import START, ActorGroupFactory, EventRuleFactory
from tests.web.markup import Element, read

PAGE = "/acme/settings/event-rules/"
TYPES = "/acme/event-types/?origin=datagrok"
NEW = {"scope": "type", "type": "viewer-rendered", "reason": "Too many"}
GROUP = {"name": "Robots", "actors": "etl-*\n\n bot@acme.dev \netl-*", "kinds": ["system"]}
MARA = {"kind": "user", "id": "mara.ito@acme.dev"}


@pytest.fixture
def client(signed_in: Callable[[User], Client], admin: User) -> Client:
    return signed_in(admin)


@pytest.fixture
def rule(organization: Organization) -> EventRule:
    return EventRuleFactory.create(organization=organization)


@pytest.fixture
def group(organization: Organization) -> ActorGroup:
    return ActorGroupFactory.create(organization=organization, name="Robots")


def row(client: Client, rule: EventRule) -> Element:
    return read(client.get(PAGE)).find("li", data_rule=str(rule.pk))


# --- Rules --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "event_type", "details"),
    [
        ({}, "viewer-rendered", {}),
        ({"type": "viewer-*"}, "viewer-rendered", {}),
        ({"scope": "category", "category": "datagrok:Data"}, "query-start", {}),
        ({"scope": "level", "level": "debug"}, "viewer-rendered", {"level": "debug"}),
        ({"scope": "unknown"}, "my_log", {}),
    ],
)
def test_what_a_rule_is_about_is_not_recorded_from_then_on(
    client: Client,
    organization: Organization,
    admin: User,
    fields: dict[str, str],
    event_type: str,
    details: dict[str, str],
    django_capture_on_commit_callbacks: Any,
) -> None:
    def is_recorded() -> bool:
        return bool(record(organization, event_type=event_type, actor=MARA, details=details))

    assert is_recorded()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(PAGE, NEW | fields)["Location"] == PAGE
    assert not is_recorded()
    rule = EventRule.objects.get()
    assert rule.created_by_id == admin.pk
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{PAGE}{rule.pk}/remove/")
    assert is_recorded()


def test_a_rule_can_be_for_a_group_and_for_a_time(
    client: Client, organization: Organization, group: ActorGroup
) -> None:
    client.post(PAGE, NEW | {"group": group.pk, "expires_at": "2999-01-02T03:04"})
    rule = EventRule.objects.get()
    assert (rule.group, rule.expires_at) == (group, datetime(2999, 1, 2, 3, 4, tzinfo=UTC))
    assert "For Robots" in row(client, rule).text


def test_the_list_says_what_was_left_out_and_whether_a_rule_still_holds(
    client: Client, rule: EventRule
) -> None:
    assert "nothing so far" in row(client, rule).text
    for event_type, count in (("viewer-rendered", 1_200), ("", 4)):
        SuppressedCount.objects.create(
            rule=rule, event_type=event_type, count=count, first_at=START, last_at=START
        )
    shown = row(client, rule)
    assert shown.find("div", data_suppressed="1204")
    assert "1,204 since" in shown.text
    assert "Active" in shown.text
    detail = read(client.get(f"{PAGE}{rule.pk}/")).text
    assert "1,200" in detail
    assert "Types outside the catalogue" in detail
    EventRule.objects.update(expires_at=timezone.now())
    assert "Expired" in row(client, rule).text


def test_reason_and_end_of_a_rule_can_be_changed(client: Client, rule: EventRule) -> None:
    path = f"{PAGE}{rule.pk}/"
    client.post(path, {"reason": "Still too many", "expires_at": "2999-01-02T03:04"})
    rule.refresh_from_db()
    assert (rule.reason, rule.expires_at) == (
        "Still too many", datetime(2999, 1, 2, 3, 4, tzinfo=UTC),
    )  # fmt: skip
    assert Event.objects.get().event_type == "event_rule.updated"
    field = read(client.get(path)).find("input", name="expires_at")
    assert field["value"] == "2999-01-02T03:04"
    client.post(path, {"reason": "Still too many", "expires_at": field["value"]})
    assert Event.objects.count() == 1


def test_an_expired_rule_can_have_its_reason_put_right(client: Client, rule: EventRule) -> None:
    ended = timezone.now() - timedelta(days=1)
    EventRule.objects.update(expires_at=ended)
    value = f"{ended:%Y-%m-%dT%H:%M}"
    path = f"{PAGE}{rule.pk}/"
    assert client.post(path, {"reason": "Right", "expires_at": value}).status_code == 302
    rule.refresh_from_db()
    assert (rule.reason, rule.expires_at) == ("Right", ended)
    earlier = {"reason": "Right", "expires_at": "2020-01-01T00:00"}
    assert client.post(path, earlier).status_code == 400


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"scope": ""}, "Choose what is not to be recorded"),
        ({"scope": "all"}, "not one of the available choices"),
        ({"type": ""}, "Say which type"),
        ({"type": "a*b"}, "A star stands last"),
        ({"type": "x" * 129}, "at most 128 characters"),
        ({"type": "a\0b"}, "Null characters are not allowed"),
        ({"type": "event_rule.deleted"}, "is always recorded"),
        ({"scope": "category", "category": "auditsite:Audit log"}, "Choose a category"),
        ({"scope": "category", "category": ""}, "Choose a category"),
        ({"scope": "level", "level": "loud"}, "Choose a level"),
        ({"reason": " "}, "Say why"),
        ({"reason": "x" * 501}, "at most 500 characters"),
        ({"expires_at": "2020-01-01T00:00"}, "That time has passed"),
        ({"expires_at": "tomorrow"}, "This is no time"),
        ({"group": "77"}, "not one of the available choices"),
    ],
)
def test_a_wrong_rule_is_shown_again_with_what_is_wrong(
    client: Client, organization: Organization, fields: dict[str, str], said: str
) -> None:
    response = client.post(PAGE, NEW | fields)
    assert response.status_code == 400
    assert said in read(response).text
    assert not EventRule.objects.exists()


def test_the_same_rule_is_made_once(client: Client, rule: EventRule) -> None:
    response = client.post(PAGE, NEW)
    assert response.status_code == 400
    assert "There is this rule already" in read(response).text


def test_what_the_log_records_about_itself_is_not_offered(client: Client, rule: EventRule) -> None:
    page = read(client.get(PAGE))
    offered = {option["value"] for option in page.find_all("option")}
    assert offered.isdisjoint(ALWAYS_RECORDED | {"auditsite:Audit log"})
    assert "viewer-rendered" in offered
    assert "is always recorded" in page.text


def test_there_are_not_more_rules_than_recording_can_look_at(
    client: Client, organization: Organization
) -> None:
    EventRule.objects.bulk_create(
        EventRule(organization=organization, scope="type", pattern=f"n{n}", reason="r")
        for n in range(MAX_EVENT_RULES)
    )
    assert client.post(PAGE, NEW).status_code == 400


def test_the_page_costs_the_same_however_many_rules_there_are(
    client: Client, organization: Organization, django_assert_num_queries: Any
) -> None:
    for n in range(5):
        group = ActorGroupFactory.create(organization=organization)
        EventRuleFactory.create(organization=organization, pattern=f"p{n}", group=group)
        with django_assert_num_queries(7):
            client.get(PAGE)


# --- Groups -------------------------------------------------------------------------------------


def test_a_group_is_added_changed_and_removed(client: Client, organization: Organization) -> None:
    assert client.post(f"{PAGE}groups/add/", GROUP)["Location"] == PAGE
    group = ActorGroup.objects.get()
    assert (group.actors, group.kinds) == (["etl-*", "bot@acme.dev"], ["system"])
    path = f"{PAGE}groups/{group.pk}/"
    assert "etl-*" in read(client.get(path)).find("textarea").text
    client.post(path, GROUP | {"kinds": []})
    group.refresh_from_db()
    assert group.kinds == []
    assert (
        "etl-* , bot@acme.dev" in read(client.get(PAGE)).find("li", data_group=str(group.pk)).text
    )
    client.post(f"{path}remove/")
    assert not ActorGroup.objects.exists()
    assert [event.event_type for event in Event.objects.order_by("id")] == [
        "actor_group.created", "actor_group.updated", "actor_group.deleted",
    ]  # fmt: skip


def test_a_group_in_use_says_where(client: Client, rule: EventRule, group: ActorGroup) -> None:
    EventRule.objects.update(group=group)
    response = client.post(f"{PAGE}groups/{group.pk}/remove/")
    assert response.status_code == 409
    assert read(response).find("a", href=f"{PAGE}{rule.pk}/")
    assert ActorGroup.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "Give the group a name"),
        ({"name": "Taken"}, "There is a group of this name already"),
        ({"actors": "a*b"}, "A star stands last"),
        ({"actors": "", "kinds": []}, "A group has actors, or kinds of them"),
        ({"actors": "\n".join(map(str, range(1_001)))}, "at most 1,000 actors"),
        ({"actors": "x" * 513}, "at most 512 characters"),
        ({"kinds": ["robot"]}, "not one of the available choices"),
    ],
)
def test_a_wrong_group_is_shown_again_with_what_is_wrong(
    client: Client, organization: Organization, group: ActorGroup, fields: Any, said: str
) -> None:
    ActorGroupFactory.create(organization=organization, name="Taken")
    for path in (f"{PAGE}groups/add/", f"{PAGE}groups/{group.pk}/"):
        response = client.post(path, GROUP | {"name": "New"} | fields)
        assert response.status_code == 400
        assert said in read(response).text
    assert ActorGroup.objects.count() == 2


def test_there_are_not_more_groups_than_recording_can_keep(
    client: Client, organization: Organization
) -> None:
    ActorGroup.objects.bulk_create(
        ActorGroup(organization=organization, name=f"n{n}", actors=["a"]) for n in range(MAX_GROUPS)
    )
    assert client.post(f"{PAGE}groups/add/", GROUP).status_code == 400


# --- The catalogue ------------------------------------------------------------------------------


def test_the_catalogue_marks_what_is_not_recorded(
    client: Client, organization: Organization, group: ActorGroup, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(6):
        assert "Not recorded" not in read(client.get(TYPES)).text
    make = EventRuleFactory.create
    make(organization=organization, scope="category", pattern="datagrok:Data", group=group)
    make(organization=organization, pattern="viewer-*")
    make(organization=organization, pattern="dialog-ok", expires_at=START)
    make(organization=organization, scope="level", pattern="debug")
    make(pattern="comment-posted")
    with django_assert_num_queries(7):
        page = read(client.get(TYPES))
    assert "Not recorded for Robots" in page.find("li", id="query-start").text
    assert "Not recorded" in page.find("li", id="viewer-rendered").text
    assert page.text.count("Not recorded") == 1 + page.text.count("Not recorded for Robots")


# --- Who may ------------------------------------------------------------------------------------


def test_rules_and_groups_of_others_are_neither_shown_nor_changed(
    signed_in: Callable[[User], Client],
    rule: EventRule,
    group: ActorGroup,
    stranger: User,
    member: User,
) -> None:
    theirs = stranger.memberships.get().organization.slug
    page = f"/{theirs}/settings/event-rules/"
    paths = [f"{rule.pk}/", f"{rule.pk}/remove/", f"groups/{group.pk}/"]
    paths += [f"groups/{group.pk}/remove/"]
    client = signed_in(stranger)
    shown = read(client.get(page))
    assert not shown.find_all("li", data_rule=str(rule.pk))
    assert "Robots" not in shown.text
    assert client.post(page, NEW | {"group": group.pk}).status_code == 400
    for path in paths:
        assert client.get(page + path).status_code == client.post(page + path).status_code == 404
    for path in (*paths, "", "groups/add/"):
        for method in ("get", "post"):
            assert getattr(client, method)(PAGE + path).status_code == 404
            assert getattr(signed_in(member), method)(PAGE + path).status_code == 403
            assert getattr(Client(), method)(PAGE + path).status_code == 302
    assert EventRule.objects.filter(pk=rule.pk, reason=rule.reason).exists()
