"""Old and new values as vendors write them side by side, as the two documents of a diff."""

from dataclasses import dataclass, field

from audit.diff import ABSENT, JSON, Document, InvalidJSON, loads
from audit.recording.importers.vendors.draft import Draft
from audit.recording.importers.vendors.facts import Facts

# Entra writes JSON in a text in JSON; deeper than any vendor goes.
_MOST_LAYERS = 3


@dataclass(slots=True)
class Sides:
    """The values before and after, each under the name of what changed."""

    before: dict[str, JSON] = field(default_factory=dict)
    after: dict[str, JSON] = field(default_factory=dict)

    def add(self, name: str, old: JSON, new: JSON) -> None:
        """A value that is null was not there on that side."""
        if old is not None:
            self.before[name] = old
        if new is not None:
            self.after[name] = new

    def put_into(self, draft: Draft) -> None:
        """Make them the snapshots, if there are any: only the sides that the record tells."""
        if self.before or self.after:
            draft.reads_changes = True
            draft.before, draft.after = _told(self.before), _told(self.after)


def _told(side: dict[str, JSON]) -> Document:
    return side or ABSENT


def decoded(value: JSON) -> JSON:
    """The value that a text says as JSON, up to three layers deep; else the value itself."""
    for _ in range(_MOST_LAYERS):
        if not isinstance(value, str):
            break
        try:
            value = loads(value)
        except InvalidJSON:
            break
    if isinstance(value, list):  # of JSON texts, as Entra writes policies
        return [_item(item) for item in value]
    return value


def _item(value: JSON) -> JSON:
    return decoded(value) if isinstance(value, str) and value[:1] in ("{", "[") else value


#: How the old of two values side by side is marked: ``old_permission`` beside ``permission``.
OLD_MARKS = ("old_", "previous_", "OLD_", "PREVIOUS_")


def take_old_and_new(facts: Facts, sides: Sides) -> None:
    """Every ``old_X`` or ``previous_X`` with the ``X`` or ``new_X`` beside it."""
    for key in list(facts.record):
        mark = next((mark for mark in OLD_MARKS if key.startswith(mark)), "")
        name = key.removeprefix(mark)
        new = next((n for n in (f"new_{name}", f"NEW_{name}", name) if n in facts.record), "")
        if mark and name and new:
            sides.add(name, facts.record.pop(key), facts.record.pop(new))
