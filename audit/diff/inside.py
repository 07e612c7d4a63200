"""What changed within one line: a scalar, or a short object or array printed on one line."""

from collections.abc import Iterator
from typing import Final

from audit.diff import text
from audit.diff.align import Entry, Match
from audit.diff.budget import Budget
from audit.diff.document import JSON, kind_of
from audit.diff.notation import Segment, quote, spell, text_segments
from audit.diff.pointers import Key

# Follows the note "redacted" that such a leaf has anyway.
VALUE_CHANGED_NOTE: Final = "value changed"

type Leaf = tuple[JSON, str]
"""A value and how it is spelt on one line."""

type Both = tuple[list[Segment], list[Segment]]


def replaced(before: Leaf, after: Leaf, budget: Budget) -> Both:
    """Two leaves that differ: the words of texts, anything else as a whole."""
    if isinstance(before[0], str) and isinstance(after[0], str):
        left, right = text.compare(before[0], after[0], budget)
        return text_segments(left), text_segments(right)
    return _whole(*before), _whole(*after)


def _whole(value: JSON, spelling: str) -> list[Segment]:
    if isinstance(value, str) and "\n" in value:
        return text_segments([(value, True)])
    return [Segment(spelling, emphasis=True)]


def type_note(before: JSON, after: JSON) -> str:
    """What to say of the after side's type, e.g. "was number"; nothing if it is the same."""
    was, now = kind_of(before), kind_of(after)
    if was == now:
        return VALUE_CHANGED_NOTE if now == "redacted" else ""
    return f"was {was}"


def one_line_change(match: Match, budget: Budget) -> tuple[list[Segment], list[Segment], str]:
    """Both sides of a changed short object or array, and what to say of the after side."""
    left: dict[Key, list[Segment]] = {}
    right: dict[Key, list[Segment]] = {}
    notes: list[str] = []
    for entry in match.entries or ():
        _add_entry(entry, match, left, right, budget)
        if entry.inner is not None and entry.shown != "before":
            notes += _note(entry)
    before = [*_printed(match.before, left)]
    return before, [*_printed(match.after, right)], ", ".join(notes)


def _note(entry: Entry) -> Iterator[str]:
    if entry.inner is not None:
        note = type_note(entry.inner.before, entry.inner.after)
        if note:
            yield f"{entry.after_key} {note}" if isinstance(entry.after_key, str) else note


def _add_entry(
    entry: Entry,
    match: Match,
    left: dict[Key, list[Segment]],
    right: dict[Key, list[Segment]],
    budget: Budget,
) -> None:
    if entry.inner is not None:
        old, new = replaced(_leaf(entry.inner.before), _leaf(entry.inner.after), budget)
    else:
        emphasis = entry.shown != "both" and not (entry.is_moved and isinstance(match.before, dict))
        old = new = []
        if entry.before_key is not None:
            old = [Segment(spell(_child(match.before, entry.before_key)), emphasis)]
        if entry.after_key is not None:
            new = [Segment(spell(_child(match.after, entry.after_key)), emphasis)]
    label = entry.shown != "both" and not entry.is_moved
    if entry.before_key is not None:
        left[entry.before_key] = _labelled(entry.before_key, old, emphasis=label)
    if entry.after_key is not None:
        right[entry.after_key] = _labelled(entry.after_key, new, emphasis=label)


def _leaf(value: JSON) -> Leaf:
    return value, spell(value)


def _child(value: JSON, key: Key) -> JSON:
    if isinstance(value, dict):
        return value[str(key)]
    return value[int(key)] if isinstance(value, list) else None


def _labelled(key: Key, value: list[Segment], *, emphasis: bool) -> list[Segment]:
    return [Segment(f"{quote(key)}: ", emphasis), *value] if isinstance(key, str) else value


def _printed(value: JSON, parts: dict[Key, list[Segment]]) -> Iterator[Segment]:
    is_object = isinstance(value, dict)
    if not parts:
        yield Segment("{}" if is_object else "[]")
        return
    keys: list[Key] = list(value) if isinstance(value, dict) else sorted(parts)
    separator = "{ " if is_object else "["
    for key in keys:
        yield Segment(separator)
        yield from parts[key]
        separator = ", "
    yield Segment(" }" if is_object else "]")
