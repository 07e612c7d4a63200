"""What the operator says about an event's fields, beside or instead of the record."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from audit.recording.importers.item import Options, Refused, SourceError
from audit.recording.importers.vendors.draft import Draft
from audit.recording.importers.vendors.facts import Facts
from audit.recording.importers.vendors.times import moment_of
from audit.recording.importers.vendors.verbs import VERBS

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_ACTOR = ("actor.kind", "actor.id", "actor.name", "actor.impersonator")
_DRAFT = (
    "event_type", "change", "outcome", "deployment", "branch_deployment", "summary",
    "session", "ip", "user_agent", "request_id",
)  # fmt: skip
_RESOURCE = ("resource.type", "resource.id", "resource.name")
#: The fields that an operator may set, and those that may be read from a record's paths.
SETTABLE = ("occurred_at", *_ACTOR, *_DRAFT, *_RESOURCE)
MAPPABLE = (*SETTABLE, "id", "before", "after")
#: Short for the field that is meant by it.
SHORT = {"actor": "actor.id", "resource": "resource.id"}


def field_named(name: str, fields: tuple[str, ...]) -> str:
    """The field an operator names; raises SourceError, listing them, if there is none."""
    field = SHORT.get(name, name)
    if field not in fields:
        raise SourceError(f"“{name}” is no field to be said here; these are: {', '.join(fields)}.")
    return field


def filled(texts: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """The texts with what the record has at the paths in braces; without those it has not."""
    done: dict[str, str] = {}
    for name, text in texts.items():
        values = {path: facts.text(path_of(path)) for path in _PLACEHOLDER.findall(text)}
        if all(values.values()):
            done[name] = _PLACEHOLDER.sub(lambda found, v=values: v[found[1]], text)  # type: ignore[misc]
    return done


def path_of(path: str) -> tuple[str, ...]:
    """A path with dots, or a JSON Pointer (RFC 6901) where it begins with a slash."""
    if not path.startswith("/"):
        return tuple(path.split("."))
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/"))


def time_said(texts: Mapping[str, str], options: Options) -> datetime | None:
    """``occurred_at`` among them, as a moment; raises Refused if it is none."""
    text = texts.get("occurred_at")
    if text is None:
        return None
    moment = moment_of(text)
    if moment is None:
        raise Refused(f"occurred_at: “{text}” is no time that can be read")
    return moment if moment.tzinfo else moment.replace(tzinfo=options.zone or UTC)


def apply(draft: Draft, given: Mapping[str, str], defaults: Mapping[str, str]) -> None:
    for name, text in given.items():
        _put(draft, name, text)
    for name, text in defaults.items():
        if not _said(draft, name):
            _put(draft, name, text)


def _put(draft: Draft, name: str, text: str) -> None:
    if name == "occurred_at":
        return  # the time is part of making a draft
    if name == "change":
        draft.change = VERBS.get(text.lower(), "other")
    else:
        holder, attribute = _place(draft, name)
        setattr(holder, attribute, text)


def _said(draft: Draft, name: str) -> bool:
    holder, attribute = _place(draft, name)
    return bool(getattr(holder, attribute))


def _place(draft: Draft, name: str) -> tuple[object, str]:
    if name in _ACTOR:
        return draft.actor, name.removeprefix("actor.")
    return draft, name.replace(".", "_")
