"""The rows of a diff: both documents, pretty-printed side by side.

Printed with two spaces of indentation, a scalar or bracket a line, except that a short object or
array of scalars inside an array stays on one line. A matched pair that differs takes one line
only if both sides fit. Each side's lines, joined by newlines, are that side's JSON document.
"""

from itertools import zip_longest
from typing import Final, NamedTuple

from audit.diff.align import Aligner, Entry, Match, Side
from audit.diff.budget import Budget
from audit.diff.document import JSON
from audit.diff.inside import one_line_change, replaced, type_note
from audit.diff.pointers import Key
from audit.diff.rows import Draft, Inside, Kind, Line, Row, Spot, drafts
from audit.diff.unwound import Call, run

type Steps = Call[None]


class _View(NamedTuple):
    """Which sides are printed here, and what unchanged lines are called."""

    shown: Side
    calm: Kind


_REMOVED: Final = _View("before", "removed")
_ADDED: Final = _View("after", "added")


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
            self._alone(Spot(document), _REMOVED if kind == "removed" else _ADDED)
        except _Full:
            self._say_full()

    def print_both(self, before: JSON, after: JSON, match: Match | None, aligner: Aligner) -> None:
        """Two documents, as the match tree says."""
        self._aligner = aligner
        try:
            more = self._pair(match, Spot(before), Spot(after), _View("both", "same"))
            if more:
                run(more)
        except _Full:
            self._say_full()

    def _say_full(self) -> None:
        if self._most_rows:  # else nobody asked for lines
            self._budget.leave_out(f"Only the first {self._most_rows:,} lines are shown.")

    def _pair(self, match: Match | None, before: Spot, after: Spot, view: _View) -> Steps | None:
        """Print what is on one line; what is within is left to the steps answered."""
        if match is None:
            return self._equal(before, after, view)
        if match.entries is None:
            self._replaced(before, after, view)
            return None
        if before.short is None or after.short is None:
            return self._inside(match, match.entries, before, after, view)
        old, new, note = one_line_change(match, self._budget)
        self._row(view, "changed", before.line_of(old), after.noted(note).line_of(new))
        return None

    # Equal in meaning

    def _equal(self, before: Spot, after: Spot, view: _View) -> Steps | None:
        short = before.short
        if short is not None:
            self._equal_line(short, before, after, view)
            return None
        left, right = before.value, after.value
        if isinstance(left, dict) and isinstance(right, dict) and [*left] != [*right]:
            reordered = self._aligner.reordered(left, right)
            return self._inside(Match(left, right, reordered), reordered, before, after, view)
        return self._equal_inside(before, after, view)

    def _equal_inside(self, before: Spot, after: Spot, view: _View) -> Steps:
        left = Inside(before)
        right = Inside(after, None, left)
        self._row(view, view.calm, before.opening, after.opening)
        for key in left.keys:
            more = self._equal_child(left, key, right, key, view)
            if more:
                yield more
        self._row(view, view.calm, before.closing, after.closing)

    def _equal_child(
        self, left: Inside, old: Key, right: Inside, new: Key, view: _View
    ) -> Steps | None:
        line = left.leaf(old)
        if line is None or left.tail(old) != right.tail(new):
            return self._equal(left.spot(old), right.spot(new), view)
        # The common case, made once for both sides.
        self._row(view, view.calm, line, (line[0], "", right.place, new))
        return None

    def _equal_line(self, short: str, before: Spot, after: Spot, view: _View) -> None:
        line = before.line(short)
        if after.tail == before.tail and not isinstance(before.value, dict):
            self._row(view, view.calm, line, (line[0], after.note, after.parent, after.key))
        else:
            # Not the same text: a comma, or a short object's members in another order.
            self._row(view, view.calm, line, after.line(after.short or short))

    # One value in the other's place

    def _replaced(self, before: Spot, after: Spot, view: _View) -> None:
        note = type_note(before.value, after.value)
        if note:
            after = after.noted(note)
        short, other = before.short, after.short
        if short is not None and other is not None:
            old, new = replaced((before.value, short), (after.value, other), self._budget)
            self._row(view, "changed", before.line_of(old), after.line_of(new))
            return
        for left, right in zip_longest(drafts(before), drafts(after)):
            self._row(view, "changed", left, right)

    # Members and items that differ

    def _changed_child(
        self, inner: Match, left: Inside, old: Key, right: Inside, new: Key, view: _View
    ) -> Steps | None:
        if inner.entries is None:
            was = left.marked_leaf(old)
            now = right.marked_leaf(new, type_note(inner.before, inner.after)) if was else None
            if was and now:
                self._row(view, "changed", was, now)
                return None
        return self._pair(inner, left.spot(old), right.spot(new), view)

    def _inside(
        self, match: Match, entries: tuple[Entry, ...], before: Spot, after: Spot, view: _View
    ) -> Steps:
        left = Inside(before, match.identity)
        right = Inside(after, match.identity, left)
        self._row(view, view.calm, before.opening, after.opening)
        for entry in entries:
            more = self._entry(entry, left, right, view)
            if more:
                yield more
        self._row(view, view.calm, before.closing, after.closing)

    def _entry(self, entry: Entry, left: Inside, right: Inside, view: _View) -> Steps | None:
        shown, old, new, inner = entry
        if shown == "both" and old is not None and new is not None:
            if inner is None:
                return self._equal_child(left, old, right, new, view)
            return self._changed_child(inner, left, old, right, new, view)
        if view.shown not in ("both", shown):
            return None
        if old is not None and new is not None:
            return self._moved(inner, left, old, right, new, _View(shown, _calm(new, view)))
        if old is not None:
            self._child_alone(left, old, "", _REMOVED)
        elif new is not None:
            self._child_alone(right, new, "", _ADDED)
        return None

    def _moved(
        self, inner: Match | None, left: Inside, old: Key, right: Inside, new: Key, view: _View
    ) -> Steps | None:
        item = isinstance(new, int)
        sent, received = (f"moved to {new}", f"moved from {old}") if item else ("moved", "moved")
        if inner is not None:
            before, after = left.spot(old).noted(sent), right.spot(new).noted(received)
            return self._pair(inner, before, after, view)
        if view.shown == "before":
            self._child_alone(left, old, sent, view)
        else:
            self._child_alone(right, new, received, view)
        return None

    # Rows

    def _child_alone(self, inside: Inside, key: Key, note: str, view: _View) -> None:
        leaf = inside.leaf(key, note)
        if leaf:
            self._row(view, view.calm, leaf, leaf)
        else:
            self._alone(inside.spot(key).noted(note), view)

    def _alone(self, spot: Spot, view: _View) -> None:
        for draft in drafts(spot):
            self._row(view, view.calm, draft, draft)

    def _row(self, view: _View, kind: Kind, before: Draft | None, after: Draft | None) -> None:
        """A row of the sides in view."""
        left = right = None
        if before and view.shown != "after":
            self._before += 1
            left = Line(self._before, *before)
        if after and view.shown != "before":
            self._after += 1
            right = Line(self._after, *after)
        if left or right:
            if len(self.rows) == self._most_rows:
                raise _Full
            self.rows.append(Row(kind, left, right))


def _calm(key: Key, view: _View) -> Kind:
    """What moved without change is called: an object's members have no order to move in."""
    return "moved" if isinstance(key, int) else view.calm
