from datetime import UTC, datetime
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count

from audit.browsing import Criterion, EventFilterSet, choices, newest_first
from audit.event_types import registry
from audit.management.bench import vocabulary
from audit.management.bench.cases import CASES, Log
from audit.management.bench.filling import Filling, whole_days
from audit.management.bench.measuring import measure
from audit.management.commands.bench import report
from audit.models import Event, Organization, Word, event_id, time_of
from audit.models.words import searchable
from audit.recording.words import is_learnt


@pytest.fixture
def filled(db: None) -> Organization:
    call_command("generate_events", organization="bench", count=3_000, days=40, jobs=1, verbosity=0)
    return Organization.objects.get(slug="bench")


def test_events_are_as_many_as_asked_for_and_whole(filled: Organization) -> None:
    events = list(Event.objects.in_organization(filled.pk))
    assert len(events) == 3_000
    now = datetime.now(UTC)
    for event in events[::50]:
        tail = event.id.int & (2**62 - 1)
        assert event.id == event_id(event.occurred_at, tail)
        assert (now - event.occurred_at).days <= 40
        assert 5 <= len(event.details) <= 6
    assert max(time_of(event.id) for event in events) <= now


def test_some_values_are_frequent_and_some_are_rare(filled: Organization) -> None:
    events = Event.objects.in_organization(filled.pk)
    counts = events.values_list("actor_id").annotate(n=Count("id")).order_by("-n")
    assert counts[0][0] == vocabulary.actor_id(1)
    assert counts[0][1] > 50 * counts[len(counts) - 1][1]
    common, other, _ = vocabulary.SPECIAL_TAGS.values()
    for tag in (common, other):
        assert events.matching(Criterion("tag", (tag,))).count() > 300
    never = events.matching(Criterion("tag", (common,)), Criterion("tag", (other,)))
    assert newest_first(never).events == []


def test_what_is_generated_can_be_chosen(filled: Organization) -> None:
    assert len(choices(filled, "details.namespace", limit=100)) == 40
    assert "prod" in [choice.value for choice in choices(filled, "deployment")]
    used = set(Event.objects.values_list("event_type", flat=True))
    assert used <= {choice.value for choice in choices(filled, "event_type", limit=100)}


def test_generated_events_have_their_words(filled: Organization) -> None:
    for event in Event.objects.in_organization(filled.pk)[::100]:
        texts = (registry.label(event.event_type), event.summary, event.resource_name,
                 event.resource_id, event.resource_type, event.actor_name, event.actor_id,
                 event.deployment, *event.details.values())  # fmt: skip
        assert set(event.words.split()) == set(searchable(texts).split())
        learnt = {word for word in event.words.split() if is_learnt(word)}
        known = Word.objects.filter(organization=filled, word__in=learnt)
        assert learnt - set(known.values_list("word", flat=True)) <= ticket_words(event)


def ticket_words(event: Event) -> set[str]:
    """A ticket may by chance be written in letters alone."""
    return set(searchable([event.details.get("ticket", "")]).split())


def test_events_are_not_mixed_into_a_log_that_has_some(filled: Organization) -> None:
    with pytest.raises(CommandError, match="never removed"):
        call_command("generate_events", organization="bench", count=1, verbosity=0)
    call_command(
        "generate_events",
        organization="bench", count=10, days=1, jobs=1, add=True, seed=2, verbosity=0,
    )  # fmt: skip
    assert Event.objects.in_organization(filled.pk).count() == 3_010


def test_several_organizations_share_the_events_unevenly(db: None) -> None:
    call_command(
        "generate_events",
        organization="bench", organizations=5, count=2_000, days=3, jobs=1, verbosity=0,
    )  # fmt: skip
    counts = Event.objects.values_list("organization__slug").annotate(n=Count("id")).order_by("-n")
    assert counts[0][0] == "bench"
    assert 1_100 < counts[0][1] < 1_300
    assert len(counts) == 5


def test_nonsense_is_refused(db: None) -> None:
    for option in ("count", "days", "organizations", "jobs"):
        with pytest.raises(CommandError, match=option):
            call_command(
                "generate_events", **{"organization": "bench", "count": 1, option: 0}, verbosity=0
            )


def test_partitions_are_as_narrow_as_the_load_asks(organization: Organization) -> None:
    since, until = whole_days(30, datetime(2026, 3, 20, 12, tzinfo=UTC))
    widths = [
        Filling(organizations=[organization], count=count, since=since, until=until).width
        for count in (100_000, 1_000_000, 10_000_000)
    ]
    assert widths == ["month", "week", "day"]


def test_every_kind_of_search_of_the_bench_can_be_made(filled: Organization) -> None:
    log = Log([filled], *whole_days(40, datetime.now(UTC)), Random(1))
    for case in CASES:
        draw = log.draw(case)
        events = Event.objects.in_organization(filled.pk)
        asked = EventFilterSet(draw.filters, queryset=events)
        assert not asked.errors
        expected = asked.qs.order_by("-id")
        if draw.cursor:
            expected = expected.filter(id__lt=draw.cursor)
        page = newest_first(asked.qs, cursor=draw.cursor)
        assert page.events == list(expected[:50])


def test_the_bench_reports_every_kind_of_search(filled: Organization) -> None:
    log = Log([filled], *whole_days(40, datetime.now(UTC)), Random(1))
    results = list(measure(log, CASES, draws=1))
    lines = list(report(3_000, 1, results))
    assert [line.split("|")[1] for line in lines[4:]] == [case.name for case in CASES]
    assert all(result.statements for result in results)
