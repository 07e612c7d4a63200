"""Which items of two arrays are taken for the same."""

from typing import Any

import pytest

from audit.diff import Summary, diff
from tests.diff.documents import shown


def test_an_item_put_into_a_sorted_list_is_one_added_line() -> None:
    names = ["ann", "bob", "dan", "eve"]
    assert shown(diff(names, sorted([*names, "cat"]))) == ['+ "cat",']


def test_an_item_added_at_the_end_leaves_the_line_above_unchanged() -> None:
    assert shown(diff(["a", "b"], ["a", "b", "c"])) == ['+ "c"']


def test_objects_are_matched_by_what_identifies_them() -> None:
    before = [{"name": "web", "port": 80}, {"name": "db", "port": 5432}]
    after = [{"name": "cache", "port": 1}, {"name": "web", "port": 8080}, before[1]]
    assert shown(diff(before, after)) == [
        '+ { "name": "cache", "port": 1 },',
        '- { "name": "web", "port": ⟦80⟧ }, + { "name": "web", "port": ⟦8080⟧ },',
    ]


def test_the_declared_key_decides() -> None:
    before = [{"name": "a", "ref": 1, "x": 0}, {"name": "b", "ref": 2, "x": 0}]
    after = [{"name": "b", "ref": 1, "x": 0}, {"name": "a", "ref": 2, "x": 0}]
    by_name = diff({"tasks": before}, {"tasks": after})
    by_ref = diff({"tasks": before}, {"tasks": after}, array_keys={"/tasks": "ref"})
    assert by_name.summary.moved == 1
    assert by_ref.summary == Summary(changed=2)
    assert by_ref.changed_paths(9) == ("/tasks/0/name", "/tasks/1/name")


def test_a_declared_key_holds_below_any_key() -> None:
    before = {"flows": {"x": [{"k": 1, "id": 1}, {"k": 2, "id": 2}]}}
    after = {"flows": {"x": [{"k": 2, "id": 1}, {"k": 1, "id": 2}]}}
    assert diff(before, after).summary == Summary(changed=2)
    assert diff(before, after, array_keys={"/flows/*": "k"}).summary == Summary(changed=2, moved=1)


def test_items_with_different_declared_keys_are_never_one() -> None:
    before = [{"ref": 1, "a": 1, "b": 2, "c": 3, "d": 4}]
    after = [{"ref": 2, "a": 1, "b": 2, "c": 3, "d": 4}]
    assert diff(before, after, array_keys={"": "ref"}).summary == Summary(added=1, removed=1)


def test_an_id_given_anew_at_each_save_does_not_hide_the_name() -> None:
    before = [{"id": 1, "name": "a", "v": 1}, {"id": 2, "name": "b", "v": 1}]
    after = [{"id": 3, "name": "b", "v": 2}, {"id": 4, "name": "a", "v": 1}]
    assert diff(before, after).summary == Summary(changed=3, moved=1)


@pytest.mark.parametrize("repeated", [[1, 1], [True, False], [None, 1], [[], {}]])
def test_a_field_that_does_not_identify_is_not_taken_to(repeated: list[Any]) -> None:
    before = [{"id": value, "v": index} for index, value in enumerate(repeated)]
    after = [{"id": value, "v": index + 10} for index, value in enumerate(repeated)]
    assert diff(before, after).summary.added == diff(before, after).summary.removed


def test_one_and_true_and_one_point_nought_identify_differently() -> None:
    before = [{"id": 1, "v": "x"}, {"id": "1", "v": "y"}]
    after = [{"id": "1", "v": "y"}, {"id": 1, "v": "x"}]
    assert diff(before, after).summary == Summary(moved=1)


def test_a_renamed_item_that_is_otherwise_the_same_is_one_change() -> None:
    item = {"name": "old", "image": "a", "port": 1, "cpu": 2, "memory": 3}
    found = diff([item], [item | {"name": "new"}])
    assert found.changed_paths(9) == ("/0/name",)


