"""The names that may stand before a colon.

The parser takes them from here as data, and a test holds them against what events can really be
filtered by (``audit.browsing.fields``), so that this package stays free of Django.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of events. ``name`` is how queries write it, ``parameter`` how URLs do.

    ``choices`` are all its values, if they are known; ``tried`` is what people write who don't
    know the name.
    """

    name: str
    parameter: str
    choices: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()


# In the order of the filter form.
_ALL = (
    Field(name="actor", parameter="actor", tried=("user", "author", "by", "who")),
    Field(name="event", parameter="event_type", tried=("type", "action")),
    Field(name="deployment", parameter="deployment", tried=("environment", "env")),
    Field(name="branch", parameter="branch_deployment"),
    Field(name="resource_type", parameter="resource_type"),
    Field(name="resource", parameter="resource", tried=("object", "target")),
    Field(
        name="change",
        parameter="change",
        choices=("created", "updated", "deleted", "other"),
        tried=("operation",),
    ),
    Field(
        name="kind",
        parameter="actor_kind",
        choices=("user", "service_account", "agent_token", "system"),
    ),
    Field(
        name="outcome",
        parameter="outcome",
        choices=("success", "failure", "denied"),
        tried=("status", "result"),
    ),
    Field(name="impersonator", parameter="impersonator"),
    Field(name="session", parameter="session"),
    Field(name="ip", parameter="ip", tried=("address",)),
    Field(name="request", parameter="request_id"),
)

FIELDS: Final[Mapping[str, Field]] = {field.name: field for field in _ALL}
BY_PARAMETER: Final[Mapping[str, Field]] = {field.parameter: field for field in _ALL}
#: Every way to write a field: its name and, for those who know it, its URL parameter.
BY_ANY_NAME: Final[Mapping[str, Field]] = {**BY_PARAMETER, **FIELDS}

#: The ``field`` of a term that asks for a details key.
DETAILS: Final = "details"
#: Before a details key that a field would otherwise hide: ``details.actor:x``.
DETAILS_PREFIX: Final = "details."

SINCE, UNTIL, TIME = "since", "until", "time"
TIMES: Final[Mapping[str, tuple[str, ...]]] = {  # and what people write who don't know the name
    SINCE: ("from", "start"),
    UNTIL: ("to", "end"),
    TIME: ("date", "when"),
}
#: What snapshots will be asked by, and what to write for a time instead.
RESERVED: Final[Mapping[str, str]] = {"before": UNTIL, "after": SINCE}

#: The names a type-ahead offers. A resource's type is asked for by ``resource`` too.
OFFERED: Final = (*(name for name in FIELDS if name != "resource_type"), *TIMES)


def hides(key: str) -> bool:
    """Whether this details key, written by itself, would be taken for something else."""
    return key in BY_ANY_NAME or key in TIMES or key in RESERVED or key.startswith(DETAILS_PREFIX)
