"""The two snapshots of an event, compared."""

from dataclasses import dataclass
from typing import Literal

from audit.diff import ABSENT, Diff, InvalidJSON, diff, loads
from audit.event_types import registry

type Side = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The two snapshots of an event: their diff, or in a sentence why there is none."""

    has_before: bool = False
    has_after: bool = False
    diff: Diff | None = None
    problem: str = ""

    @property
    def sides(self) -> tuple[Side, ...]:
        """The columns of the table: what was created has no left one."""
        return (*(("before",) if self.has_before else ()), *(("after",) if self.has_after else ()))

    @property
    def is_unchanged(self) -> bool:
        return bool(self.diff and not any(row.kind != "same" for row in self.diff.rows))


def compare(
    event_type: str, before: str | None, after: str | None, *, most_rows: int | None = None
) -> Comparison:
    """Compare two documents as they are stored; None is "no snapshot".

    ``most_rows`` bounds the rows of the diff, which says so where it leaves some out.
    """
    texts = (before, after)
    has_before, has_after = (text is not None for text in texts)
    if not has_before and not has_after:
        return Comparison()
    try:
        old, new = (ABSENT if text is None else loads(text) for text in texts)
        array_keys = registry.array_keys(event_type)
        found = diff(old, new, array_keys=array_keys, most_rows=most_rows)
    except InvalidJSON as error:
        return Comparison(has_before, has_after, problem=f"The snapshots do not compare: {error}.")
    return Comparison(has_before, has_after, found)
