from typing import Any

import pytest

from audit.models import Event, Organization, Word
from audit.recording import record, record_many, words
from tests.recording.test_record import events

MARA = {"kind": "user", "id": "mara.ito@acme.dev", "name": "Mara Żak", "impersonator": "lena"}


def learnt(organization: Organization) -> list[str]:
    return list(Word.objects.filter(organization=organization).values_list("word", flat=True))


def test_an_event_is_found_by_its_texts_and_the_label_of_its_type(
    organization: Organization,
) -> None:
    made = record(
        organization,
        event_type="schedule.updated",
        actor=MARA,
        summary="Paused nightly",
        resource={"type": "schedule", "id": "s-1", "name": "Nightly revenue"},
        deployment="prod",
        details={"note": "too LATE", "other": "paused nightly"},
    )
    stored = Event.objects.get(organization=organization, id=made.id)
    assert stored.words == made.words
    assert stored.words.split("  ") == [
        " update schedule", "paused nightly", "nightly revenue", "s 1", "mara zak",
        "mara ito acme dev", "lena", "prod", "too late ",
    ]  # fmt: skip


def test_however_events_are_recorded_they_have_words(organization: Organization) -> None:
    record_many(organization, events(30, summary="Copied"))
    record_many(organization, events(30, summary="Merged", idempotency_key="k"))
    assert Event.objects.filter(words="").count() == 0


def test_words_are_learnt_after_the_commit(
    organization: Organization, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        record_many(
            organization, events(2, summary=f"Żółw T-20261122 b2b {'x' * 33}", details={"n": "404"})
        )
    assert {"zolw", "t", "b2b", "mara"} <= set(learnt(organization))
    assert not {"20261122", "404", "x" * 33} & set(learnt(organization))


def test_words_already_known_cost_no_query(
    organization: Organization, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        record_many(organization, events(2))
    with django_capture_on_commit_callbacks() as callbacks:
        record_many(organization, events(2))
    assert not any("learn_words" in repr(callback) for callback in callbacks)


def test_a_dictionary_that_is_full_learns_no_more(
    organization: Organization,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(words, "MAX_WORDS_LEARNT", 12)
    for letter in "abc":
        with django_capture_on_commit_callbacks(execute=True):
            record_many(organization, events(1, summary=" ".join(letter * n for n in range(1, 9))))
    assert len(learnt(organization)) == 12
    assert organization.pk in words._full
