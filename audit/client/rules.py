"""What the organisation does not want recorded, and so need not be sent: docs/http.md."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, Self

from audit.client.calls import Server
from audit.client.encoding import utc_now

# How often the server is asked, as it asks for.
_EVERY_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Events that are not recorded: those for which all of this is true. None is "any"."""

    types: tuple[str, ...] | None
    except_types: frozenset[str]
    level: str | None
    actors: tuple[str, ...] | None
    kinds: frozenset[str]
    expires_at: datetime | None

    @classmethod
    def from_json(cls, rule: Mapping[str, Any]) -> Self:
        group, expires_at = rule["group"], rule["expires_at"]
        return cls(
            types=None if rule["types"] is None else tuple(rule["types"]),
            except_types=frozenset(rule["except_types"]),
            level=rule["level"],
            actors=None if group is None else tuple(group["actors"]),
            kinds=frozenset(group["kinds"] if group else ()),
            expires_at=datetime.fromisoformat(expires_at) if expires_at else None,
        )

    def holds_for(self, event: Mapping[str, Any], now: datetime) -> bool:
        type_ = str(event.get("event_type"))
        level = _part(event, "details").get("level")
        return (
            type_ not in self.except_types
            and (self.types is None or _is_among(type_, self.types))
            and (self.level is None or str(level).lower() == self.level)
            and self._is_about(_part(event, "actor"))
            and (self.expires_at is None or now < self.expires_at)
        )

    def _is_about(self, actor: Mapping[str, Any]) -> bool:
        if self.actors is None:
            return True
        return actor.get("kind") in self.kinds or _is_among(str(actor.get("id")), self.actors)


class EventRules:
    """The rules as the server last told them; none until it has."""

    def __init__(self, server: Server, clock: Callable[[], float] = time.monotonic) -> None:
        self._server, self._clock = server, clock
        self._rules: tuple[Rule, ...] = ()
        self._etag = ""
        self._asked_at = float("-inf")

    def suppress(self, event: Mapping[str, Any]) -> bool:
        """Whether the server would not record this event."""
        rules = self._rules
        return bool(rules) and any(rule.holds_for(event, utc_now()) for rule in rules)

    def refresh(self) -> None:
        """Ask the server, if that is due. Without an answer it stays with the last one."""
        now = self._clock()
        if now - self._asked_at < _EVERY_S:
            return
        self._asked_at = now
        response = self._server.get("event-rules", {"If-None-Match": self._etag or '""'})
        if response is None or response.status_code != HTTPStatus.OK:
            return
        try:
            rules = tuple(map(Rule.from_json, response.json()["rules"]))
        except (ValueError, TypeError, LookupError):
            return  # of another version: then the server alone decides
        self._rules, self._etag = rules, response.headers.get("ETag", "")


def _is_among(text: str, patterns: Iterable[str]) -> bool:
    """Whether it is one of these, or begins as one with ``*`` behind does."""
    return any(
        text.startswith(pattern[:-1]) if pattern.endswith("*") else text == pattern
        for pattern in patterns
    )


def _part(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = event.get(name)
    return part if isinstance(part, Mapping) else {}
