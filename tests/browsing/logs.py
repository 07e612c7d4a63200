"""A small log over several partitions and organisations, and what a search of it must find."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from random import Random
from typing import Any

from django.db import connection

from audit.browsing import Criterion, Period
from audit.models import Event, Organization, event_id
from tests.factories import OrganizationFactory

START = datetime(2026, 1, 5, tzinfo=UTC)
END = datetime(2026, 6, 20, tzinfo=UTC)
# Moments that several events share, so that order is a matter of ids too.
_BURSTS = [START + timedelta(days=n * 17, microseconds=n * 333) for n in range(10)]

ACTORS = ["ada", "ben", "-cleo", "dän", "eva:x"]
TYPES = ["run.launched", "schedule.updated", "secret.deleted"]
DEPLOYMENTS = ["", "prod", "staging"]
RESOURCES = [("", ""), ("flow", "a"), ("flow", "a/b"), ("flow/a", "b"), ("", "a"), ("flow", "")]
CHANGES = ["created", "updated", "deleted", "other"]
IPS = [None, "203.0.113.7", "2001:db8::1", "::ffff:203.0.113.7"]
TAGS = {"ns": ["a", "b", "a:b", ""], "flow": ["x", "y"], "actor": ["ada", "ben"]}
SESSIONS = ["", "s_1", "s_2"]


def made_up(random: Random, organization: Organization) -> Event:
    at = (
        random.choice(_BURSTS) if random.random() < 0.3 else START + (END - START) * random.random()
    )
    resource_type, resource_id = random.choice(RESOURCES)
    keys = random.sample(sorted(TAGS), k=random.randint(0, len(TAGS)))
    return Event(
        organization=organization,
        id=event_id(at, random.getrandbits(62)),
        occurred_at=at,
        actor_kind="user",
        actor_id=random.choice(ACTORS),
        event_type=random.choice(TYPES),
        deployment=random.choice(DEPLOYMENTS),
        resource_type=resource_type,
        resource_id=resource_id,
        change=random.choice(CHANGES),
        ip=random.choice(IPS),
        session=random.choice(SESSIONS),
        details={key: random.choice(TAGS[key]) for key in keys},
    )


def make_log(size: int = 200, seed: int = 1) -> list[Organization]:
    """Two organisations whose events lie between each other's, in months, weeks and days."""
    random = Random(seed)
    organizations = [OrganizationFactory.create(), OrganizationFactory.create()]
    make_partitions()
    for organization in organizations:
        Event.objects.bulk_create(made_up(random, organization) for _ in range(size))
    return organizations


def make_partitions() -> None:
    """Months, but one of weeks, and one that ends in days."""
    with connection.cursor() as cursor:
        for n in range((END - START).days + 1):
            day = START + timedelta(days=n)
            width = (
                "week" if day.month == 3 else "day" if (day.month, day.day) > (6, 15) else "month"
            )
            cursor.execute("SELECT audit_ensure_partition(%s, %s)", [day, width])


def is_match(event: Event, asked: Criterion | Period) -> bool:
    """What a criterion means, without SQL."""
    if isinstance(asked, Period):
        return (asked.since is None or asked.since <= event.occurred_at) and (
            asked.until is None or event.occurred_at < asked.until
        )
    return bool(_values(event, asked.field) & set(asked.values)) != asked.excluded


def _values(event: Event, field: str) -> set[str]:
    if field == "tag":
        return {f"{key}:{value}" for key, value in event.details.items()}
    if field == "resource":
        known = event.resource_id != ""
        return {f"{event.resource_type}/{event.resource_id}"} if known else set()
    if field == "ip":
        return {str(ip_address(event.ip))} if event.ip else set()
    return {getattr(event, "actor_id" if field == "actor" else field)}


def matching(events: Sequence[Event], asked: Sequence[Any]) -> list[Event]:
    """The events that meet all of it, newest first."""
    found = [event for event in events if all(is_match(event, one) for one in asked)]
    return sorted(found, key=lambda event: event.id, reverse=True)
