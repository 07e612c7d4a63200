"""What a reader sees."""

from typing import Any

import pytest

from audit.diff import ABSENT, Summary, diff, dumps, loads
from tests.diff.documents import shown, side, text

SCHEDULE_BEFORE: dict[str, Any] = {
    "id": "nightly_revenue",
    "schedule": {"cron": "0 2 * * *", "paused": False},
    "retries": [{"type": "constant", "interval": "PT5M"}, {"type": "exponential", "max": 3}],
    "secret": {"$redacted": "9c1f"},
}
SCHEDULE_AFTER: dict[str, Any] = {
    "id": "nightly_revenue",
    "schedule": {"cron": "30 4 * * *", "timezone": "Europe/Warsaw", "paused": True},
    "retries": [{"type": "exponential", "max": 5}],
    "secret": {"$redacted": "77aa"},
}


def test_an_edited_schedule_reads_as_a_person_would_tell_it() -> None:
    found = diff(SCHEDULE_BEFORE, SCHEDULE_AFTER)
    assert shown(found) == [
        '- "cron": "⟦0 2⟧ * * *", + "cron": "⟦30 4⟧ * * *",',
        '+ "timezone": "Europe/Warsaw",',
        '- "paused": ⟦false⟧ + "paused": ⟦true⟧',
        '- { "type": "constant", "interval": "PT5M" },',
        '- { "type": "exponential", "max": ⟦3⟧ } + { "type": "exponential", "max": ⟦5⟧ }',
        '- "secret": ⟦{ "$redacted": "9c1f" }⟧ (redacted) '
        '+ "secret": ⟦{ "$redacted": "77aa" }⟧ (redacted, value changed)',
    ]
    assert found.summary == Summary(added=1, removed=1, changed=4)


def test_lines_are_indented_by_two_spaces_and_numbered_from_one() -> None:
    found = diff(SCHEDULE_BEFORE, SCHEDULE_AFTER)
    assert [(line.number, line.text) for line in side(found, "before")][:4] == [
        (1, "{"),
        (2, '  "id": "nightly_revenue",'),
        (3, '  "schedule": {'),
        (4, '    "cron": "0 2 * * *",'),
    ]


def test_a_comma_that_came_with_the_next_member_is_no_change() -> None:
    assert shown(diff({"a": 1}, {"a": 1, "b": 2})) == ['+ "b": 2']


def test_an_object_that_was_empty_opens() -> None:
    assert shown(diff({"tags": {}}, {"tags": {"a": 1}})) == ['+ "a": 1']


@pytest.mark.parametrize(
    ("before", "after", "was"),
    [(8, "8", "number"), ("1", 1, "string"), (True, 1, "boolean"), (None, 0, "null"),
     ([], {}, "array"), ({}, [], "object")],
)  # fmt: skip
def test_a_changed_type_is_said(before: Any, after: Any, was: str) -> None:
    found = diff({"v": before}, {"v": after})
    assert [line.note for line in side(found, "after")] == ["", f"was {was}", ""]
    assert found.summary == Summary(changed=1, retyped=1)


def test_a_changed_type_inside_one_line_names_its_member() -> None:
    found = diff([{"id": 1, "max": 3}], [{"id": 1, "max": "3"}])
    assert shown(found) == [
        '- { "id": 1, "max": ⟦3⟧ } + { "id": 1, "max": ⟦"3"⟧ } (max was number)'
    ]


@pytest.mark.parametrize(("before", "after"), [("1", "1.0"), ("1.1", "1.10"), ("0", "-0")])
def test_a_number_spelt_otherwise_is_a_change_of_value_not_of_type(before: str, after: str) -> None:
    found = diff(loads(before), loads(after))
    assert found.summary == Summary(changed=1)


def test_a_scalar_replaced_by_an_object_is_one_change() -> None:
    found = diff({"on": True}, {"on": {"push": {}, "pull": {}}})
    assert shown(found) == [
        '- "on": true + "on": { (was boolean)',
        '+ "push": {},',
        '+ "pull": {}',
        "+ }",
    ]
    assert found.summary == Summary(changed=1, retyped=1)


def test_members_in_another_order_are_no_change_yet_each_side_keeps_its_order() -> None:
    before, after = {"a": 1, "b": {"c": 2}, "d": 3}, {"d": 3, "a": 1, "b": {"c": 2}}
    found = diff(before, after)
    assert shown(found) == []
    assert found.summary == Summary()
    assert found.patch() == []
    assert loads(text(found, "after")) == after
    assert dumps(loads(text(found, "after"))) == dumps(after)
    assert [line.note for line in side(found, "after")] == ["", "moved", "", "", "", "", ""]


