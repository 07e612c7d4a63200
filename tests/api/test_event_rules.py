"""Event rules over HTTP: what a program is told of them, and what becomes of what it sends."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from audit.client.rules import Rule
from audit.event_types import ALWAYS_RECORDED
from audit.models import ApiKey, EventRule, Organization, Scope
from audit.recording import record_many
from tests.api.events import event
from tests.factories import ActorGroupFactory, EventRuleFactory

RULES = "/acme/api/event-rules"
LATER = datetime(2999, 1, 1, tzinfo=UTC)

type Get = Callable[..., Any]


@pytest.fixture
def get(key: str) -> Get:
    def get(path: str = RULES, key: str = key, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client().get(path, headers={"Authorization": f"Bearer {key}"} | named)

    return get


@pytest.fixture
def rule(organization: Organization) -> EventRule:
    return EventRuleFactory.create(organization=organization)


# --- Recording ----------------------------------------------------------------------------------


def test_a_suppressed_event_is_counted_and_no_error(post: Any, rule: EventRule) -> None:
    answer = post([event(), event(event_type="viewer-rendered")])
    assert answer.status_code == 201
    told = answer.json()
    assert (told["recorded"], told["suppressed"], told["rejected"]) == (1, 1, [])
    assert [id is None for id in told["ids"]] == [False, True]
    assert post(event(event_type="viewer-rendered")).status_code == 201


def test_a_wrong_event_beside_a_suppressed_one_is_named(post: Any, rule: EventRule) -> None:
    both = [event(event_type="viewer-rendered"), event(actor=None)]
    assert post(both).status_code == 207
    answer = post(both, path="/acme/api/events?on_error=none")
    assert (answer.status_code, answer.json()["suppressed"]) == (422, 0)


# --- What is told -------------------------------------------------------------------------------


def test_rules_are_told_so_that_a_program_can_go_by_them(
    get: Get, organization: Organization
) -> None:
    group = ActorGroupFactory.create(organization=organization, name="Robots", actors=["etl-*"])
    make = EventRuleFactory.create
    make(organization=organization, pattern="query-*", expires_at=LATER)
    make(organization=organization, scope="level", pattern="debug", group=group)
    make(organization=organization, scope="category", pattern="datagrok:Data")
    make(organization=organization, scope="unknown", pattern="")
    make(organization=organization, pattern="saved*")
    make(organization=organization, pattern="gone", expires_at=LATER - timedelta(days=360_000))
    make(pattern="of-others")
    response = get()
    assert response.status_code == 200
    types, level, category, unknown, saved = response.json()["rules"]
    assert {name: types[name] for name in ("types", "except_types", "level", "group")} == {
        "types": ["query-*"], "except_types": [], "level": None, "group": None,
    }  # fmt: skip
    assert types["expires_at"] == "2999-01-01T00:00:00Z"
    assert (level["types"], level["level"]) == (None, "debug")
    assert set(level["except_types"]) == ALWAYS_RECORDED
    assert level["group"] == {"name": "Robots", "actors": ["etl-*"], "kinds": []}
    assert "query-start" in category["types"]
    assert "viewer-rendered" in unknown["except_types"]
    assert saved["except_types"] == sorted(t for t in ALWAYS_RECORDED if t.startswith("saved"))


@pytest.mark.parametrize("group", [None, {"actors": ["etl-*", "mara"]}, {"kinds": ["system"]}])
@pytest.mark.parametrize(
    ("scope", "pattern"),
    [
        ("type", "query-start"),
        ("type", "query-*"),
        ("type", "*"),
        ("type", "api_key*"),
        ("category", "datagrok:Data"),
        ("level", "debug"),
        ("unknown", ""),
    ],
)
def test_our_own_client_goes_by_them_as_the_server_does(
    get: Get, organization: Organization, scope: str, pattern: str, group: dict[str, Any] | None
) -> None:
    theirs = group and ActorGroupFactory.create(
        organization=organization, **{"actors": [], "kinds": []} | group
    )
    EventRuleFactory.create(
        organization=organization, scope=scope, pattern=pattern, group=theirs, expires_at=LATER
    )
    (told,) = get().json()["rules"]
    events = [
        event(event_type=event_type, details=details, actor={"kind": kind, "id": id})
        for event_type in ("query-start", "viewer-rendered", "my_log", "api_key.created")
        for details in ({}, {"level": "Debug"}, {"level": "info"})
        for kind, id in (("user", "mara"), ("user", "etl-1"), ("system", "cron"), ("user", "jo"))
    ]
    recorded = record_many(organization, events, keep_ids=True).ids or []
    by_server = [id is None for id in recorded]
    now = datetime.now(UTC)
    assert [Rule.from_json(told).holds_for(each, now) for each in events] == by_server
    assert True in by_server or pattern == "api_key*"


def test_a_program_on_somebodys_machine_is_told_of_nobody_else(
    get: Get, organization: Organization
) -> None:
    group = ActorGroupFactory.create(organization=organization, actors=["mara@acme.dev"])
    EventRuleFactory.create(organization=organization, group=group)
    (hers,) = get(f"{RULES}?actor_id=mara@acme.dev").json()["rules"]
    assert hers["group"] is None
    assert get(f"{RULES}?actor_id=jo@acme.dev").json() == {"rules": []}
    for wrong in ("actor_id=x&actor_kind=robot", "actor=mara@acme.dev"):
        assert get(f"{RULES}?{wrong}").status_code == 400


def test_nothing_is_sent_twice_to_who_has_it(get: Get, rule: EventRule) -> None:
    first = get()
    again = get(If_None_Match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    rule.delete()
    changed = get(If_None_Match=first["ETag"])
    assert (changed.status_code, changed.json()) == (200, {"rules": []})


def test_an_expired_rule_changes_the_etag(get: Get, rule: EventRule) -> None:
    before = get()["ETag"]
    EventRule.objects.update(expires_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert get(If_None_Match=before).json() == {"rules": []}


def test_only_who_may_record_is_told(get: Get, rule: EventRule, organization: Organization) -> None:
    reader = ApiKey.objects.issue(organization, name="r", scopes=[Scope.EVENTS_READ])[1]
    other = EventRuleFactory.create().organization
    assert get(key=reader).status_code == 403
    assert get(key="").status_code == 401
    assert get(f"/{other.slug}/api/event-rules").status_code == 404


def test_it_costs_the_same_however_many_rules_there_are(
    get: Get, organization: Organization, django_assert_num_queries: Any
) -> None:
    get()
    for n in range(6):
        group = ActorGroupFactory.create(organization=organization)
        EventRuleFactory.create(organization=organization, pattern=f"p{n}", group=group)
        with django_assert_num_queries(4):  # the key, its rate, the rules, their groups
            get()
