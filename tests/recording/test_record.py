from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from audit.diff import loads
from audit.models import Event, Organization, Snapshot
from audit.recording import InvalidEvent, record, record_many
from tests.factories import START, EventFactory

MARA = {"kind": "user", "id": "mara.ito@acme.dev", "name": "Mara Ito"}


def events(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [
        {
            "occurred_at": START + timedelta(minutes=n),
            "event_type": "flow.updated",
            "actor": MARA,
            "before": {"n": n},
            "after": {"n": n + 1},
            "details": {"n": n},
            **fields,
        }
        for n in range(count)
    ]


def keyed(count: int) -> list[dict[str, Any]]:
    return [event | {"idempotency_key": f"k{n}"} for n, event in enumerate(events(count))]


def test_a_recorded_event_can_be_read_back(organization: Organization) -> None:
    event = record(
        organization,
        event_type="schedule.updated",
        actor=MARA | {"impersonator": "root@acme.dev"},
        resource={"id": "nightly_revenue", "name": "Nightly revenue"},
        details={"namespace": "company.finance"},
        deployment="prod",
        ip="2001:db8::1",
        before={"paused": False},
        after={"paused": True},
    )
    stored = Event.objects.get(id=event.id)
    for field in Event._meta.concrete_fields:
        assert getattr(stored, field.attname) == getattr(event, field.attname), field.name
    assert stored.changed_paths == ["/paused"]
    assert datetime.now(UTC) - stored.recorded_at < timedelta(minutes=1)
    snapshot = Snapshot.objects.get(id=event.id)
    assert (snapshot.before, snapshot.after) == ('{"paused":false}', '{"paused":true}')


def test_an_event_without_snapshots_stores_none(organization: Organization) -> None:
    event = EventFactory.create(organization=organization)
    assert not Snapshot.objects.filter(id=event.id).exists()


def test_recording_is_part_of_the_surrounding_transaction(organization: Organization) -> None:
    with transaction.atomic():
        EventFactory.create(organization=organization)
        transaction.set_rollback(True)
    assert not Event.objects.exists()


def test_a_wrong_event_is_not_recorded(organization: Organization) -> None:
    with pytest.raises(InvalidEvent, match=r"actor\.kind"):
        record(organization, event_type="x", actor={"kind": "ghost", "id": "x"})
    assert not Event.objects.exists()


def test_the_same_idempotency_key_records_once(organization: Organization) -> None:
    first, second = (
        EventFactory.create(
            organization=organization, occurred_at=START, idempotency_key="k", after=1
        )
        for _ in range(2)
    )
    assert first == second
    assert Event.objects.count() == 1


@pytest.mark.parametrize("count", [3, 50])
def test_many_events_are_recorded_with_their_snapshots(
    organization: Organization, count: int
) -> None:
    result = record_many(organization, iter(events(count)))
    assert (result.recorded, result.duplicates, result.rejected) == (count, 0, [])
    assert [event.details for event in Event.objects.order_by("id")] == [
        {"n": str(n)} for n in range(count)
    ]
    assert Snapshot.objects.count() == count


@pytest.mark.parametrize("count", [3, 50])
def test_recording_many_twice_doubles_nothing(organization: Organization, count: int) -> None:
    record_many(organization, keyed(count - 1))
    result = record_many(organization, keyed(count) + keyed(count))
    assert (result.recorded, result.duplicates) == (1, 2 * count - 1)
    assert Event.objects.count() == Snapshot.objects.count() == count


def test_a_mixed_batch_stores_fresh_and_repeatable_events(organization: Organization) -> None:
    result = record_many(organization, [*keyed(30), *events(30), *keyed(30)])
    assert (result.recorded, result.duplicates) == (60, 30)


def test_wrong_events_are_named_and_the_others_stored(organization: Organization) -> None:
    batch = events(30)
    batch[7] |= {"actor": None}
    batch[9] |= {"ip": "nowhere", "outcome": "maybe"}
    result = record_many(organization, batch)
    assert result.recorded == Event.objects.count() == 28
    assert {r.index: [e.field for e in r.errors] for r in result.rejected} == {
        7: ["actor.kind", "actor.id"],
        9: ["outcome", "ip"],
    }


def test_events_of_any_month_find_their_partition(organization: Organization) -> None:
    for year in (1970, 1999, 2024):
        EventFactory.create(organization=organization, occurred_at=datetime(year, 2, 1, tzinfo=UTC))
    assert Event.objects.count() == 3


def test_text_survives_copy_and_insert_alike(organization: Organization) -> None:
    nasty = "tab\t newline\n back\\slash \\N {braces} 'quotes\" ü 佐藤 🙂 \x1b"
    for count in (1, 30):
        record_many(
            organization,
            events(count, summary=nasty, details={nasty.strip(): nasty}, before={nasty: nasty}),
        )
    assert set(Event.objects.values_list("summary", flat=True)) == {nasty}
    assert all(event.details == {nasty.strip(): nasty} for event in Event.objects.all())
    assert {loads(snapshot.before)[nasty] for snapshot in Snapshot.objects.all()} == {nasty}


def test_a_batch_costs_a_constant_number_of_queries(
    organization: Organization, django_assert_max_num_queries: Any
) -> None:
    record_many(organization, keyed(30))
    with django_assert_max_num_queries(12):
        record_many(organization, keyed(1_000))


def test_terms_are_salted_with_the_organization(organization: Organization) -> None:
    one = EventFactory.create(organization=organization)
    other = EventFactory.create()
    with connection.cursor() as cursor:
        cursor.execute("SELECT terms FROM audit_event WHERE id IN (%s, %s)", [one.id, other.id])
        first, second = (set(terms) for (terms,) in cursor.fetchall())
    assert not first & second