def test_a_member_that_changed_stands_beside_its_old_value_though_others_moved() -> None:
    before: dict[str, Any] = {"a": 1, "b": 2, "c": 3}
    found = diff(before, {"c": 4, "a": 1, "b": 2})
    assert shown(found) == ['- "c": ⟦3⟧ + "c": ⟦4⟧,']


def test_a_redacted_leaf_that_stayed_is_not_changed() -> None:
    found = diff({"s": {"$redacted": "x"}}, {"s": {"$redacted": "x"}})
    assert shown(found) == []
    assert side(found, "after")[1].note == "redacted"


def test_a_value_that_came_to_be_redacted_is_a_change_of_unknown_type() -> None:
    found = diff({"s": "plain"}, {"s": {"$redacted": "x"}})
    assert side(found, "after")[1].note == "redacted, was string"
    assert found.summary == Summary(changed=1)


def test_an_object_with_more_than_the_mark_is_not_a_redacted_leaf() -> None:
    found = diff({"s": {"$redacted": "x", "a": 1}}, {"s": {"$redacted": "x", "a": 2}})
    assert shown(found) == ['- "a": ⟦1⟧ + "a": ⟦2⟧']


def test_created_and_deleted_stand_on_one_side() -> None:
    document = {"a": 1, "b": [1, 2, 3]}
    assert diff(ABSENT, document).summary == Summary(added=2)
    assert diff(document, ABSENT).summary == Summary(removed=2)
    assert diff(ABSENT, None).summary == Summary(added=1)
    assert diff(None, {}).summary == Summary(changed=1, retyped=1)
    assert diff(ABSENT, ABSENT).rows == ()


def test_short_items_stay_on_one_line_and_long_ones_open() -> None:
    short, long = {"name": "a", "value": "b"}, {"name": "a", "value": "b" * 70}
    assert [line.text for line in side(diff([short], [short]), "after")] == [
        "[",
        '  { "name": "a", "value": "b" }',
        "]",
    ]
    assert len(side(diff([long], [long]), "after")) == 6


def test_a_pair_takes_one_line_only_if_both_sides_fit() -> None:
    found = diff([{"id": 1, "v": "b"}], [{"id": 1, "v": "b" * 70}])
    assert [line.text for line in side(found, "before")] == [
        "[", "  {", '    "id": 1,', '    "v": "b"', "  }", "]",
    ]  # fmt: skip


def test_a_long_text_breaks_at_its_lines_and_shows_the_words_that_changed() -> None:
    before = "select a\nfrom t\nwhere x = 1\n"
    found = diff({"sql": before}, {"sql": before.replace("1", "2")})
    assert [(s.text, s.emphasis, s.line_break) for s in side(found, "after")[1].segments] == [
        ('  "sql": "select a\\n', False, True),
        ("from t\\n", False, True),
        ("where x = ", False, False),
        ("2", True, False),
        ('\\n"', False, False),
    ]


def test_a_line_added_to_a_text_is_all_that_is_marked() -> None:
    found = diff({"s": "a\nb\nd"}, {"s": "a\nb\nc\nd"})
    marked = [s.text for s in side(found, "after")[1].segments if s.emphasis]
    assert marked == ["c\\n"]
    assert not any(s.emphasis for s in side(found, "before")[1].segments)


DECEPTIVE = "\u202e\u2066\u200f\u200b\u2028\x85\x7f\ufeff\x00\ud800"


def test_characters_that_deceive_the_eye_are_escapes() -> None:
    found = diff({DECEPTIVE: DECEPTIVE}, {DECEPTIVE: DECEPTIVE + "x"})
    shown_text = text(found, "after")
    assert shown_text.isascii()
    assert "\\u202e\\u2066\\u200f\\u200b\\u2028\\u0085\\u007f\\ufeff\\u0000\\ud800" in shown_text
    assert loads(shown_text) == {DECEPTIVE: DECEPTIVE + "x"}


def test_other_characters_are_shown_as_they_are() -> None:
    assert "日本語 é 👩🏽\u200d🚀 العربية" in text(
        diff(ABSENT, "日本語 é 👩🏽\u200d🚀 العربية"), "after"
    )


def test_indentation_stops_growing() -> None:
    value: Any = 1
    for _ in range(100):
        value = {"k": value}
    assert max(len(line.text) for line in side(diff(value, value), "after")) < 100


def test_the_callers_limit_of_lines_is_kept_and_said() -> None:
    found = diff(list(range(100)), list(range(1, 101)), most_rows=10)
    assert len(found.rows) == 10
    assert found.limitation == "Only the first 10 lines are shown."
    assert found.summary == Summary(added=1, removed=1)
    assert diff([1], [1], most_rows=3).limitation == ""
