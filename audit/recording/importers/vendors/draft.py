"""From what a mapping has placed to an event: everything else becomes details, nothing is cut.

A fact that no detail can hold (an array of objects, a text over the limit, a key too many) is
kept in the snapshot ``after`` under ``record``, and the detail ``kept_in_snapshot`` names it.
Beside a real before and after it would look like a change: there it is a detail as JSON text, and
if that is too long it is left out and named by the detail ``left_out``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from audit.diff import ABSENT, JSON, Document, dumps
from audit.recording.importers.documents import TooLarge, as_document
from audit.recording.importers.item import EventJSON
from audit.recording.importers.vendors.facts import Facts, leaves, text_of
from audit.recording.importers.vendors.verbs import Change
from audit.recording.limits import (
    MAX_DETAIL_VALUE,
    MAX_DETAILS,
    MAX_SNAPSHOT_BYTES,
    MAX_TEXT,
)
from audit.recording.reading import problem_with, problem_with_key

# A place for the details that say what became of the others.
_MOST_DETAILS = MAX_DETAILS - 4
_MOST_NAMED = 20  # of the facts that are kept elsewhere
# Facts about the log rather than about what happened, by the last word of their path.
_SELDOM_ASKED = re.compile(
    r"(?:^p_|^tls|(?:version|level|kind|time\w*|timestamp|eventtype|category|managementevent"
    r"|sourcesystem|resourcegroup|readonly|recordtype|customerid|durationms|resultsignature)$)",
    re.IGNORECASE,
)
# Fields that may be left out where their text cannot be kept; without the others it is no event.
_OPTIONAL = ("summary", "session", "user_agent", "request_id")


@dataclass(slots=True, kw_only=True)
class Actor:
    kind: str = "user"
    id: str = ""
    name: str = ""
    impersonator: str = ""


@dataclass(slots=True, kw_only=True)
class Draft:
    """What a mapping has found out. Empty text: not known.

    ``source_id`` is the vendor's id of the record; ``vendor`` the format whose record it is, where
    that was only found out by reading it. ``reads_changes`` says that ``before`` and
    ``after`` are the resource's own states, not what was asked and answered.
    """

    occurred_at: datetime
    event_type: str
    actor: Actor
    change: Change = "other"
    outcome: str = "success"
    resource_type: str = ""
    resource_id: str = ""
    resource_name: str = ""
    deployment: str = ""
    branch_deployment: str = ""
    summary: str = ""
    session: str = ""
    ip: str = ""
    user_agent: str = ""
    request_id: str = ""
    source_id: str = ""
    before: Document = ABSENT
    after: Document = ABSENT
    reads_changes: bool = False
    vendor: str = ""
    details: dict[str, str] = field(default_factory=dict)


def exchange(**sides: JSON) -> Document:
    """A snapshot of what was asked and answered; absent where the record says neither."""
    said: dict[str, JSON] = {
        name: value for name, value in sides.items() if value not in (None, {}, [], "")
    }
    return said or ABSENT


def finish(draft: Draft, facts: Facts, size: int) -> EventJSON:
    """The event as JSON. ``size`` is how many bytes the record has."""
    event: dict[str, object] = {
        "occurred_at": draft.occurred_at,
        "actor": _present(
            kind=draft.actor.kind if draft.actor.id else "system",
            id=draft.actor.id or "unknown",
            name=draft.actor.name,
            impersonator=draft.actor.impersonator,
        ),
        "event_type": draft.event_type,
        "change": draft.change,
        "outcome": draft.outcome,
        "resource": _resource(draft),
        "deployment": draft.deployment,
        "branch_deployment": draft.branch_deployment,
        "summary": draft.summary,
        "session": draft.session,
        "ip": draft.ip,
        "user_agent": draft.user_agent,
        "request_id": draft.request_id,
    }
    kept = _Kept(dict(draft.details))
    said = {text for text in event.values() if isinstance(text, str)} | {draft.actor.id}
    said |= {draft.resource_id, draft.resource_type, draft.resource_name}
    for name in _OPTIONAL:
        text = str(event[name])
        if text and problem_with(text, MAX_TEXT[name]):
            event[name] = ""
            kept.elsewhere[name] = text
    # A row of the list has room for the first few: those that say something new.
    by_interest = sorted(
        leaves(facts.record),
        key=lambda fact: bool(_SELDOM_ASKED.search(fact[0])) + (text_of(fact[1]) in said),
    )
    for path, value in by_interest:
        kept.add(path, value)
    sides = _sides(draft, kept, size)
    event["details"] = kept.details
    return {name: value for name, value in event.items() if value} | dict(sides)


def _present(**fields: str) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}


def _resource(draft: Draft) -> dict[str, str]:
    """An id needs a type; and a resource with only a name is known by it."""
    id = draft.resource_id or draft.resource_name
    if not id:
        return _present(type=draft.resource_type)
    name = draft.resource_name or draft.resource_id
    if problem_with(name, MAX_TEXT["resource.name"]):
        name = ""  # shown by its id
    return _present(type=draft.resource_type or "resource", id=id, name=name)


@dataclass(slots=True)
class _Kept:
    """Details, and the facts that cannot be details."""

    details: dict[str, str]
    elsewhere: dict[str, JSON] = field(default_factory=dict)

    def add(self, path: str, value: JSON) -> None:
        text = _detail(value)
        if (
            not text
            or path in self.details
            or len(self.details) >= _MOST_DETAILS
            or problem_with(text, MAX_DETAIL_VALUE)
            or problem_with_key(path)
        ):
            self.elsewhere[path] = value
        else:
            self.details[path] = text

    def write_out(self) -> None:
        """As JSON text, where that fits; what does not is named."""
        for path, value in list(self.elsewhere.items()):
            text = dumps(value)
            fits = not (problem_with(text, MAX_DETAIL_VALUE) or problem_with_key(path))
            if fits and path not in self.details and len(self.details) < _MOST_DETAILS:
                self.details[path] = text
                del self.elsewhere[path]
        if self.elsewhere:
            self.details["left_out"] = self.names()

    def names(self) -> str:
        named = [path for path in self.elsewhere if not problem_with(path, MAX_DETAIL_VALUE // 30)]
        more = len(self.elsewhere) - len(named[:_MOST_NAMED])
        return ", ".join(named[:_MOST_NAMED]) + (f" and {more} more" if more else "")


def _detail(value: JSON) -> str:
    """A fact as a detail's text; empty if it is more than one line can tell."""
    if isinstance(value, list):
        items = [text_of(item) for item in value]
        return ", ".join(items) if all(items) else ""
    return text_of(value)


def _sides(draft: Draft, kept: _Kept, size: int) -> Mapping[str, Document]:
    sides = {"before": draft.before, "after": draft.after}
    if kept.elsewhere and draft.reads_changes:
        kept.write_out()
    elif kept.elsewhere:
        kept.details["kept_in_snapshot"] = kept.names()
        after = draft.after if isinstance(draft.after, dict) else {}
        sides["after"] = after | {"record": kept.elsewhere}
    there = {name: side for name, side in sides.items() if side is not ABSENT}
    if size <= MAX_SNAPSHOT_BYTES // 2:  # what is made of it cannot be larger than a snapshot
        return there
    return _fitting(there, kept)


def _fitting(sides: Mapping[str, Document], kept: _Kept) -> Mapping[str, Document]:
    """None of them where one is too large for a snapshot: half a diff would tell a lie."""
    for name, side in sides.items():
        try:
            as_document(side)  # type: ignore[arg-type]  # absent ones are not among them
        except TooLarge as reason:
            kept.details["snapshots_omitted"] = f"{name} {reason}"
            return {}
    return sides
