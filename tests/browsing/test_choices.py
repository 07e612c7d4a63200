from typing import Any

import pytest

from audit.browsing import Choice, choices, offered
from audit.models import DictionaryEntry, Organization
from tests.factories import OrganizationFactory


def known(organization: Organization, field: str, *values: str | tuple[str, str]) -> None:
    pairs = [(value, "") if isinstance(value, str) else value for value in values]
    DictionaryEntry.objects.bulk_create(
        DictionaryEntry(organization=organization, field=field, value=value, label=label)
        for value, label in pairs
    )


def found(organization: Organization, contains: str, field: str = "actor") -> list[str]:
    return [choice.value for choice in choices(organization, field, contains)]


@pytest.fixture
def people(organization: Organization) -> Organization:
    known(
        organization,
        "actor",
        ("mara.ito@acme.dev", "Mara Ito"),
        ("u-17", "José Ramírez"),
        ("strasse@acme.dev", "Ida Straße"),
        "ci_100%",
        "tamara@acme.dev",
    )
    return organization


@pytest.mark.parametrize(
    ("contains", "values"),
    [
        ("mara", ["mara.ito@acme.dev", "tamara@acme.dev"]),
        ("MARA I", ["mara.ito@acme.dev"]),
        ("ito", ["mara.ito@acme.dev"]),
        ("jose ram", ["u-17"]),
        ("ramí", ["u-17"]),
        ("STRASSE", ["strasse@acme.dev"]),
        ("100%", ["ci_100%"]),
        ("_", ["ci_100%"]),
        ("%", ["ci_100%"]),
        ("nobody", []),
    ],
)
def test_choices_hold_the_text_whatever_its_case_and_accents(
    people: Organization, contains: str, values: list[str]
) -> None:
    assert found(people, contains) == values


def test_without_a_text_choices_are_in_order_of_their_labels(people: Organization) -> None:
    assert choices(people, "actor")[1] == Choice("strasse@acme.dev", "Ida Straße")
    assert len(choices(people, "actor", limit=2)) == 2


def test_event_types_are_found_by_their_label(organization: Organization) -> None:
    known(organization, "event_type", "schedule.updated", "my.own")
    assert choices(organization, "event_type", "update sch") == [
        Choice("schedule.updated", "Update schedule")
    ]
    assert choices(organization, "event_type", "my.") == [Choice("my.own", "my.own")]


def test_choices_of_another_organization_are_not_offered(people: Organization) -> None:
    other = OrganizationFactory.create()
    assert choices(other, "actor") == []
    assert not any(offered(other).values())


def test_offered_takes_one_query_however_much_is_known(
    people: Organization, django_assert_num_queries: Any
) -> None:
    known(people, "details", *(f"key{n:02}" for n in range(12)))
    for n in range(12):
        known(people, f"details.key{n:02}", *(f"v{m:02}" for m in range(20)))
    with django_assert_num_queries(1):
        values = offered(people, per_field=3)
    assert [choice.value for choice in values["details.key03"]] == ["v00", "v01", "v02"]
    assert "details.key08" not in values
    assert len(values["actor"]) == 3
    assert values["deployment"] == []
