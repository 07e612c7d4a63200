from datetime import UTC, datetime
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from audit.browsing import EventFilterSet, completions
from audit.browsing.completions import MEANINGS, Option, offer
from audit.browsing.grammar import FIELDS, OFFERED, parse, rest_of
from audit.models import Event, Organization
from audit.recording import record_many
from tests.browsing.logs import make_partitions
from tests.browsing.test_asking import made_up, meets
from tests.factories import EventFactory

NOW = datetime(2026, 11, 25, 15, tzinfo=UTC)


@pytest.fixture
def log(organization: Organization, django_capture_on_commit_callbacks: Any) -> list[Event]:
    make_partitions()
    random = Random(7)
    with django_capture_on_commit_callbacks(execute=True):
        record_many(organization, [_made_up(random, n) for n in range(120)])
    return list(Event.objects.order_by("-id"))


def _made_up(random: Random, n: int) -> dict[str, Any]:
    event = made_up(random, n)
    event["deployment"] = random.choice(["", "prod", "staging"])
    event["outcome"] = random.choice(["success", "failure"])
    event["request_id"] = random.choice(["", "req_1"])
    return event


def options(organization: Organization, marked: str, **filters: str) -> list[Option]:
    return [
        option for _, group in offered(organization, marked, **filters).groups for option in group
    ]


def offered(organization: Organization, marked: str, **filters: str) -> completions.Offer:
    text, cursor = marked.replace("|", ""), marked.index("|")
    data = QueryDict(urlencode({"q": rest_of(text, cursor), **filters}))
    rest = EventFilterSet(data, queryset=Event.objects.in_organization(organization.pk))
    return offer(organization, text, cursor, rest, NOW)


def test_every_name_that_is_offered_is_explained() -> None:
    assert set(MEANINGS) == set(OFFERED)


def test_all_names_are_offered_before_anything_is_typed(
    organization: Organization, log: list[Event]
) -> None:
    names = [option.name for option in options(organization, "|")]
    assert names == [*(f"{name}:" for name in OFFERED), "actor:", "ns:", "odd key:"]


def test_a_name_is_found_by_what_others_call_it(organization: Organization) -> None:
    assert [option.name for option in options(organization, "use|")] == ["actor:"]


@pytest.mark.parametrize("rest", ["", "revenue", "-actor:mara.* ns:*", "outcome:failure"])
@pytest.mark.parametrize("field", [*FIELDS, "ns", '"odd key"', "details.actor"])
def test_values_are_counted_as_the_events_have_them(
    organization: Organization, log: list[Event], field: str, rest: str
) -> None:
    found = [event for event in log if meets(event, parse(rest))]
    for option in options(organization, f"{field}:| {rest}"):
        asked = parse(option.text.removesuffix(rest))
        assert option.count == sum(meets(event, asked) for event in found), option


@pytest.mark.parametrize("field", sorted(set(FIELDS) - {"impersonator", "branch"}))
def test_every_field_has_values_to_offer(
    organization: Organization, log: list[Event], field: str
) -> None:
    assert any(option.count for option in options(organization, f"{field}:|"))


def test_more_events_than_are_counted_are_said_to_be(
    organization: Organization, log: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert offered(organization, "deployment:|").counted.startswith("Counted in all 120 events")
    monkeypatch.setattr(completions, "COUNTED", 50)
    made = offered(organization, "kind:|")
    assert made.counted == "Counted in the newest 50 events that the rest finds."
    assert [option.count for _, group in made.groups for option in group] == [50, None, None, None]


def test_alternatives_do_not_keep_each_other_out_of_the_counts(
    organization: Organization, log: list[Event]
) -> None:
    alone = options(organization, "deployment:|")
    made = options(organization, "deployment:staging,|")
    assert [option.count for option in made] == [option.count for option in alone]
    assert made[0].text == f"deployment:staging,{made[0].name} "


def test_a_resource_is_offered_by_type_and_by_its_name(
    organization: Organization, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        EventFactory.create(
            organization=organization,
            resource={"type": "flow", "id": "rev", "name": "Nightly revenue"},
        )
    names = [option.name for option in options(organization, "resource:|")]
    assert names == ["flow", "flow/rev"]
    assert [option.name for option in options(organization, "resource:nightly|")] == ["flow/rev"]
    assert [option.name for option in options(organization, "resource:flow/|")] == ["flow/rev"]


@pytest.mark.parametrize(
    ("marked", "first"),
    [
        ("since:|", "2026-11-25"),
        ("since:yest|", "2026-11-24"),
        ("until:1h|", "now-1h"),
        ("time:24|", "2026-11-24"),
        ("time:tues|", "2026-11-24"),
        ("since:Sun|", "2026-11-22"),
        ("until:week|", "2026-11-18"),
        ("time:7d|", "now-7d.."),
    ],
)
def test_times_are_offered_by_what_people_call_them(
    organization: Organization, marked: str, first: str
) -> None:
    made = options(organization, marked)
    assert made[0].name == first
    for option in made:
        parse(option.text)


def test_words_are_offered_once_two_letters_are_typed(
    organization: Organization, log: list[Event]
) -> None:
    assert [option.name for option in options(organization, "ZAK|")] == ["zak", "zaklad"]
    assert options(organization, "zak|")[1].text == "zaklad "
    assert options(organization, '"nightly re|') == []
    assert [option.text for option in options(organization, "*kla*| x")] == ["zaklad x"]
    assert not [option for option in options(organization, "z|") if "zak" in option.name]
