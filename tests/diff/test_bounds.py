"""Hostile documents: bounded work, counted in steps, and a plain word on what was left out."""

import random
import tracemalloc
from typing import Any

import pytest

from audit.diff import diff, loads
from audit.diff.align import Aligner
from audit.diff.budget import DEFAULT_BUDGET, Budget
from audit.diff.sequences import common_subsequence

MANY = 10_000
BY_POSITION = (
    "Too large to match every item by likeness: some items of long arrays are compared by position."
)
WHOLE_TEXT = "Long passages of text that changed are marked as a whole."


def _similar(count: int, seed: int) -> list[Any]:
    chance = random.Random(seed)
    return [
        {
            "type": f"t{chance.randrange(4)}",
            "limit": chance.random(),
            "rule": {"a": chance.random()},
        }
        for _ in range(count)
    ]


def _nested(levels: int, leaf: str, opening: str = "[", closing: str = "]") -> Any:
    return loads(opening * levels + leaf + closing * levels)


def _words(count: int, seed: int) -> str:
    chance = random.Random(seed)
    return " ".join(f"w{chance.randrange(10_000)}" for _ in range(count))


HOSTILE: dict[str, tuple[Any, Any]] = {
    "one inserted": ([*range(MANY)], [*range(100), "new", *range(100, MANY)]),
    "reversed": ([*range(MANY)], [*range(MANY)][::-1]),
    "all different numbers": ([*range(MANY)], [*range(MANY, 2 * MANY)]),
    "all different texts": ([f"a{i}" for i in range(MANY)], [f"b{i}" for i in range(MANY)]),
    "two values out of step": ([0, 1] * (MANY // 2), [1, 0] * (MANY // 2)),
    "similar objects": (_similar(2_000, 1), _similar(2_000, 2)),
    "all members changed": ({f"k{i}": i for i in range(MANY)}, {f"k{i}": -i for i in range(MANY)}),
    "deep arrays": (_nested(256, "1"), _nested(256, "2")),
    "deep objects": (_nested(255, "1", '{"k":', "}"), _nested(255, "2", '{"k":', "}")),
    "many long texts": (
        {str(i): _words(200, i) for i in range(500)},
        {str(i): _words(200, -i - 1) for i in range(500)},
    ),
    "one long text": (_words(150_000, 1), _words(150_000, 2)),
    "a million line breaks": ("\n" * 1_000_000, "\n" * 500_000 + "x" + "\n" * 500_000),
    "a heap of accents": ("a" + "\u0301" * 500_000, "b" + "\u0301" * 500_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_work_stays_within_the_budget(name: str) -> None:
    before, after = HOSTILE[name]
    budget = Budget()
    Aligner(before, after, {}, budget).match()
    assert 0 <= budget.remaining <= DEFAULT_BUDGET


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_answered_in_bounded_size(name: str) -> None:
    before, after = HOSTILE[name]
    found = diff(before, after)
    assert len(found.rows) <= 2 * MANY + 10
    for row in found.rows:
        for line in (row.before, row.after):
            assert line is None or len(line.segments) <= 30_000


@pytest.mark.parametrize(
    ("name", "limitation"),
    [
        ("one inserted", ""),
        ("reversed", ""),
        ("two values out of step", ""),
        ("deep arrays", ""),
        ("all different numbers", BY_POSITION),
        ("similar objects", BY_POSITION),
        ("many long texts", WHOLE_TEXT),
        ("one long text", WHOLE_TEXT),
    ],
)
def test_what_was_left_out_is_said(name: str, limitation: str) -> None:
    assert diff(*HOSTILE[name]).limitation == limitation


def test_periodic_items_out_of_step_are_recognised() -> None:
    before, after = HOSTILE["two values out of step"]
    found = diff(before, after)
    assert found.summary.added + found.summary.removed + found.summary.moved <= 2


def test_equal_items_are_found_whatever_the_length() -> None:
    before, after = HOSTILE["one inserted"]
    assert diff(before, after).summary.added == 1


def test_a_common_subsequence_is_one_however_little_is_affordable() -> None:
    chance = random.Random(5)
    left = [chance.randrange(3) for _ in range(500)]
    right = [chance.randrange(3) for _ in range(400)]
    for steps in (0, 100, 5_000, 1_000_000):
        pairs = common_subsequence(left, right, Budget(steps))
        assert all(left[i] == right[j] for i, j in pairs)
        assert pairs == sorted(set(pairs))
        assert [j for _, j in pairs] == sorted({j for _, j in pairs})
    assert len(pairs) > 250


def test_the_same_documents_are_answered_alike_every_time() -> None:
    before, after = HOSTILE["similar objects"]
    once, again = diff(before, after), diff(before, after)
    assert [row.kind for row in once.rows] == [row.kind for row in again.rows]


def test_deep_documents_do_not_need_the_callers_stack() -> None:
    def deeper(levels: int) -> int:
        if levels:
            return deeper(levels - 1)
        return len(diff(*HOSTILE["deep objects"]).rows)

    assert deeper(400) == 511


def test_long_keys_above_many_lines_are_not_repeated() -> None:
    opening, closing = f'{{"{"k" * 2_000}":' * 240, "}" * 240
    before, after = (
        loads(f"{opening}{[*range(start, start + 1_000)]}{closing}") for start in (0, 1)
    )
    tracemalloc.start()
    found = diff(before, after)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found.rows) > 1_000
    assert peak < 20_000_000
    assert len(found.changed_paths(1)[0]) > 480_000
