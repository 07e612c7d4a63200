from typing import Any

import pytest

from audit.models import DictionaryEntry, Organization
from audit.recording import dictionary, record_many
from tests.recording.test_record import events


def values(organization: Organization, field: str) -> list[str]:
    entries = DictionaryEntry.objects.filter(organization=organization, field=field)
    return sorted(entries.values_list("value", flat=True))


def test_values_in_use_are_learnt_after_the_commit(
    organization: Organization, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        record_many(organization, events(3, deployment="prod", details={"flow": "a:b"}))
    assert values(organization, "actor") == ["mara.ito@acme.dev"]
    assert DictionaryEntry.objects.get(field="actor").label == "Mara Ito"
    assert values(organization, "deployment") == ["prod"]
    assert values(organization, "details") == ["flow"]
    assert values(organization, "details.flow") == ["a:b"]


def test_a_field_with_too_many_values_stops_learning(
    organization: Organization,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dictionary, "MAX_VALUES_PER_FIELD", 10)
    for start in (0, 8, 16):
        with django_capture_on_commit_callbacks(execute=True):
            record_many(organization, events(24)[start:])
    assert len(values(organization, "details.n")) == 10
    assert "details.n" in dictionary._full[organization.pk]


def test_values_already_known_cost_no_query(
    organization: Organization,
    django_capture_on_commit_callbacks: Any,
    django_assert_num_queries: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        record_many(organization, events(2))
    with django_capture_on_commit_callbacks() as callbacks:
        record_many(organization, events(2))
    assert not any("_learn" in repr(callback) for callback in callbacks)


def test_long_values_are_not_offered(
    organization: Organization, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        record_many(organization, events(1, details={"sql": "x" * 201, "short": "x" * 200}))
    assert values(organization, "details.sql") == []
    assert values(organization, "details.short") == ["x" * 200]
