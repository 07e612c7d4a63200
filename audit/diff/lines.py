"""The rows of a diff: both documents, pretty-printed side by side.

Printed with two spaces of indentation, a scalar or bracket a line, except that a short object or
array of scalars inside an array stays on one line. A matched pair that differs takes one line
only if both sides fit. Each side's lines, joined by newlines, are that side's JSON document.
"""

from itertools import zip_longest
from typing import NamedTuple

from audit.diff.align import Aligner, Entry, Match, Side
from audit.diff.budget import Budget
from audit.diff.document import JSON
from audit.diff.inside import one_line_change, replaced, type_note
from audit.diff.pointers import Place
from audit.diff.rows import Draft, Kind, Line, Row, Spot, children, drafts


class _View(NamedTuple):
    """Which sides are printed here, and what unchanged lines are called."""

    shown: Side
    calm: Kind


class _Full(Exception):
    """The caller's limit of rows is reached."""


class Printer:
    """Prints two matched documents into `rows`."""

    def __init__(self, budget: Budget, most_rows: int | None = None) -> None:
        self.rows: list[Row] = []
        self._budget = budget
        self._most_rows = most_rows
        self._before = 0
        self._after = 0

    def print_one(self, document: JSON, kind: Kind) -> None:
        """A document that stands on one side only."""
        try:
            self._alone(Spot(document, Place()), kind)
        except _Full:
            self._say_full()

    def print_both(self, before: JSON, after: JSON, match: Match | None, aligner: Aligner) -> None:
        """Two documents, as the match tree says."""
        self._aligner = aligner
        try:
            self._pair(match, Spot(before, Place()), Spot(after, Place()), _View("both", "same"))
        except _Full:
            self._say_full()

    def _say_full(self) -> None:
        self._budget.leave_out(f"Only the first {self._most_rows:,} lines are shown.")

    def _pair(self, match: Match | None, before: Spot, after: Spot, view: _View) -> None:
        if match is None:
            self._equal(before, after, view)
        elif match.entries is None:
            self._replaced(before, after, view)
        else:
            self._changed(match, match.entries, before, after, view)

    # Equal in meaning

    def _equal(self, before: Spot, after: Spot, view: _View) -> None:
        short = before.short
        if short is not None:
            self._row(view, view.calm, before.leaf_line(short), after.leaf_line(after.short or ""))
            return
        left, right = before.value, after.value
        if isinstance(left, dict) and isinstance(right, dict) and list(left) != list(right):
            reordered = self._aligner.reordered(left, right)
            self._inside(Match(left, right, reordered), reordered, before, after, view)
            return
        self._row(view, view.calm, before.line(before.opening), after.line(after.opening))
        pairs = zip(children(before).values(), children(after).values(), strict=True)
        for child, other in pairs:
            self._equal(child, other, view)
        self._row(view, view.calm, before.closing, after.closing)

    # One value in the other's place

    def _replaced(self, before: Spot, after: Spot, view: _View) -> None:
        note = type_note(before.value, after.value)
        after = after._replace(note="") if note.startswith("redacted") else after
        after = after.noted(note)
        if before.short is not None and after.short is not None:
            old, new = replaced(before.value, after.value, self._budget)
            self._row(view, "changed", before.whole_line(old), after.whole_line(new))
            return
        for left, right in zip_longest(drafts(before), drafts(after)):
            self._row(view, "changed", left, right)

    # Members and items that differ

    def _changed(
        self, match: Match, entries: tuple[Entry, ...], before: Spot, after: Spot, view: _View
    ) -> None:
        if before.short is None or after.short is None:
            self._inside(match, entries, before, after, view)
            return
        old, new, note = one_line_change(match, self._budget)
        self._row(view, "changed", before.whole_line(old), after.noted(note).whole_line(new))

    def _inside(
        self, match: Match, entries: tuple[Entry, ...], before: Spot, after: Spot, view: _View
    ) -> None:
        self._row(view, view.calm, before.line(before.opening), after.line(after.opening))
        left, right = children(before, match.identity), children(after, match.identity)
        for entry in entries:
            if entry.after_key is None and entry.before_key is not None:
                self._gone(left[entry.before_key], view)
            elif entry.before_key is None and entry.after_key is not None:
                self._new(right[entry.after_key], view)
            elif entry.before_key is not None and entry.after_key is not None:
                self._matched(entry, left[entry.before_key], right[entry.after_key], view)
        self._row(view, view.calm, before.closing, after.closing)

    def _gone(self, spot: Spot, view: _View) -> None:
        if view.shown != "after":
            self._alone(spot, "removed")

    def _new(self, spot: Spot, view: _View) -> None:
        if view.shown != "before":
            self._alone(spot, "added")

    def _matched(self, entry: Entry, before: Spot, after: Spot, view: _View) -> None:
        if entry.shown == "both":
            self._pair(entry.inner, before, after, view)
        elif view.shown in ("both", entry.shown):
            calm: Kind = "moved" if isinstance(entry.before_key, int) else view.calm
            left, right = _moved(entry, before, after)
            self._pair(entry.inner, left, right, _View(entry.shown, calm))

    # Rows

    def _alone(self, spot: Spot, kind: Kind) -> None:
        for draft in drafts(spot):
            if kind == "removed":
                self._put(kind, draft, None)
            else:
                self._put(kind, None, draft)

    def _row(self, view: _View, kind: Kind, before: Draft | None, after: Draft | None) -> None:
        left = before if view.shown != "after" else None
        right = after if view.shown != "before" else None
        if left or right:
            self._put(kind, left, right)

    def _put(self, kind: Kind, before: Draft | None, after: Draft | None) -> None:
        if len(self.rows) == self._most_rows:
            raise _Full
        left = right = None
        if before:
            self._before += 1
            left = Line(self._before, *before)
        if after:
            self._after += 1
            right = Line(self._after, *after)
        self.rows.append(Row(kind, left, right))


def _moved(entry: Entry, before: Spot, after: Spot) -> tuple[Spot, Spot]:
    """Both spots with a word on where the value went, and where from."""
    if isinstance(entry.before_key, int):
        return before.noted(f"moved to {entry.after_key}"), after.noted(
            f"moved from {entry.before_key}"
        )
    return before.noted("moved"), after.noted("moved")
