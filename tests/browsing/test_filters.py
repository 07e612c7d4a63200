from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from audit.browsing import Chip, Criterion, EventFilterSet, Period, Value
from audit.browsing.filters import MAX_VALUES
from audit.models import Event, Organization
from tests.factories import EventFactory


def filters(query: str) -> EventFilterSet:
    return EventFilterSet(QueryDict(query), queryset=Event.objects.in_organization(1))


def errors(query: str) -> dict[str, list[str]]:
    asked = filters(query)
    assert asked.qs.query.is_empty() == bool(asked.errors)
    return {name: list(reasons) for name, reasons in asked.errors.items()}


@given(st.builds(Value, st.text(min_size=1), st.booleans()))
def test_a_value_survives_its_url(value: Value) -> None:
    assert Value.parse(str(value)) == value


def test_a_dash_excludes_unless_it_is_escaped() -> None:
    assert Value.parse("-prod") == Value("prod", excluded=True)
    assert Value.parse(r"\-prod") == Value("-prod")
    assert Value.parse(r"-\-prod") == Value(r"\-prod", excluded=True)
    assert Value.parse(r"\prod") == Value(r"\prod")


def test_parameters_become_criteria() -> None:
    query = "actor=ada&actor=ben&actor=-cleo&tag=ns:a&tag=env:x&tag=ns:b&tag=-ns:c&change=&x=y"
    assert filters(query).criteria == (
        Criterion("actor", ("ada", "ben")),
        Criterion("actor", ("cleo",), excluded=True),
        Criterion("tag", ("env:x",)),
        Criterion("tag", ("ns:a", "ns:b")),
        Criterion("tag", ("ns:c",), excluded=True),
    )


def test_the_queryset_knows_what_it_is_filtered_by() -> None:
    asked = filters("actor=ada&since=2026-11-22T14:00:00Z")
    since = datetime(2026, 11, 22, 14, tzinfo=UTC)
    assert asked.qs.criteria == (Criterion("actor", ("ada",)), Period(since))
    assert (asked.since, asked.until) == (since, None)


def test_without_parameters_everything_is_found(organization: Organization) -> None:
    EventFactory.create(organization=organization)
    visible = Event.objects.in_organization(organization.pk)
    for data in (QueryDict(), None):
        asked = EventFilterSet(data, queryset=visible)
        assert asked.qs.count() == 1
        assert asked.chips == ()
        assert asked.since is None


@pytest.mark.parametrize(
    ("query", "param", "message"),
    [
        ("change=renamed", "change", "change must be created, updated, deleted or other"),
        ("tag=namespace", "tag", "tag must be key:value"),
        ("tag=-namespace", "tag", "tag must be key:value"),
        ("ip=1.2.3", "ip", "ip must be an IPv4 or IPv6 address"),
        ("resource=flow", "resource", "resource must be type/id"),
        ("actor=-", "actor", "actor must be text"),
        ("actor=%00", "actor", "actor must be text"),
        ("session=" + "x" * 5000, "session", "session has 5,000 characters"),
        ("since=never", "since", "since must be a time"),
        ("until=2026-02-30", "until", "until must be a time"),
        ("since=now&until=now-1h", "since", "since must not be later than until."),
    ],
)
def test_a_wrong_value_is_an_error_that_names_the_parameter(
    query: str, param: str, message: str
) -> None:
    (reasons,) = [errors(query)[param]]
    assert reasons[0].startswith(message)


def test_every_wrong_value_is_named() -> None:
    assert len(errors("tag=a&tag=b&tag=c:d")["tag"]) == 2


def test_too_many_values_are_refused_together() -> None:
    query = "&".join(f"actor=a{n}&session=s{n}" for n in range(MAX_VALUES // 2))
    assert errors(query) == {}
    assert errors(f"{query}&ip=::1") == {
        "__all__": ["At most 50 values can be filtered by at once, not 51."]
    }


@given(st.dictionaries(st.sampled_from([*EventFilterSet.base_filters, "x"]), st.text(), max_size=5))
def test_no_query_breaks_the_filters(parameters: dict[str, str]) -> None:
    data = QueryDict(mutable=True)
    data.update(parameters)
    asked = EventFilterSet(data, queryset=Event.objects.in_organization(1))
    assert asked.qs.query.is_empty() == bool(asked.errors)
    assert all(isinstance(chip, Chip) for chip in asked.chips)


def test_local_times_are_in_the_zone_of_the_viewer() -> None:
    with timezone.override(ZoneInfo("Europe/Warsaw")):
        asked = filters("since=2026-11-22T14:00")
        assert asked.since == datetime(2026, 11, 22, 13, tzinfo=UTC)
        assert asked.chips[0].text == "since 22 Nov 2026, 14:00"


def test_each_value_is_a_chip_that_can_be_taken_away() -> None:
    query = r"actor=\-ada&actor=-ben&event_type=schedule.updated&tag=ns:a&since=now-24h&cursor=c"
    chips = filters(query).chips
    assert [(c.param, c.value, c.label, c.text, c.excluded) for c in chips] == [
        ("actor", r"\-ada", "User", "-ada", False),
        ("actor", "-ben", "User", "ben", True),
        ("event_type", "schedule.updated", "Event type", "Update schedule", False),
        ("tag", "ns:a", "Details", "ns:a", False),
        ("since", "now-24h", "Time", "last 24 hours", False),
    ]
    request = RequestFactory().get(f"/?{query}")
    links = [
        Template("{% querystring request.GET chip.without %}").render(
            Context({"request": request, "chip": chip})
        )
        for chip in chips
    ]
    without_first = QueryDict(links[0].replace("&amp;", "&").removeprefix("?"))
    assert without_first.getlist("actor") == ["-ben"]
    assert "cursor" not in without_first
    assert without_first["since"] == "now-24h"
    assert "since" not in QueryDict(links[4].replace("&amp;", "&").removeprefix("?"))


def test_adding_a_value_takes_the_place_of_its_opposite() -> None:
    asked = filters("actor=ada&actor=-ben")
    assert asked.adding("actor", Value("cleo"))["actor"] == ["ada", "-ben", "cleo"]
    assert asked.adding("actor", Value("ben"))["actor"] == ["ada", "ben"]
    assert asked.adding("actor", Value("ada", excluded=True))["actor"] == ["-ben", "-ada"]
    assert asked.adding("actor", Value("ada"))["actor"] == ["-ben", "ada"]
    assert asked.without("actor", Value("ben", excluded=True))["actor"] == ["ada"]


def test_values_are_found_whatever_they_look_like(organization: Organization) -> None:
    odd = [
        "-dash",
        r"\-",
        "100%",
        "%s",
        "a'b\"c",
        "{x}",
        "ns:a",
        "ü",
        "a/b",
        "🙂",
        "x,y",
        " ",
        "'; --",
    ]
    for text in odd:
        EventFactory.create(
            organization=organization,
            details={"odd": text},
            session=text,
            resource={"type": text, "id": text},
            actor={"kind": "user", "id": text},
        )
    visible = Event.objects.in_organization(organization.pk)
    for text in odd:
        data = QueryDict(mutable=True)
        data["tag"] = str(Value(f"odd:{text}"))
        data["session"] = data["actor"] = str(Value(text))
        data["resource"] = str(Value(f"{text}/{text}"))
        asked = EventFilterSet(data, queryset=visible)
        assert not asked.errors
        assert [event.session for event in asked.qs] == [text]
        data["session"] = str(Value(text, excluded=True))
        assert list(EventFilterSet(data, queryset=visible).qs) == []
