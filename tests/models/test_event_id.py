from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

import uuid6
from hypothesis import given
from hypothesis import strategies as st

from audit.models import event_id, keyed_tail, lowest_id, time_of

moments = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 -- hypothesis adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(moments)
def test_an_id_is_a_version_7_uuid_that_tells_its_time(moment: datetime) -> None:
    id = event_id(moment)
    assert (id.version, id.variant) == (7, RFC_4122)
    milliseconds = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert time_of(id) == milliseconds
    # Another implementation reads the same milliseconds out of it.
    assert uuid6.UUID(int=id.int).time == round(milliseconds.timestamp() * 1000)


@given(moments, moments)
def test_ids_sort_as_their_times_do_to_the_microsecond(one: datetime, other: datetime) -> None:
    if one != other:
        assert (event_id(one) < event_id(other)) == (one < other)


@given(moments)
def test_a_time_range_includes_its_first_microsecond_and_not_the_one_before(
    moment: datetime,
) -> None:
    assert lowest_id(moment) <= event_id(moment, tail=0)
    if moment > datetime(1970, 1, 2, tzinfo=UTC):
        assert event_id(moment - timedelta(microseconds=1), tail=2**62 - 1) < lowest_id(moment)


def test_the_same_idempotency_key_gives_the_same_tail_in_one_organization_only() -> None:
    one, other = b"salt of one", b"salt of another"
    assert keyed_tail(one, "import-1") == keyed_tail(one, "import-1")
    assert keyed_tail(one, "import-1") != keyed_tail(one, "import-2")
    assert keyed_tail(one, "import-1") != keyed_tail(other, "import-1")
    assert keyed_tail(one, "import-1") < 2**62
