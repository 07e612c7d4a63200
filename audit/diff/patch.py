"""The difference as a JSON Patch (RFC 6902)."""

from typing import Final

from audit.diff.align import Match
from audit.diff.document import ABSENT, JSON, Document
from audit.diff.pointers import escape

type Operation = dict[str, JSON]

# Characters of pointers in one patch, and items shifted by its moves: beyond either the whole
# document, or array, is replaced, which is then the shorter patch.
_POINTERS: Final = 4_000_000
_SHIFTS: Final = 20_000_000


class _TooLong(Exception):
    pass


def patch(before: Document, after: Document, match: Match | None) -> list[Operation]:
    """Operations that turn before into after; none if they mean the same.

    The order of an object's members is not theirs to change. A created document is added at the
    root, a deleted one removed from it.
    """
    if after is ABSENT:
        return [] if before is ABSENT else [{"op": "remove", "path": ""}]
    if before is ABSENT:
        return [{"op": "add", "path": "", "value": after}]
    writer = _Writer()
    try:
        if match:
            writer.write(match, "")
    except _TooLong:
        return [{"op": "replace", "path": "", "value": after}]
    return writer.operations


class _Writer:
    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self._pointers = _POINTERS
        self._shifts = _SHIFTS

    def _add(self, op: str, path: str, **more: JSON) -> None:
        self._pointers -= len(path)
        if self._pointers < 0:
            raise _TooLong
        self.operations.append({"op": op, "path": path, **more})

    def write(self, match: Match, pointer: str) -> None:
        if match.entries is None:
            self._add("replace", pointer, value=match.after)
            return
        if isinstance(match.before, list) and isinstance(match.after, list):
            if not self._items(match, match.before, match.after, pointer):
                return
        elif isinstance(match.after, dict):
            self._members(match, match.after, pointer)
        for entry in match.entries:
            if entry.inner and entry.after_key is not None and entry.shown != "before":
                self.write(entry.inner, f"{pointer}/{escape(entry.after_key)}")

    def _members(self, match: Match, after: dict[str, JSON], pointer: str) -> None:
        for entry in match.entries or ():
            if entry.after_key is None and entry.before_key is not None:
                self._add("remove", f"{pointer}/{escape(entry.before_key)}")
            elif entry.before_key is None and entry.after_key is not None:
                key = str(entry.after_key)
                self._add("add", f"{pointer}/{escape(key)}", value=after[key])

    def _items(self, match: Match, before: list[JSON], after: list[JSON], pointer: str) -> bool:
        """Remove, move, then add items; False if the array was replaced instead."""
        order = [
            (int(entry.before_key), int(entry.after_key), entry.is_moved)
            for entry in match.entries or ()
            if entry.before_key is not None
            and entry.after_key is not None
            and entry.shown != "before"
        ]
        self._shifts -= sum(moved for _, _, moved in order) * len(order)
        if self._shifts < 0:
            self._add("replace", pointer, value=after)
            return False
        kept = {i for i, _, _ in order}
        for i in range(len(before) - 1, -1, -1):
            if i not in kept:
                self._add("remove", f"{pointer}/{i}")
        self._moves(order, pointer)
        arrived = {j for _, j, _ in order}
        for j, item in enumerate(after):
            if j not in arrived:
                self._add("add", f"{pointer}/{j}", value=item)
        return True

    def _moves(self, order: list[tuple[int, int, bool]], pointer: str) -> None:
        """Put each item that moved behind the one it follows."""
        standing = sorted(i for i, _, _ in order)
        behind: int | None = None
        for i, _, moved in sorted(order, key=lambda item: item[1]):
            if moved:
                origin = standing.index(i)
                standing.pop(origin)
                target = 0 if behind is None else standing.index(behind) + 1
                standing.insert(target, i)
                if origin != target:
                    source = f"{pointer}/{origin}"
                    self._add("move", f"{pointer}/{target}", **{"from": source})
            behind = i
