"""What is stored is what was given, by whichever way it goes in."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from audit.models import Event, Organization
from audit.recording import record_many
from audit.recording.storing import COPY_FROM
from tests.factories import START, OrganizationFactory

_TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    | st.sampled_from('"\\{},\n\t'),
    max_size=12,
)
_KEY = _TEXT.filter(lambda key: key == key.strip() and key and ":" not in key)
_DETAILS = st.dictionaries(_KEY, _TEXT, max_size=4)


def events(details: dict[str, str], count: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "occurred_at": START.isoformat(),
            "actor": {"kind": "user", "id": "mara"},
            "event_type": "flow.updated",
            "details": details,
            "before": dict.fromkeys(details, 1),
            "after": {},
            **{name: f"{value}{n}" for name, value in more.items()},
        }
        for n in range(count)
    ]


class DetailsAndPaths(TestCase):
    @settings(max_examples=40)
    @given(_DETAILS)
    def test_are_the_same_by_insert_by_copy_and_by_merge(self, details: dict[str, str]) -> None:
        organization = OrganizationFactory.create()
        for count, more in ((1, {}), (COPY_FROM, {}), (COPY_FROM, {"idempotency_key": "k"})):
            assert record_many(organization, events(details, count, **more)).recorded == count
        stored = Event.objects.in_organization(organization.pk)
        masked = {key for key, value in stored[0].details.items() if value.startswith("[redacted ")}
        for event in stored:
            assert {k: v for k, v in event.details.items() if k not in masked} == {
                k: v for k, v in details.items() if k not in masked
            }
            assert len(event.changed_paths) == len(details)


@pytest.mark.parametrize("count", [1, COPY_FROM])
def test_keys_that_are_no_text_are_refused_by_either_way(
    organization: Organization, count: int
) -> None:
    wrong = [{**event, "after": {"a": [{1: "x"}]}} for event in events({}, count)]
    result = record_many(organization, wrong)
    assert len(result.rejected) == count
    assert "not text" in str(result.rejected[0].errors[0])
