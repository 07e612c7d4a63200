from typing import Any

import jsonpatch
import pytest

from audit.diff import ABSENT, diff


def test_a_patch_says_what_changed_and_no_more() -> None:
    before = {"a": 1, "b": {"c": [1, 2, 3]}, "d/e": 0}
    after = {"a": 2, "b": {"c": [1, 3, 4]}, "f": None}
    assert diff(before, after).patch() == [
        {"op": "remove", "path": "/d~1e"},
        {"op": "add", "path": "/f", "value": None},
        {"op": "replace", "path": "/a", "value": 2},
        {"op": "remove", "path": "/b/c/1"},
        {"op": "add", "path": "/b/c/2", "value": 4},
    ]


def test_a_moved_item_is_one_operation() -> None:
    before = [{"id": i, "v": [i]} for i in range(5)]
    after = [before[4], *before[:4]]
    assert diff(before, after).patch() == [{"op": "move", "from": "/4", "path": "/0"}]


def test_what_moved_and_changed_is_moved_then_changed() -> None:
    before: list[Any] = [{"id": i, "v": i} for i in range(5)]
    after = [{"id": 4, "v": 9}, *before[:4]]
    assert diff(before, after).patch() == [
        {"op": "move", "from": "/4", "path": "/0"},
        {"op": "replace", "path": "/0/v", "value": 9},
    ]


@pytest.mark.parametrize(("before", "after"), [(1, True), (1, 1.0), (0, False), ([1], [True])])
def test_values_that_python_finds_equal_are_replaced(before: Any, after: Any) -> None:
    patch = diff(before, after).patch()
    assert len(patch) >= 1
    assert repr(jsonpatch.apply_patch(before, patch)) == repr(after)


def test_a_document_is_created_at_the_root_and_deleted_from_it() -> None:
    assert diff(ABSENT, None).patch() == [{"op": "add", "path": "", "value": None}]
    assert diff({}, ABSENT).patch() == [{"op": "remove", "path": ""}]
    assert diff(ABSENT, ABSENT).patch() == []


def test_a_shuffled_long_array_is_replaced() -> None:
    before = list(range(20_000))
    after = before[::-1]
    assert diff(before, after, most_rows=1).patch() == [
        {"op": "replace", "path": "", "value": after}
    ]


def test_a_patch_of_endless_pointers_replaces_the_document() -> None:
    before: Any = {str(i): i for i in range(2_000)}
    after: Any = {str(i): -i for i in range(2_000)}
    for _ in range(3):
        before, after = {"k" * 1_000: before}, {"k" * 1_000: after}
    assert diff(before, after, most_rows=1).patch() == [
        {"op": "replace", "path": "", "value": after}
    ]
