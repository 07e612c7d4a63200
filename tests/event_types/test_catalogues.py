"""What holds for every declared type, whoever declares it."""

from collections import Counter

import pytest

from audit.event_types import audit_log, dagster, datagrok, imports, kestra, own, registry


def test_the_registry_holds_every_catalogue() -> None:
    declared = [
        *own.EVENT_TYPES,
        *audit_log.EVENT_TYPES,
        *imports.EVENT_TYPES,
        *dagster.EVENT_TYPES,
        *datagrok.EVENT_TYPES,
        *kestra.EVENT_TYPES,
    ]
    assert list(registry) == declared


@pytest.mark.parametrize(
    "names",
    [("Ann Lee", "nightly", "prod"), ("Ann Lee", None, None), (None, None, "prod"), ("", "", "")],
)
def test_every_sentence_renders_with_and_without_names(names: tuple[str | None, ...]) -> None:
    told = {event_type.slug: event_type.describe(*names) for event_type in registry}
    assert [slug for slug, text in told.items() if not reads_well(text)] == []


def test_every_sentence_tells_the_names_it_has_a_place_for() -> None:
    for event_type in registry:
        told = event_type.describe("Ann Lee", "nightly", "staging-eu")
        assert ("Ann Lee" in told) == ("{actor}" in event_type.sentence)
        assert ("nightly" in told) == ("{resource}" in event_type.sentence)
        assert ("staging-eu" in told) == ("{deployment}" in event_type.sentence)


def test_every_sentence_has_words_for_a_resource_without_a_name() -> None:
    vague = [known.slug for known in registry if "something" in known.describe("Ann Lee")]
    assert vague == [], "give the type a resource_type, or `unnamed`"


@pytest.mark.parametrize("field", ["label", "description", "category"])
def test_every_text_is_written_for_people(field: str) -> None:
    texts = {event_type.slug: getattr(event_type, field) for event_type in registry}
    assert [slug for slug, text in texts.items() if not reads_well(text) or "_" in text] == []
    ends = {text.endswith(".") for text in texts.values()}
    assert ends == {field == "description"}


def reads_well(text: str) -> bool:
    clean = bool(text) and text == " ".join(text.split())
    return clean and text[0].isupper() and "None" not in text and "{" not in text


def test_labels_are_unique_within_an_origin() -> None:
    labels = Counter((event_type.origin, event_type.label) for event_type in registry)
    assert [label for label, count in labels.items() if count > 1] == []


def test_one_category_belongs_to_one_place_of_the_catalogue() -> None:
    for catalogue in registry.categories():
        names = [category.name for category in catalogue.categories]
        assert len(names) == len(set(names))
    assert sum(map(len, registry.categories())) == len(registry)


def test_the_declared_origins_stand_in_their_order() -> None:
    origins = [catalogue.origin for catalogue in registry.categories()]
    assert [origin for origin in origins if origin != "auditsite"] == [
        "dagster",
        "datagrok",
        "kestra",
    ]
