from typing import Any

import pytest
from hypothesis import given, settings

from audit.diff import ABSENT, changed_paths, diff, equal, loads, resolve
from tests.diff.documents import PAIRS


@settings(max_examples=200, deadline=None)
@given(PAIRS)
def test_a_path_names_what_differs(pair: tuple[Any, Any]) -> None:
    for path in changed_paths(*pair, 1_000):
        sides = []
        for document in pair:
            try:
                sides.append(resolve(document, path))
            except LookupError:
                continue
        assert len(sides) < 2 or not equal(*sides)


def test_paths_go_down_objects_and_stop_at_arrays() -> None:
    before = {"a": {"b": 1, "c": [{"d": 1}]}, "x/y": 1, "gone": 1, "same": [1]}
    after = {"a": {"b": 2, "c": [{"d": 2}]}, "x/y": 2, "new": 1, "same": [1]}
    assert changed_paths(before, after, 10) == ("/a/b", "/a/c", "/x~1y", "/gone", "/new")


def test_paths_are_bounded_in_number() -> None:
    assert changed_paths({"a": 1, "b": 2}, {"a": 2, "c": 2}, 1) == ("/a",)
    assert diff({"a": 1, "b": 2}, {"a": 2, "b": 3}).changed_paths(1) == ("/a",)


def test_a_very_long_path_is_told_by_what_encloses_it() -> None:
    assert changed_paths({"a": {"k" * 2_000: 1}}, {"a": {"k" * 2_000: 2}}, 5) == ("/a",)


def test_a_very_deep_change_is_told_by_what_encloses_it() -> None:
    before, after = (loads('{"k":' * 200 + value + "}" * 200) for value in "12")
    assert changed_paths(before, after, 5) == ("/k" * 64,)


def test_a_whole_document_is_the_root() -> None:
    assert changed_paths(ABSENT, {}, 5) == ("",)
    assert changed_paths({}, ABSENT, 5) == ("",)
    assert changed_paths(ABSENT, ABSENT, 5) == ()
    assert changed_paths(1, 2, 5) == ("",)
    assert diff(ABSENT, {}).changed_paths(5) == ("",)


def test_member_order_is_no_change() -> None:
    assert (
        changed_paths({"a": 1, "b": [{"c": 1, "d": 2}]}, {"b": [{"d": 2, "c": 1}], "a": 1}, 5) == ()
    )


def test_a_redacted_leaf_is_a_leaf() -> None:
    assert changed_paths({"s": {"$redacted": "a"}}, {"s": {"$redacted": "b"}}, 5) == ("/s",)


@pytest.mark.parametrize(
    ("left", "right"),
    [("1", "1.0"), ("1", "true"), ("0", "false"), ("0.0", "-0.0"), ("1.1", "1.10"), ("null", "0"),
     ('""', "null"), ("[]", "{}"), ('"1"', "1"), ("1e5", "1E5")],
)  # fmt: skip
def test_values_that_json_tells_apart_differ(left: str, right: str) -> None:
    assert not equal(loads(left), loads(right))
    assert changed_paths([loads(left)], [loads(right)], 5) == ("",)
    assert diff(loads(left), loads(right)).changed_paths(5) == ("",)


def test_the_full_diff_names_every_leaf() -> None:
    before = {"a": [{"id": 1, "v": 1}, {"id": 2, "v": 2}], "b": 1}
    after = {"a": [{"id": 2, "v": 3}, {"id": 1, "v": 1}]}
    assert set(diff(before, after).changed_paths(9)) >= {"/a/0/v", "/b"}
