import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace

import pytest

from audit.event_types import (
    DetailKey,
    DuplicateEventType,
    EventType,
    InvalidEventType,
    Registry,
)

UPDATED = EventType(
    slug="flow.updated",
    label="Update flow",
    sentence="{actor} updated flow {resource} in {deployment}",
    description="A user changes a flow.",
    category="Flows",
    origin="auditsite",
    alias="UPDATE_FLOW",
    resource_type="flow",
    change="updated",
    array_keys={"/tasks": "id"},
)


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    registry.register(UPDATED)
    return registry


def test_a_registered_type_is_found_by_slug_and_by_alias(registry: Registry) -> None:
    assert registry.get("flow.updated") is UPDATED
    assert registry.by_alias("auditsite", "UPDATE_FLOW") is UPDATED
    assert "flow.updated" in registry
    assert list(registry) == [UPDATED]
    assert len(registry) == 1


def test_an_unknown_type_is_shown_as_it_is(registry: Registry) -> None:
    assert registry.get("my_log") is None
    assert registry.by_alias("kestra", "UPDATE_FLOW") is None
    assert "my_log" not in registry
    assert registry.label("flow.updated") == "Update flow"
    assert registry.label("my_log") == "my_log"
    assert registry.array_keys("my_log") == {}


def test_a_slug_is_taken_once(registry: Registry) -> None:
    with pytest.raises(DuplicateEventType, match=r"flow\.updated is already registered"):
        registry.register(replace(UPDATED, alias="OTHER"))


def test_an_alias_is_taken_once_within_its_origin(registry: Registry) -> None:
    with pytest.raises(DuplicateEventType, match=r"UPDATE_FLOW of auditsite is already flow\.up"):
        registry.register(replace(UPDATED, slug="flow.changed"))
    registry.register(replace(UPDATED, slug="flow.changed", origin="kestra"))
    assert registry.by_alias("kestra", "UPDATE_FLOW") is registry.get("flow.changed")


def test_types_without_an_alias_do_not_collide(registry: Registry) -> None:
    registry.register(replace(UPDATED, slug="a", alias=""), replace(UPDATED, slug="b", alias=""))
    assert registry.by_alias("auditsite", "") is None


@pytest.mark.parametrize("refused", [UPDATED, replace(UPDATED, slug="Bad slug", alias="")])
def test_a_refused_registration_leaves_nothing_behind(
    registry: Registry, refused: EventType
) -> None:
    with pytest.raises(ValueError, match="Event type"):
        registry.register(replace(UPDATED, slug="flow.paused", alias="PAUSE"), refused)
    assert list(registry) == [UPDATED]
    assert registry.by_alias("auditsite", "PAUSE") is None


def test_duplicates_within_one_call_are_refused() -> None:
    registry = Registry()
    with pytest.raises(DuplicateEventType):
        registry.register(UPDATED, UPDATED)
    assert len(registry) == 0


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "Flow.updated",
        "flow updated",
        ".flow",
        "flow.",
        "flow..updated",
        "1flow",
        "flow/updated",
        "flow.updated\n",
        "flöw",
        "f" * 101,
    ],
)
def test_a_malformed_slug_is_refused(slug: str) -> None:
    with pytest.raises(InvalidEventType, match="slug must be"):
        Registry().register(replace(UPDATED, slug=slug))


@pytest.mark.parametrize("slug", ["error", "query-created", "kestra.kv_store.login_failure"])
def test_slugs_of_every_origin_are_accepted(slug: str) -> None:
    registry = Registry()
    registry.register(replace(UPDATED, slug=slug))
    assert slug in registry


INVALID: dict[str, tuple[Callable[[], EventType], str]] = {
    "no label": (lambda: replace(UPDATED, label=""), "label is empty"),
    "doubled space": (lambda: replace(UPDATED, label="Update  flow"), "label has stray white"),
    "line break": (lambda: replace(UPDATED, sentence="{actor}\nran"), "sentence has stray white"),
    "no description": (lambda: replace(UPDATED, description=""), "description is empty"),
    "no category": (lambda: replace(UPDATED, category=" "), "category has stray white"),
    "placeholder": (lambda: replace(UPDATED, sentence="{user} ran"), r"placeholder \{user\}"),
    "origin": (lambda: replace(UPDATED, origin="aws"), "origin is 'aws', not one of"),  # type: ignore[arg-type]
    "change": (lambda: replace(UPDATED, change="read"), "change is 'read', not one of"),  # type: ignore[arg-type]
    "detail twice": (
        lambda: replace(UPDATED, details=(DetailKey(name="id"), DetailKey(name="id"))),
        "details names a key twice",
    ),
    "nameless detail": (
        lambda: replace(UPDATED, details=(DetailKey(name=""),)),
        "details has a key without a name",
    ),
    "pointer": (lambda: replace(UPDATED, array_keys={"tasks": "id"}), "not a JSON Pointer"),
    "no member": (lambda: replace(UPDATED, array_keys={"/tasks": ""}), "names no member"),
}


@pytest.mark.parametrize("case", INVALID)
def test_a_malformed_type_is_refused_by_field_and_reason(case: str) -> None:
    declare, reason = INVALID[case]
    with pytest.raises(InvalidEventType, match=reason):
        Registry().register(declare())


def test_a_type_cannot_be_changed() -> None:
    keys = {"/tasks": "id"}
    event_type = replace(UPDATED, array_keys=keys)
    keys["/triggers"] = "id"
    assert event_type.array_keys == {"/tasks": "id"}
    with pytest.raises(TypeError):
        event_type.array_keys["/inputs"] = "id"  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        event_type.label = "Other"  # type: ignore[misc]
    assert hash(event_type) == hash(replace(event_type))


def test_array_keys_are_looked_up_by_type(registry: Registry) -> None:
    assert registry.array_keys("flow.updated") == {"/tasks": "id"}


def test_the_catalogue_groups_by_origin_then_category(registry: Registry) -> None:
    kestra = replace(UPDATED, slug="k", origin="kestra")
    alert = replace(UPDATED, slug="alert.sent", alias="", category="Alerts")
    deleted = replace(UPDATED, slug="flow.deleted", alias="")
    registry.register(kestra, alert, deleted)

    own, other = registry.categories()

    assert (own.origin, own.label, len(own)) == ("auditsite", "Auditsite", 3)
    assert [category.name for category in own.categories] == ["Flows", "Alerts"]
    assert own.categories[0].types == (UPDATED, deleted)
    assert (other.origin, other.categories[0].types) == ("kestra", (kestra,))


def test_the_catalogue_is_made_once_and_again_after_a_registration(registry: Registry) -> None:
    first = registry.categories()
    assert registry.categories() is first
    registry.register(replace(UPDATED, slug="flow.deleted", alias=""))
    assert len(registry.categories()[0]) == 2


def test_event_types_know_nothing_of_django() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, audit.event_types; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "audit.event_types.kestra" in loaded
    assert not [name for name in loaded if name.split(".")[0] in {"django", "psycopg"}]
