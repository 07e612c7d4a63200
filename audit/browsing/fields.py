"""What events can be filtered by, and how a value of each is written."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from audit.models import ActorKind, Change, Outcome
from audit.recording.limits import MAX_DETAIL_KEY, MAX_DETAIL_VALUE

# The longest value an event can hold, with its key.
MAX_VALUE_LENGTH = MAX_DETAIL_KEY + 1 + MAX_DETAIL_VALUE


class InvalidValue(ValueError):
    """A value that no event can have. The message is a sentence that names the parameter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """``name`` is the URL parameter and, but for details, the prefix of the field's terms.

    ``column`` is the SQL that a term is checked against.
    """

    name: str
    label: str
    column: str
    choices: Collection[str] = ()

    def clean(self, value: str) -> str:
        """The value as events have it. Raises InvalidValue."""
        if len(value) > MAX_VALUE_LENGTH:
            raise InvalidValue(
                f"{self.name} has {len(value):,} characters; events hold at most"
                f" {MAX_VALUE_LENGTH:,}."
            )
        if not value or not _is_storable(value):
            raise InvalidValue(f"{self.name} must be text that an event can hold.")
        if self.choices and value not in self.choices:
            raise InvalidValue(f"{self.name} must be {_either(self.choices)}, not “{value}”.")
        return _CLEANERS.get(self.name, _as_is)(value)


def _is_storable(value: str) -> bool:
    return "\0" not in value and not any("\ud800" <= c <= "\udfff" for c in value)


def _either(choices: Collection[str]) -> str:
    *others, last = choices
    return f"{', '.join(others)} or {last}"


def _as_is(value: str) -> str:
    return value


def _clean_tag(value: str) -> str:
    if value.find(":") < 1:
        raise InvalidValue(f"tag must be key:value, as in namespace:prod, not “{value}”.")
    return value


def _clean_resource(value: str) -> str:
    if not value.partition("/")[2]:
        raise InvalidValue(f"resource must be type/id, as in flow/nightly, not “{value}”.")
    return value


def _clean_address(value: str) -> str:
    try:
        address = ip_address(value)
    except ValueError:
        raise InvalidValue(f"ip must be an IPv4 or IPv6 address, not “{value}”.") from None
    if isinstance(address, IPv6Address):
        if address.scope_id:
            raise InvalidValue(f"ip must be an address without a zone, not “{value}”.")
        return _as_postgresql_writes(address)
    return str(address)


def _as_postgresql_writes(address: IPv6Address) -> str:
    """The spelling that terms are made of: addresses that hold an IPv4 one show it as such."""
    high, low = address.packed[:12], address.packed[12:]
    is_mapped = high == b"\0" * 10 + b"\xff\xff"
    is_compatible = not any(high) and any(low[:2])
    if not (is_mapped or is_compatible):
        return str(address)
    return ("::ffff:" if is_mapped else "::") + str(ip_address(low))


_CLEANERS = {"tag": _clean_tag, "resource": _clean_resource, "ip": _clean_address}

_ALL = (
    Field(name="actor", label="User", column="actor_id"),
    Field(name="event_type", label="Event type", column="event_type"),
    Field(name="deployment", label="Deployment", column="deployment"),
    Field(name="branch_deployment", label="Branch deployment", column="branch_deployment"),
    Field(name="tag", label="Details", column="details"),
    Field(name="resource_type", label="Resource type", column="resource_type"),
    Field(
        name="resource", label="Resource", column="resource_type || '/' || nullif(resource_id, '')"
    ),
    Field(name="change", label="Change", column="change", choices=Change.values),
    Field(name="actor_kind", label="Actor kind", column="actor_kind", choices=ActorKind.values),
    Field(name="outcome", label="Outcome", column="outcome", choices=Outcome.values),
    Field(name="impersonator", label="Impersonated by", column="impersonator"),
    Field(name="session", label="Session", column="session"),
    Field(name="ip", label="IP address", column="ip"),
    Field(name="request_id", label="Request", column="request_id"),
)

FIELDS: Mapping[str, Field] = {field.name: field for field in _ALL}
