"""A diff in numbers, and the pointers of what changed."""

from dataclasses import dataclass

from audit.diff.align import Entry, Match
from audit.diff.document import ABSENT, JSON, Document, kind_of
from audit.diff.pointers import Place


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


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference and where it stands: after, or before if it is gone."""

    kind: str
    place: Place
    before: JSON = None
    after: JSON = None

    @property
    def is_retyped(self) -> bool:
        was, now = kind_of(self.before), kind_of(self.after)
        return was != now and "redacted" not in (was, now)


def differences(match: Match | None) -> list[Difference]:
    """Every difference in the order of display."""
    found: list[Difference] = []
    if match:
        _collect(match, Place(), Place(), found)
    return found


def _collect(match: Match, before: Place, after: Place, found: list[Difference]) -> None:
    if match.entries is None:
        found.append(Difference("changed", after, match.before, match.after))
        return
    for entry in match.entries:
        if entry.before_key is None and entry.after_key is not None:
            found.append(Difference("added", Place(after, entry.after_key)))
        elif entry.after_key is None and entry.before_key is not None:
            found.append(Difference("removed", Place(before, entry.before_key)))
        elif entry.before_key is not None and entry.after_key is not None:
            _collect_pair(
                entry, Place(before, entry.before_key), Place(after, entry.after_key), found
            )


def _collect_pair(entry: Entry, before: Place, after: Place, found: list[Difference]) -> None:
    if entry.shown == "before":
        return
    if entry.shown == "after" and isinstance(entry.after_key, int):
        found.append(Difference("moved", after))
    if entry.inner:
        _collect(entry.inner, before, after, found)
