"""A diff in numbers, and the pointers of what changed."""

from dataclasses import dataclass
from typing import NamedTuple

from audit.diff.align import Match
from audit.diff.document import ABSENT, Document, kind_of
from audit.diff.pointers import Key, Place, escape


@dataclass(frozen=True, slots=True)
class Summary:
    """How many values differ, as people count.

    An added or removed member or item counts once, however much is in it; a document that was
    created or deleted counts its members or items. `changed` counts values replaced by another,
    `retyped` those of them whose JSON type changed; `moved` counts array items in another order,
    whose own changes count as well. The order of an object's members counts nothing.
    """

    added: int = 0
    removed: int = 0
    changed: int = 0
    moved: int = 0
    retyped: int = 0


def summarize(before: Document, after: Document, match: Match | None) -> Summary:
    if before is ABSENT or after is ABSENT:
        return Summary(added=_members(after), removed=_members(before))
    counts = dict.fromkeys(("added", "removed", "changed", "moved", "retyped"), 0)
    for difference in differences(match):
        counts[difference.kind] += 1
        counts["retyped"] += difference.is_retyped
    return Summary(**counts)


def _members(document: Document) -> int:
    if document is ABSENT:
        return 0
    return max(len(document), 1) if isinstance(document, dict | list) else 1


class Difference(NamedTuple):
    """One difference and where it stands: after, or before if it is gone."""

    kind: str
    parent: Place | None
    key: Key
    replaced: Match | None = None

    @property
    def pointer(self) -> str:
        return "" if self.parent is None else f"{self.parent.pointer}/{escape(self.key)}"

    @property
    def is_retyped(self) -> bool:
        if self.replaced is None:
            return False
        was, now = kind_of(self.replaced.before), kind_of(self.replaced.after)
        return was != now and "redacted" not in (was, now)


def differences(match: Match | None) -> list[Difference]:
    """Every difference in the order of display."""
    found: list[Difference] = []
    if match and match.entries is None:
        found.append(Difference("changed", None, "", match))
    elif match:
        _collect(match, Place(None, ""), Place(None, ""), found)
    return found


def _collect(match: Match, before: Place, after: Place, found: list[Difference]) -> None:
    for shown, old, new, inner in match.entries or ():
        if new is None and old is not None:
            found.append(Difference("removed", before, old))
        elif old is None and new is not None:
            found.append(Difference("added", after, new))
        elif old is not None and new is not None and shown != "before":
            if shown == "after" and type(new) is int:
                found.append(Difference("moved", after, new))
            if inner and inner.entries is None:
                found.append(Difference("changed", after, new, inner))
            elif inner:
                _collect(inner, Place(before, old), Place(after, new), found)
