import pytest

from audit.event_types import registry
from audit.event_types.datagrok import EVENT_TYPES


def words(text: str) -> list[str]:
    return text.split()


PAGE = words(
    """
    query-created query-edited query-deleted query-start query-published
    query-transformations-edited connection-created connection-edited connection-deleted
    connection-published job-created job-edited job-deleted job-transformations-edited job-start
    script-created script-edited script-deleted script-start script-published
    predictive-model-created predictive-model-edited predictive-model-deleted
    predictive-model-start predictive-model-published action-start notebook-created
    notebook-edited notebook-deleted notebook-start notebook-published project-created
    project-edited project-deleted project-opened entity-shared entity-shared-silent
    table-produced user-invited comment-posted dialog-ok main-menu-item-click error
    tutorial-completed viewer-rendered log package-tested
    """
)

SYSTEM = words(
    """
    server-started user-logged-in user-logged-out user-login-failed user-impersonated
    impersonation-failed admin-session-started admin-session-ended dev-key-generated
    settings-changed log-settings-changed
    """
)


def test_the_47_of_the_page_and_the_11_of_the_system_are_declared_and_no_other() -> None:
    assert (len(PAGE), len(SYSTEM)) == (47, 11)
    assert sorted(event_type.slug for event_type in EVENT_TYPES) == sorted(PAGE + SYSTEM)


@pytest.mark.parametrize("name", PAGE + SYSTEM)
def test_each_type_keeps_its_exact_name(name: str) -> None:
    event_type = registry.get(name)
    assert event_type is not None
    assert event_type.origin == "datagrok"
    assert registry.by_alias("datagrok", name) is event_type


@pytest.mark.parametrize(
    ("name", "label", "told", "change"),
    [
        ("query-created", "Create query", "Ann created query Sales", "created"),
        ("query-start", "Run query", "Ann ran query Sales", "other"),
        (
            "job-transformations-edited",
            "Edit job transformations",
            "Ann edited the transformations of job Sales",
            "updated",
        ),
        (
            "predictive-model-deleted",
            "Delete predictive model",
            "Ann deleted predictive model Sales",
            "deleted",
        ),
        (
            "entity-shared-silent",
            "Share entity silently",
            "Ann shared Sales without notice",
            "updated",
        ),
        ("user-login-failed", "Fail to log in", "Ann failed to log in", "other"),
    ],
)
def test_types_are_told_in_words_for_people(name: str, label: str, told: str, change: str) -> None:
    event_type = registry.get(name)
    assert event_type is not None
    assert event_type.label == label
    assert event_type.describe("Ann", "Sales") == told
    assert event_type.change == change


def test_a_thing_without_a_name_is_told() -> None:
    assert registry.describe("settings-changed", "Ann") == "Ann changed the settings"
    assert registry.describe("comment-posted", "Ann") == "Ann posted a comment on an entity"