def test_short_items_with_another_name_are_two() -> None:
    found = diff([{"name": "A", "value": "1"}], [{"name": "B", "value": "1"}])
    assert found.summary == Summary(added=1, removed=1)


def test_objects_without_identity_are_matched_by_likeness() -> None:
    before = [{"type": "constant", "interval": "PT5M"}, {"type": "exponential", "max": 3}]
    after = [{"type": "exponential", "max": 5}]
    assert shown(diff(before, after)) == [
        '- { "type": "constant", "interval": "PT5M" },',
        '- { "type": "exponential", "max": ⟦3⟧ } + { "type": "exponential", "max": ⟦5⟧ }',
    ]


def test_an_insertion_among_like_objects_does_not_repaint_the_rest() -> None:
    before = [{"from": i, "to": i + 10, "rule": {"allow": True}} for i in range(6)]
    new = {"from": 99, "to": 0, "rule": {"deny": [1]}}
    after = [*before[:3], new, *before[3:]]
    after[4] = after[4] | {"to": 7}
    assert diff(before, after).summary == Summary(added=1, changed=1)


def test_likeness_looks_into_members() -> None:
    spec = {"replicas": 3, "image": "web", "env": {"A": "1", "B": "2"}}
    before = [{"spec": spec}, {"spec": {"cron": "daily", "job": True}}]
    after = [{"spec": {"cron": "daily", "job": False}}, {"spec": spec | {"replicas": 4}}]
    assert diff(before, after).summary == Summary(changed=2, moved=1)


def test_a_moved_item_says_where_it_was_and_where_it_went() -> None:
    assert shown(diff(["a", "b", "c", "d"], ["d", "a", "b", "c"])) == [
        '~ "d", (moved from 3)',
        '~ "d" (moved to 0)',
    ]


def test_a_moved_item_that_changed_shows_both() -> None:
    jobs: list[Any] = [{"id": i, "steps": [{"run": f"task {i}"}], "on": True} for i in range(4)]
    after = [jobs[3] | {"on": False}, *jobs[:3]]
    found = diff(jobs, after)
    assert found.summary == Summary(changed=1, moved=1)
    assert '+ "on": ⟦false⟧' in shown(found)
    assert '- "on": ⟦true⟧' in shown(found)
    assert "~ { (moved from 3)" in shown(found)


def test_the_fewest_items_move() -> None:
    before = [{"id": i, "v": [i]} for i in range(10)]
    after = [*before[1:], before[0]]
    assert diff(before, after).summary == Summary(moved=1)


@pytest.mark.parametrize("value", [True, False, None])
def test_truth_and_null_do_not_move(value: Any) -> None:
    assert diff([value, "a", "b"], ["a", "b", value]).summary.moved == 0


def test_a_number_in_a_pair_changes_in_its_place() -> None:
    assert shown(diff({"range": [0, 100]}, {"range": [0, 200]})) == ["- ⟦100⟧ + ⟦200⟧"]


def test_unlike_names_are_removed_and_added_not_changed() -> None:
    assert diff({"members": ["alice"]}, {"members": ["bob"]}).summary == Summary(added=1, removed=1)


def test_like_texts_are_one_change() -> None:
    assert shown(diff(["--retries=3"], ["--retries=5"])) == ['- "--retries=⟦3⟧" + "--retries=⟦5⟧"']


def test_an_item_whose_type_slipped_is_one_change() -> None:
    assert shown(diff(["x", 8], ["x", "8"])) == ['- ⟦8⟧ + ⟦"8"⟧ (was number)']


def test_arrays_of_arrays_are_matched_by_content() -> None:
    before = [[1, 2], [3, 4], [5, 6]]
    assert shown(diff(before, [[1, 2], [3, 9], [5, 6]])) == ["- [3, ⟦4⟧], + [3, ⟦9⟧],"]


def test_redacted_items_are_never_alike() -> None:
    before, after = [{"$redacted": "a"}], [{"$redacted": "b"}]
    assert diff(before, after).summary == Summary(added=1, removed=1)
