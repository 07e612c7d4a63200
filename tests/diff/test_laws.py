"""What holds for every two documents."""

import json
from collections import Counter
from typing import Any

import jsonpatch
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.diff import (
    ABSENT,
    Diff,
    Fold,
    Line,
    Row,
    changed_paths,
    diff,
    dumps,
    equal,
    fold,
    loads,
    resolve,
)
from audit.diff.notation import quote, spell
from tests.diff.documents import PAIRS, VALUES, side, text

law = settings(max_examples=100, deadline=None)


@law
@given(PAIRS)
def test_each_side_is_its_document(pair: tuple[Any, Any]) -> None:
    found = diff(*pair)
    for name, document in zip(("before", "after"), pair, strict=True):
        assert dumps(loads(text(found, name))) == dumps(document)
        assert [line.number for line in side(found, name)] == [
            *range(1, len(side(found, name)) + 1)
        ]


@law
@given(VALUES)
def test_a_document_does_not_differ_from_itself(document: Any) -> None:
    found = diff(document, loads(dumps(document)))
    assert {row.kind for row in found.rows} == {"same"}
    assert found.patch() == []
    assert found.changed_paths(10) == ()
    assert found.summary == diff(1, 1).summary
    assert changed_paths(document, document, 10) == ()


@law
@given(PAIRS)
def test_documents_that_differ_show_it(pair: tuple[Any, Any]) -> None:
    found = diff(*pair)
    differ = not equal(*pair)
    assert any(row.kind != "same" for row in found.rows) == differ
    assert bool(found.patch()) == differ
    assert bool(found.changed_paths(10)) == differ
    assert bool(changed_paths(*pair, 10)) == differ


@law
@given(PAIRS)
def test_the_patch_leads_from_before_to_after(pair: tuple[Any, Any]) -> None:
    before, after = pair
    operations = _read(list(diff(before, after).patch()))
    patched = jsonpatch.apply_patch(_read(before), operations)
    assert patched == _read(after)


def _read(document: Any) -> Any:
    """By the standard library's reader, each number as a word that no other number equals."""
    return json.loads(dumps(document), parse_int=_exact, parse_float=_exact)


def _exact(number: str) -> str:
    return f"number {number}"


@law
@given(PAIRS)
def test_swapped_sides_exchange_added_and_removed(pair: tuple[Any, Any]) -> None:
    there, back = diff(*pair), diff(*reversed(pair))
    assert there.summary.added == back.summary.removed
    assert there.summary.removed == back.summary.added
    assert there.summary.changed == back.summary.changed
    assert there.summary.moved == back.summary.moved
    assert _kinds(there, "before") == _kinds(back, "after")
    assert _kinds(there, "after") == _kinds(back, "before")


_MIRRORED = {"added": "removed", "removed": "added"}


def _kinds(found: Diff, name: str) -> list[tuple[str, str]]:
    mirror = name == "after"
    return [
        (_MIRRORED.get(row.kind, row.kind) if mirror else row.kind, getattr(row, name).text)
        for row in found.rows
        if getattr(row, name)
    ]


@law
@given(PAIRS)
def test_pointers_name_the_lines_value(pair: tuple[Any, Any]) -> None:
    found = diff(*pair)
    for name, document in zip(("before", "after"), pair, strict=True):
        for line in side(found, name):
            value = resolve(document, line.pointer)
            assert line.text.strip().removesuffix(",") in _spellings(line, value)


def _spellings(line: Line, value: Any) -> set[str]:
    """How the line may read: one line, or a bracket of many."""
    label = f"{quote(line.key)}: " if line.parent and isinstance(line.key, str) else ""
    if isinstance(value, dict):
        return {f"{label}{{", "}", label + spell(value)}
    if isinstance(value, list):
        return {f"{label}[", "]", label + spell(value)}
    return {label + spell(value)}


@law
@given(PAIRS, st.integers(0, 5), st.integers(1, 8))
def test_folds_unfold_to_every_row(pair: tuple[Any, Any], context: int, minimum: int) -> None:
    rows = diff(*pair).rows
    folded = fold(rows, context=context, minimum=minimum)
    unfolded: list[Row] = []
    for part in folded:
        if isinstance(part, Fold):
            assert part.index == len(unfolded)
            assert part.count >= minimum
            hidden = rows[part.index : part.index + part.count]
            assert all(row.kind == "same" for row in hidden)
            unfolded += hidden
        else:
            unfolded.append(part)
    assert unfolded == list(rows)
    indexes = {part.index for part in folded if isinstance(part, Fold)}
    assert fold(rows, context=context, minimum=minimum, opened=indexes) == list(rows)


@law
@given(VALUES)
def test_a_created_document_is_all_added_and_a_deleted_one_all_removed(document: Any) -> None:
    created, deleted = diff(ABSENT, document), diff(document, ABSENT)
    assert {(row.kind, row.before) for row in created.rows} == {("added", None)}
    assert {(row.kind, row.after) for row in deleted.rows} == {("removed", None)}
    assert text(created, "after") == text(deleted, "before")
    assert dumps(loads(text(created, "after"))) == dumps(document)
    assert created.summary.added == deleted.summary.removed > 0


@law
@given(PAIRS)
def test_summary_agrees_with_the_rows(pair: tuple[Any, Any]) -> None:
    found = diff(*pair)
    kinds = Counter(row.kind for row in found.rows)
    assert (found.summary.changed == 0) or kinds["changed"]
    assert found.summary.retyped <= found.summary.changed


@pytest.mark.parametrize("budget", [0, 1, 20, 100])
@settings(max_examples=40, deadline=None)
@given(pair=PAIRS)
def test_the_laws_hold_without_budget(budget: int, pair: tuple[Any, Any]) -> None:
    found = diff(*pair, budget=budget)
    operations = _read(list(found.patch()))
    assert jsonpatch.apply_patch(_read(pair[0]), operations) == _read(pair[1])
    assert dumps(loads(text(found, "before"))) == dumps(pair[0])
    assert dumps(loads(text(found, "after"))) == dumps(pair[1])
