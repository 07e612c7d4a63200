"""Two JSON documents compared as people read them.

Pure Python, no Django. Objects are matched by key, arrays by what identifies their items, then
by likeness; numbers are what they spell; the order of an object's members has no meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from audit.diff.align import Aligner, Match
from audit.diff.budget import DEFAULT_BUDGET, Budget
from audit.diff.document import (
    ABSENT,
    JSON,
    MAX_DEPTH,
    Document,
    InvalidJSON,
    JSONNumber,
    dumps,
    loads,
)
from audit.diff.folding import Fold, fold
from audit.diff.lines import Printer
from audit.diff.notation import Segment
from audit.diff.patch import Operation, patch
from audit.diff.paths import changed_paths, equal
from audit.diff.pointers import resolve, tokens
from audit.diff.rows import Line, Row
from audit.diff.summary import Summary, differences, summarize

__all__ = [
    "ABSENT",
    "JSON",
    "MAX_DEPTH",
    "Diff",
    "Document",
    "Fold",
    "InvalidJSON",
    "JSONNumber",
    "Line",
    "Row",
    "Segment",
    "Summary",
    "changed_paths",
    "diff",
    "dumps",
    "equal",
    "fold",
    "loads",
    "resolve",
    "tokens",
]


@dataclass(frozen=True, slots=True)
class Diff:
    """Everything there is to say about two documents.

    `limitation` is empty when the answer is complete, else says in plain sentences what was
    left out.
    """

    rows: tuple[Row, ...]
    summary: Summary
    limitation: str
    before: Document = field(repr=False)
    after: Document = field(repr=False)
    _match: Match | None = field(repr=False)

    def patch(self) -> list[Operation]:
        """The change as a JSON Patch (RFC 6902); it shares values with the after document."""
        return patch(self.before, self.after, self._match)

    def changed_paths(self, limit: int) -> tuple[str, ...]:
        """Pointers (RFC 6901) of what changed, at most `limit`: after, or before if it is gone."""
        if self.before is ABSENT or self.after is ABSENT:
            return changed_paths(self.before, self.after, limit)
        found: dict[str, None] = {}
        for difference in differences(self._match):
            if len(found) >= limit:
                break
            found[difference.pointer] = None
        return tuple(found)


def diff(
    before: Document,
    after: Document,
    *,
    array_keys: Mapping[str, str] | None = None,
    budget: int = DEFAULT_BUDGET,
    most_rows: int | None = None,
) -> Diff:
    """Compare two documents; `ABSENT` means there is none on that side.

    `array_keys` names by pointer pattern (`*` stands for any one key) the member that identifies
    an array's items, e.g. `{"/tasks": "id"}`. `budget` bounds the work of alignment, in steps of
    about a microsecond; `most_rows` bounds the rows, and 0 is for who needs none. What either bound
    leaves out is stated in the answer's `limitation`.
    """
    steps = Budget(budget)
    printer = Printer(steps, most_rows)
    match: Match | None = None
    if before is not ABSENT and after is not ABSENT:
        aligner = Aligner(before, after, array_keys or {}, steps)
        match = aligner.match()
        printer.print_both(before, after, match, aligner)
    elif before is not ABSENT:
        printer.print_one(before, "removed")
    elif after is not ABSENT:
        printer.print_one(after, "added")
    summary = summarize(before, after, match)
    return Diff(tuple(printer.rows), summary, steps.limitation, before, after, match)
