import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.event_types import EventType, Registry
from audit.event_types.sentences import fault, with_article


def event_type(sentence: str, *, resource_type: str = "schedule", unnamed: str = "") -> EventType:
    return EventType(
        slug="a",
        label="A",
        sentence=sentence,
        description="A.",
        category="A",
        origin="auditsite",
        resource_type=resource_type,
        unnamed=unnamed,
    )


SCHEDULE = event_type("{actor} updated schedule {resource} in {deployment}")


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (("Mara", "nightly", "prod"), "Mara updated schedule nightly in prod"),
        (("Mara", "nightly", ""), "Mara updated schedule nightly"),
        (("Mara", "", "prod"), "Mara updated a schedule in prod"),
        (("Mara", None, None), "Mara updated a schedule"),
        ((None, None, None), "Someone updated a schedule"),
        ((" ", "\t", "  "), "Someone updated a schedule"),
        ((" Mara ", "nightly ", " prod"), "Mara updated schedule nightly in prod"),
    ],
)
def test_a_sentence_reads_well_whatever_is_known(
    known: tuple[str | None, str | None, str | None], told: str
) -> None:
    assert SCHEDULE.describe(*known) == told


@pytest.mark.parametrize(
    ("sentence", "resource_type", "unnamed", "told"),
    [
        ("{actor} shared {resource}", "entity", "", "Mara shared an entity"),
        ("{actor} shared {resource}", "", "", "Mara shared something"),
        (
            "{actor} read audit log {resource}",
            "audit_log",
            "the audit log",
            "Mara read the audit log",
        ),
        (
            "{actor} read tenant settings {resource}",
            "x",
            "tenant settings",
            "Mara read tenant settings",
        ),
        ("{actor} ran {resource}", "predictive-model", "", "Mara ran a predictive model"),
        ("{actor} moved it to deployment {deployment}", "", "", "Mara moved it"),
        ("{deployment} was paused by {actor}", "", "", "A deployment was paused by Mara"),
    ],
)
def test_what_has_no_name_is_told_in_words(
    sentence: str, resource_type: str, unnamed: str, told: str
) -> None:
    declared = event_type(sentence, resource_type=resource_type, unnamed=unnamed)
    assert declared.describe("Mara") == told


def test_values_are_never_read_as_templates() -> None:
    told = SCHEDULE.describe("{resource}", "{actor.__class__}", "{deployment!r}{")
    assert told == "{resource} updated schedule {actor.__class__} in {deployment!r}{"


def test_a_sentence_without_an_actor_keeps_the_case_of_names() -> None:
    assert event_type("{resource} was locked by {actor}").describe("ann", "iPad") == (
        "iPad was locked by ann"
    )


@given(st.text(), st.text(), st.text())
def test_every_known_value_is_in_the_sentence(actor: str, resource: str, deployment: str) -> None:
    told = SCHEDULE.describe(actor, resource, deployment)
    assert all(value.strip() in told for value in (actor, resource, deployment))


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{user} ran", "placeholder {user}"),
        ("{actor.name} ran", "placeholder {actor.name}"),
        ("{actor[0]} ran", "placeholder {actor[0]}"),
        ("{} ran", "placeholder {}"),
        ("{0} ran", "placeholder {0}"),
        ("{actor!r} ran", "formats {actor}"),
        ("{actor:>9} ran", "formats {actor}"),
        ("{actor ran", "not a valid template"),
        ("actor} ran", "not a valid template"),
    ],
)
def test_a_bad_template_is_named(template: str, reason: str) -> None:
    assert reason in fault(template)


def test_a_good_template_has_no_fault() -> None:
    assert fault("{actor} updated {resource} in {deployment}, {{literally}}") == ""


@pytest.mark.parametrize(
    ("noun", "phrase"),
    [
        ("schedule", "a schedule"),
        ("alert policy", "an alert policy"),
        ("Execution", "an Execution"),
        ("user", "a user"),
        ("unit", "a unit"),
        ("unknown resource", "an unknown resource"),
    ],
)
def test_nouns_take_their_article(noun: str, phrase: str) -> None:
    assert with_article(noun) == phrase


def test_an_unknown_type_is_told_by_its_slug() -> None:
    registry = Registry()
    assert registry.describe("my_{log}", "Mara", "nightly", "prod") == (
        "Mara: my_{log} on nightly in prod"
    )
    assert registry.describe("my_log", None, " ") == "Someone: my_log"


def test_the_registry_tells_a_known_type_by_its_sentence() -> None:
    registry = Registry()
    registry.register(SCHEDULE)
    assert registry.describe("a", "Mara", "nightly") == "Mara updated schedule nightly"
