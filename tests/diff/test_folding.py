"""What stays in sight when unchanged lines are folded."""

from typing import Any

from audit.diff import Fold, Row, diff, fold


def folded(before: Any, after: Any, **options: Any) -> list[str]:
    return [_text(part) for part in fold(diff(before, after).rows, **options)]


def _text(part: Row | Fold) -> str:
    if isinstance(part, Fold):
        return f"··· {part.count}"
    line = part.after or part.before
    assert line
    return line.text.strip().removesuffix(",")


def test_three_lines_stay_around_a_change() -> None:
    before = list(range(20))
    assert folded(before, [*before[:10], 99, *before[11:]]) == [
        "[", "··· 7", "7", "8", "9", "99", "11", "12", "13", "··· 7",
    ]  # fmt: skip


def test_a_stretch_too_short_to_fold_is_shown() -> None:
    before = list(range(8))
    assert folded(before, [*before[:7], 99]) == ["[", "··· 4", "4", "5", "6", "99", "]"]
    assert folded(before[1:], [*before[1:7], 99])[1] == "1"


def test_what_encloses_a_change_stays_in_sight() -> None:
    filler = {f"k{i}": i for i in range(9)}
    document = {"spec": {**filler, "schedule": {**filler, "cron": 1}}}
    other = {"spec": {**filler, "schedule": {**filler, "cron": 2}}}
    assert folded(document, other) == [
        "{", '"spec": {', "··· 9", '"schedule": {', "··· 6",
        '"k6": 6', '"k7": 7', '"k8": 8', '"cron": 2', "}", "}", "}",
    ]  # fmt: skip


def test_what_identifies_a_changed_item_stays_in_sight() -> None:
    filler = {f"k{i}": i for i in range(9)}
    items = [{**filler, "name": name, "more": filler, "size": 1} for name in ("web", "db")]
    other = [items[0], {**items[1], "size": 2}]
    lines = folded(items, other)
    assert '"name": "db"' in lines
    assert '"name": "web"' not in lines


def test_a_fold_is_opened_by_its_index_and_the_others_keep_theirs() -> None:
    before = list(range(40))
    rows = diff(before, [*before[:20], 99, *before[21:]]).rows
    first, second = (part for part in fold(rows) if isinstance(part, Fold))
    opened = fold(rows, opened={first.index})
    assert [part for part in opened if isinstance(part, Fold)] == [second]
    assert rows[first.index] in opened


def test_a_document_without_changes_is_one_fold() -> None:
    rows = diff(list(range(9)), list(range(9))).rows
    assert fold(rows) == [Fold(0, 11)]


def test_members_in_another_order_fold_away() -> None:
    keys = [f"k{i}" for i in range(9)]
    rows = diff(dict.fromkeys(keys, 1), dict.fromkeys(reversed(keys), 1)).rows
    assert fold(rows) == [Fold(0, len(rows))]


def test_the_inside_of_a_long_item_that_moved_is_folded() -> None:
    long = {"id": "long", **{f"k{i}": i for i in range(30)}}
    short: list[Any] = [{"id": i, "v": [[i]]} for i in range(40)]
    rows = diff([*short, long], [*short[:20], long, *short[20:]]).rows
    shown = [part for part in fold(rows) if isinstance(part, Row)]
    moved = [row.after.text.strip() for row in shown if row.kind == "moved" and row.after]
    assert moved == [
        "{", '"id": "long",', '"k0": 0,', '"k1": 1,', '"k27": 27,', '"k28": 28,', '"k29": 29', "},",
    ]  # fmt: skip
