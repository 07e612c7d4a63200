from ipaddress import IPv6Address

import pytest
from django.db import connection
from hypothesis import example, given, settings
from hypothesis import strategies as st

from audit.browsing import FIELDS, Criterion, InvalidValue
from audit.browsing.criteria import tag_criteria
from audit.browsing.fields import MAX_VALUE_LENGTH
from audit.models import Organization
from tests.factories import EventFactory


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("change", "renamed", "change must be created, updated, deleted or other, not “renamed”."),
        ("outcome", "", "outcome must be text that an event can hold."),
        ("tag", "namespace", "tag must be key:value, as in namespace:prod, not “namespace”."),
        ("tag", ":prod", "tag must be key:value, as in namespace:prod, not “:prod”."),
        ("resource", "flow", "resource must be type/id, as in flow/nightly, not “flow”."),
        ("resource", "flow/", "resource must be type/id, as in flow/nightly, not “flow/”."),
        ("ip", "203.0.113", "ip must be an IPv4 or IPv6 address, not “203.0.113”."),
        ("ip", "fe80::1%eth0", "ip must be an address without a zone, not “fe80::1%eth0”."),
        ("actor", "a\0b", "actor must be text that an event can hold."),
        ("actor", "a\ud800", "actor must be text that an event can hold."),
        ("colour", "red", "colour is not something to filter events by."),
    ],
)
def test_a_value_no_event_can_have_is_an_error_that_names_it(
    field: str, value: str, message: str
) -> None:
    with pytest.raises(InvalidValue) as raised:
        Criterion(field, (value,))
    assert str(raised.value) == message


def test_a_value_may_be_as_long_as_events_hold() -> None:
    assert Criterion("session", ("x" * MAX_VALUE_LENGTH,))
    with pytest.raises(InvalidValue, match="at most"):
        Criterion("session", ("x" * (MAX_VALUE_LENGTH + 1),))


def test_a_criterion_needs_a_value() -> None:
    with pytest.raises(InvalidValue, match="actor needs a value"):
        Criterion("actor", ())


def test_values_are_alternatives_once_each() -> None:
    assert Criterion("ip", ("2001:db8:0::1", "2001:DB8::1")).values == ("2001:db8::1",)


def test_the_values_of_one_tag_are_alternatives_and_tags_are_not() -> None:
    assert tag_criteria(["ns:a", "env:x", "ns:b:c"]) == [
        Criterion("tag", ("env:x",)),
        Criterion("tag", ("ns:a", "ns:b:c")),
    ]


@pytest.mark.django_db
def test_addresses_are_spelled_as_postgresql_does() -> None:
    words = st.lists(st.sampled_from(["0", "0", "1", "102", "ffff"]), min_size=8, max_size=8)

    @given(st.ip_addresses(v=6) | words.map(lambda given: IPv6Address(":".join(given))))
    @example(IPv6Address("::ffff:1.2.3.4"))
    @example(IPv6Address("::1.2.3.4"))
    @example(IPv6Address("::1"))
    @example(IPv6Address("::2"))
    @example(IPv6Address("::"))
    @settings(max_examples=200, deadline=None)
    def check(address: IPv6Address) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT host(%s::inet)", [str(address)])
            (spelled,) = cursor.fetchone()
        assert Criterion("ip", (str(address),)).values == (spelled,)

    check()


def test_terms_are_those_of_the_index(organization: Organization) -> None:
    event = EventFactory.create(
        organization=organization,
        deployment="prod",
        branch_deployment="b",
        resource={"type": "flow", "id": "nightly"},
        session="s",
        ip="::ffff:1.2.3.4",
        request_id="r",
        details={"ns": "a:b"},
        actor={"kind": "user", "id": "mara", "impersonator": "lena"},
    )
    values = {"tag": "ns:a:b", "resource": "flow/nightly", "actor": "mara", "impersonator": "lena"}
    asked = [Criterion(f, (values.get(f) or str(getattr(event, f)),)) for f in FIELDS]
    terms = [term for one in asked for term in one.terms] + ["has=ns"]
    terms += [f"word={word}" for word in set(event.words.split())]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ARRAY(SELECT unnest(terms) ORDER BY 1),"
            " ARRAY(SELECT unnest(audit_terms(%s, %s::text[])) ORDER BY 1) FROM audit_event",
            [organization.pk, terms],
        )
        stored, made = cursor.fetchone()
    assert stored == made
