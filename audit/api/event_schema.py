"""The event as JSON Schema (draft 2020-12), with the limits that recording enforces.

Whatever is recorded fits this schema. The other way round there are rules that no schema can
tell, such as an ``id`` that begins with ``occurred_at``; the descriptions do.
"""

from collections.abc import Iterable
from typing import Any, Final

from audit.models import ActorKind, Change, Outcome
from audit.recording.limits import (
    MAX_AHEAD_HOURS,
    MAX_DETAIL_KEY,
    MAX_DETAIL_VALUE,
    MAX_DETAILS,
    MAX_SNAPSHOT_BYTES,
    MAX_TEXT,
)

type Schema = dict[str, Any]


def _text(name: str, description: str) -> Schema:
    return {
        "type": ["string", "null"],
        "maxLength": MAX_TEXT[name],
        "description": description,
    }


def _required_text(name: str, description: str) -> Schema:
    return _text(name, description) | {"type": "string", "minLength": 1}


def _choice(choices: Iterable[str], description: str, default: str) -> Schema:
    return {"enum": [*choices, None], "description": f"{description} Left out: {default}."}


def _object(description: str, required: list[str], properties: Schema) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


_ACTOR: Final = _object(
    "Who did it.",
    ["kind", "id"],
    {
        "kind": {"enum": list(ActorKind.values), "description": "What kind of actor it was."},
        "id": _required_text(
            "actor.id", "How the actor is known: an e-mail address, an account name."
        ),
        "name": _text("actor.name", "What people call the actor."),
        "impersonator": _text("actor.impersonator", "The id of whoever acted in the actor's name."),
    },
)

_RESOURCE: Final = _object(
    "What was acted on, named as it was then.",
    [],
    {
        "type": _text(
            "resource.type",
            "What kind of thing. Left out: as the catalogue says; required with an id where it"
            " says nothing.",
        ),
        "id": _text("resource.id", "How the thing is known."),
        "name": _text("resource.name", "What people call the thing."),
    },
) | {"type": ["object", "null"]}

_DETAILS: Final = {
    "type": ["object", "null"],
    "description": "Facts to filter by, as text; whole numbers and booleans are written as text."
    " A key holds no colon and no space at its ends.",
    "maxProperties": MAX_DETAILS,
    "propertyNames": {"minLength": 1, "maxLength": MAX_DETAIL_KEY, "pattern": "^[^:]*$"},
    "additionalProperties": {
        "type": ["string", "integer", "boolean"],
        "maxLength": MAX_DETAIL_VALUE,
    },
}

_ADDRESS: Final = {
    "anyOf": [
        {"type": "string", "format": "ipv4"},
        {"type": "string", "format": "ipv6"},
        {"enum": ["", None]},
    ],
    "description": "The IPv4 or IPv6 address it came from. The caller's own is never put here.",
}


def _snapshot(when: str) -> Schema:
    return {
        "description": f"The resource {when}: any JSON of up to {MAX_SNAPSHOT_BYTES:,} bytes, kept"
        " as it came. Left out there is no snapshot; null is a document."
    }


def _passed_over(name: str) -> Schema:
    return {"description": f"Passed over, so that exports can be sent as they are: {name}."}


EVENT: Final[Schema] = _object(
    "Who changed what, when and how.",
    ["actor", "event_type"],
    {
        "id": {
            "type": ["string", "null"],
            "format": "uuid",
            "description": "A UUID of version 7 whose first 48 bits are the milliseconds of"
            " occurred_at. Left out: made here. The same id is recorded once.",
        },
        "occurred_at": {
            "type": ["string", "null"],
            "format": "date-time",
            "description": f"RFC 3339, with a zone; 1970 to {MAX_AHEAD_HOURS} hours ahead of the"
            " server. Left out: the time of id, else now.",
        },
        "actor": _ACTOR,
        "event_type": _required_text(
            "event_type",
            "A slug of the catalogue, or one of your own if the organisation accepts those.",
        ),
        "change": _choice(
            Change.values,
            "What became of the resource.",
            "as the catalogue says, else as the snapshots imply",
        ),
        "outcome": _choice(Outcome.values, "How it ended.", Outcome.SUCCESS),
        "resource": _RESOURCE,
        "deployment": _text("deployment", "Where it happened."),
        "branch_deployment": _text("branch_deployment", "On which branch of the deployment."),
        "details": _DETAILS,
        "summary": _text("summary", "A sentence for people."),
        "session": _text("session", "The session it was done in."),
        "ip": _ADDRESS,
        "user_agent": _text("user_agent", "The program it was done with."),
        "request_id": _text("request_id", "The request it was done by."),
        "idempotency_key": _text(
            "idempotency_key",
            "The same key and time are recorded once; occurred_at or id is required with it.",
        ),
        "before": _snapshot("before"),
        "after": _snapshot("after"),
        "recorded_at": _passed_over("when it was recorded"),
        "organization": _passed_over("whose event it was"),
        "position": _passed_over("its place in the log"),
    },
) | {
    "examples": [
        {
            "occurred_at": "2026-11-22T14:32:07.418Z",
            "actor": {"kind": "user", "id": "mara.ito@acme.dev", "name": "Mara Ito"},
            "event_type": "schedule.updated",
            "resource": {"id": "nightly_revenue", "name": "Nightly revenue"},
            "deployment": "prod",
            "details": {"namespace": "company.finance", "revision": "42"},
            "before": {"paused": False},
            "after": {"paused": True},
        }
    ]
}
