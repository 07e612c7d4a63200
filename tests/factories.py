"""What tests are made of. Times are fixed, so that a test means the same tomorrow."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from factory import LazyAttribute, LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from audit.models import (
    ActorGroup,
    Event,
    EventRule,
    Membership,
    Organization,
    Role,
    RuleScope,
)
from audit.recording import record

START = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
PASSWORD = "correct horse battery staple"


class UserFactory(DjangoModelFactory[Any]):
    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    email = Sequence(lambda n: f"person{n}@acme.example")

    @classmethod
    def _create(cls, model_class: type[Any], *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("password", PASSWORD)
        return model_class.objects.create_user(*args, **kwargs)


class OrganizationFactory(DjangoModelFactory[Organization]):
    class Meta:
        model = Organization

    slug = Sequence(lambda n: f"organization-{n}")
    name = LazyAttribute(lambda o: o.slug.replace("-", " ").title())


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = SubFactory(UserFactory)
    organization = SubFactory(OrganizationFactory)
    role = Role.ADMIN


class EventFactory(DjangoModelFactory[Event]):
    """A recorded event: each attribute is a field of an event as JSON has it."""

    class Meta:
        model = Event

    organization = SubFactory(OrganizationFactory)
    occurred_at = Sequence(lambda n: START + timedelta(seconds=n))
    event_type = "schedule.updated"
    actor = LazyFunction(lambda: {"kind": "user", "id": "mara.ito@acme.dev", "name": "Mara Ito"})

    @classmethod
    def _create(cls, model_class: type[Event], *args: Any, **kwargs: Any) -> Event:
        return record(kwargs.pop("organization"), **kwargs)


class EventRuleFactory(DjangoModelFactory[EventRule]):
    """A rule in force: nothing of Datagrok's viewers, by nobody, for ever."""

    class Meta:
        model = EventRule

    organization = SubFactory(OrganizationFactory)
    scope = RuleScope.TYPE
    pattern = "viewer-rendered"
    reason = "Too many"


class ActorGroupFactory(DjangoModelFactory[ActorGroup]):
    class Meta:
        model = ActorGroup

    organization = SubFactory(OrganizationFactory)
    name = Sequence(lambda n: f"Group {n}")
    actors = LazyFunction(lambda: ["etl-*", "mara.ito@acme.dev"])
