"""Reading one event's fields, gathering every error instead of stopping at the first."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address
from uuid import UUID

from audit.diff import JSONNumber
from audit.recording.limits import (
    MAX_DETAIL_KEY,
    MAX_DETAIL_VALUE,
    MAX_DETAILS,
    MAX_TEXT,
)

_SURROGATE = re.compile("[\ud800-\udfff]")
# Addresses and keys of details recur in one event after the other.
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of an event: ``actor.kind``, ``details.namespace``."""

    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"


class InvalidEvent(ValueError):
    """An event that cannot be recorded, with every reason why."""

    def __init__(self, errors: Collection[FieldError]) -> None:
        super().__init__("; ".join(str(error) for error in errors))
        self.errors = tuple(errors)


def problem_with(text: str, limit: int) -> str:
    """Why a text cannot be stored as it is, or an empty string."""
    if len(text) > limit:
        return f"has {len(text):,} characters, at most {limit:,} are allowed"
    if "\0" in text:
        return "holds a NUL character, which PostgreSQL cannot store"
    if not text.isascii() and _SURROGATE.search(text):
        return "holds half a surrogate pair, which is not text"
    return ""


@dataclass(slots=True)
class FieldReader:
    """Takes typed values out of ``raw``; what is wrong goes to ``errors``."""

    raw: Mapping[str, object]
    prefix: str = ""
    errors: list[FieldError] = field(default_factory=list)

    def fail(self, name: str, reason: str) -> None:
        self.errors.append(FieldError(self.prefix + name, reason))

    def refuse_others(self, known: Collection[str]) -> None:
        for name in self.raw:
            if name not in known:
                self.fail(str(name), "is not a field of an event")

    def text(self, name: str, *, required: bool = False) -> str:
        value = self.raw.get(name)
        if value is None or value == "":
            if required:
                self.fail(name, "is required")
            return ""
        if not isinstance(value, str):
            self.fail(name, f"must be text, not {kind_of(value)}")
            return ""
        if reason := problem_with(value, MAX_TEXT[self.prefix + name]):
            self.fail(name, reason)
        return value

    def choice(self, name: str, choices: Collection[str], default: str = "") -> str:
        value = self.raw.get(name)
        if value is None and default:
            return default
        if not isinstance(value, str) or value not in choices:
            self.fail(name, f"must be one of {', '.join(choices)}")
            return default
        return value

    def part(self, name: str) -> "FieldReader":
        """The fields of a nested object; its errors are gathered here too."""
        value = self.raw.get(name)
        if value is not None and not isinstance(value, Mapping):
            self.fail(name, f"must be an object, not {kind_of(value)}")
            value = None
        return FieldReader(value or {}, f"{self.prefix}{name}.", self.errors)

    def moment(self, name: str) -> datetime | None:
        """A datetime with a zone, given as such or as RFC 3339 text; in UTC."""
        value = self.raw.get(name)
        if value is None:
            return None
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                self.fail(name, "must be a time as RFC 3339 writes it: 2026-11-22T14:32:07.418Z")
                return None
        if not isinstance(value, datetime):
            self.fail(name, f"must be a time, not {kind_of(value)}")
            return None
        if value.utcoffset() is None:
            self.fail(name, "has no time zone, so it names no moment: add Z or an offset")
            return None
        try:
            return value.astimezone(UTC)
        except OverflowError:
            self.fail(name, "is outside the calendar")
            return None

    def uuid(self, name: str) -> UUID | None:
        value = self.raw.get(name)
        if value is None or isinstance(value, UUID):
            return value
        try:
            return UUID(value)  # type: ignore[arg-type]  # whatever it is, the answer is the same
        except (ValueError, TypeError, AttributeError):
            self.fail(name, "must be a UUID")
            return None

    def address(self, name: str) -> str | None:
        value = self.raw.get(name)
        if value is None or value == "":
            return None
        try:
            return _address(str(value))
        except ValueError as error:
            self.fail(name, str(error))
            return None

    def details(self, name: str) -> dict[str, str]:
        value = self.raw.get(name)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.fail(name, f"must be an object of text values, not {kind_of(value)}")
            return {}
        if len(value) > MAX_DETAILS:
            self.fail(name, f"has {len(value)} keys, at most {MAX_DETAILS} are allowed")
            return {}
        return {str(key): self._detail(name, key, item) for key, item in value.items()}

    def _detail(self, name: str, key: object, value: object) -> str:
        if isinstance(value, bool):  # before int, which bool is
            value = "true" if value else "false"
        elif isinstance(value, int):
            value = str(value)
        if reason := problem_with_key(key):
            self.fail(f"{name}.{str(key)[:MAX_DETAIL_KEY]!a}", reason)
        elif not isinstance(value, str):
            self.fail(f"{name}.{key}", f"must be text, not {kind_of(value)}")
        elif reason := problem_with(value, MAX_DETAIL_VALUE):
            self.fail(f"{name}.{key}", reason)
        else:
            return value
        return ""


@lru_cache(_REMEMBERED)
def _address(text: str) -> str:
    """As it is stored. Raises ValueError with what is wrong."""
    try:
        address = ip_address(text)
    except ValueError:
        raise ValueError("must be an IPv4 or IPv6 address") from None
    if getattr(address, "scope_id", None):
        raise ValueError("must be an IPv4 or IPv6 address, without a zone")
    return str(address)


@lru_cache(_REMEMBERED, typed=True)
def problem_with_key(key: object) -> str:
    if not isinstance(key, str):
        return f"the key must be text, not {kind_of(key)}"
    if not key or key != key.strip():
        return "the key must not be empty or begin or end with a space"
    if ":" in key:
        return "the key must not hold a colon, which divides key from value in filters"
    reason = problem_with(key, MAX_DETAIL_KEY)
    return f"the key {reason}" if reason else ""


def kind_of(value: object) -> str:
    """The JSON name of a value's kind, for messages."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float, JSONNumber)):
        return "a number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, (list, tuple)):
        return "an array"
    return f"a Python {type(value).__name__}"
