"""Replacing the secrets of an event, before anything else looks at it."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import is_not
from typing import Final, cast

from audit.diff import JSON, InvalidJSON
from audit.diff.document import MAX_DEPTH, REDACTED, is_redacted
from audit.recording.redaction.fingerprints import MASKED
from audit.recording.redaction.forms import Form, forms_in_any, mask_secrets, unknown
from audit.recording.redaction.names import Name, ends_with, is_secret_name, words_of_name

#: Any one member or item, in a pointer.
ANY: Final = "*"

# ``{{ secret('x') }}``, ``${TOKEN}``, ``$TOKEN``: where a secret is, not what it is.
_REFERENCE = re.compile(r"\{\{.*\}\}|\$\{.*\}|\$[A-Za-z_]\w*", re.DOTALL)
_SNAPSHOTS: Final = ("before", "after")
# An id and what one is made of: no place for a secret, and never stored as they are.
_UNSTORED: Final = frozenset({"id", "occurred_at", "idempotency_key"})
_SEEN: Final = frozenset({*_UNSTORED, *_SNAPSHOTS, "details"})
# Members of a Kubernetes Secret that hold its values, encoded but not encrypted.
_SECRET_DATA: Final = frozenset({"data", "stringData"})

type Fingerprint = Callable[[JSON], str]
type Pointer = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """What an organisation masks of one type of events beyond what is masked everywhere.

    ``names`` are names to mask as well, ``kept`` names not to mask, ``pointers`` places in both
    snapshots (RFC 6901, ``*`` for any one segment).
    """

    names: tuple[Name, ...] = ()
    kept: frozenset[Name] = frozenset()
    pointers: tuple[Pointer, ...] = ()

    @property
    def masks(self) -> Callable[[object], bool]:
        """Tells whether a value of a name is masked."""
        return self._masks if self.names or self.kept else is_secret_name

    def _masks(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        words = words_of_name(name)
        if words in self.kept:
            return False
        return is_secret_name(name) or any(ends_with(words, ending) for ending in self.names)


NOTHING_MORE: Final = Rules()


@dataclass(frozen=True, slots=True)
class Redacted:
    """An event without its secrets, and the fingerprints that stand in their places.

    ``has_text_keys`` tells that all keys of its documents are text, seen on the way.
    """

    event: Mapping[str, object]
    fingerprints: tuple[str, ...] = ()
    has_text_keys: bool = False


def redact(
    event: Mapping[str, object], fingerprint: Fingerprint, rules: Rules = NOTHING_MORE
) -> Redacted:
    """Mask the secrets of an event given as JSON has it; wrong fields stay for validation to name.

    In documents a masked leaf is ``{"$redacted": "<fingerprint>"}``, in details and other texts
    ``[redacted <fingerprint>]``. The event given is not changed.
    """
    masking = _Masking(rules, fingerprint)
    changed = dict(event)
    for side in _SNAPSHOTS:
        if side in event:
            changed[side] = masking.document(cast(JSON, event[side]))
    if isinstance(details := event.get("details"), Mapping):
        changed["details"] = masking.details(details)
    if forms := masking.forms(changed):
        changed = {k: masking.without(forms, k, value) for k, value in changed.items()}
    return Redacted(changed, tuple(masking.found), masking.has_text_keys)


class _Masking:
    """One event on its way through. What nothing was masked in is handed on, not copied."""

    def __init__(self, rules: Rules, fingerprint: Fingerprint) -> None:
        self.found: dict[str, None] = {}
        self.has_text_keys = False
        self._rules, self._masks, self._fingerprint = rules, rules.masks, fingerprint
        self._texts: set[object] = set()

    def document(self, value: JSON) -> JSON:
        for pointer in self._rules.pointers:
            value = self._at(value, pointer)
        return self._inside(value, 0)

    def details(self, details: Mapping[object, object]) -> Mapping[object, object]:
        masked = {
            key: self._as_text(value)
            for key, value in details.items()
            if self._masks(key) and self._is_secret(value)
        }
        self._texts.update(details)
        self._texts.update(value for value in details.values() if isinstance(value, str))
        return {**details, **masked} if masked else details

    def forms(self, event: Mapping[str, object]) -> tuple[Form, ...]:
        """The forms of the secrets in the texts of the event, all of them looked at at once."""
        texts = self._texts
        for key, value in event.items():
            if key in _SEEN:
                continue
            if isinstance(value, str):
                texts.add(value)
            elif isinstance(value, Mapping):
                texts.update(text for text in value.values() if isinstance(text, str))
        fresh = unknown(texts)
        self.has_text_keys = all(isinstance(each, str) for each in fresh)
        return forms_in_any(fresh)

    def without(self, forms: Iterable[Form], key: str, value: object) -> object:
        """A field of the event without the secrets of these forms."""
        if key in _UNSTORED:
            return value
        return self._texts_of(value, lambda text: mask_secrets(text, forms, self._as_text), 0)

    # --- By name -----------------------------------------------------------------------------

    def _inside(self, value: JSON, depth: int) -> JSON:
        if isinstance(value, str):
            self._texts.add(value)
        elif depth > MAX_DEPTH:
            return value  # which is refused for its depth
        elif isinstance(value, dict):
            return self._members(value, depth + 1)
        elif isinstance(value, list | tuple):
            return self._items(value, depth + 1)
        return value

    def _members(self, members: dict[str, JSON], depth: int) -> JSON:
        if is_redacted(members):
            self.found[str(members[REDACTED])] = None
            return members
        changed: dict[str, JSON] | None = None
        holds_data = members.get("kind") == "Secret"
        texts, masks = self._texts, self._masks
        texts.update(members)
        for key, value in members.items():
            if holds_data and key in _SECRET_DATA and isinstance(value, dict):
                masked: JSON = {name: self._leaf(each) for name, each in value.items()}
            elif masks(key):
                masked = self._named(value, depth)
            elif isinstance(value, str):
                texts.add(value)
                continue
            elif isinstance(value, dict | list | tuple):
                masked = self._inside(value, depth)
            else:
                continue
            if masked is not value:
                changed = changed or dict(members)
                changed[key] = masked
        return members if changed is None else changed

    def _items(self, items: list[JSON], depth: int) -> JSON:
        masked = [self._inside(item, depth) for item in items]
        return masked if any(map(is_not, masked, items)) else items

    def _named(self, value: JSON, depth: int) -> JSON:
        """What has a secret name: leaves are masked, an object is looked into by its own names."""
        if isinstance(value, dict):
            return self._members(value, depth + 1)
        if isinstance(value, list | tuple) and depth <= MAX_DEPTH:
            return [self._named(item, depth + 1) for item in value]
        return self._leaf(value)

    def _leaf(self, value: JSON) -> JSON:
        return self._mask(value) if self._is_secret(value) else value

    def _is_secret(self, value: object) -> bool:
        """Not where there is no value, only the place of one, or a switch (``createSecret``)."""
        if isinstance(value, str):
            return bool(value) and not _REFERENCE.fullmatch(value)
        return value is not None and not isinstance(value, bool)

    # --- By place ----------------------------------------------------------------------------

    def _at(self, value: JSON, pointer: Pointer) -> JSON:
        if not pointer:
            return value if value is None or is_redacted(value) else self._mask(value)
        segment, rest = pointer[0], pointer[1:]
        if isinstance(value, dict) and not is_redacted(value):
            keys = value.keys() if segment == ANY else {segment} & value.keys()
            return {**value, **{key: self._at(value[key], rest) for key in keys}} if keys else value
        if isinstance(value, list | tuple):
            chosen = {str(index) for index in range(len(value))} if segment == ANY else {segment}
            return [
                self._at(item, rest) if str(index) in chosen else item
                for index, item in enumerate(value)
            ]
        return value

    # --- By form -----------------------------------------------------------------------------

    def _texts_of(self, value: object, without: Callable[[str], str], depth: int) -> object:
        if isinstance(value, str):
            return without(value)
        if depth > MAX_DEPTH or is_redacted(value):
            return value
        if isinstance(value, Mapping):
            return {
                self._texts_of(key, without, depth): self._texts_of(each, without, depth + 1)
                for key, each in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._texts_of(item, without, depth + 1) for item in value]
        return value

    # --- What stands instead -----------------------------------------------------------------

    def _mask(self, value: JSON) -> JSON:
        try:
            fingerprint = self._fingerprint(value)
        except InvalidJSON:
            return value  # which is refused
        self.found[fingerprint] = None
        return {REDACTED: fingerprint}

    def _as_text(self, value: object) -> str:
        """For texts: of a number or a boolean what details make of it."""
        text = value if isinstance(value, str) else str(value).lower()
        if MASKED.fullmatch(text):
            return text
        fingerprint = self._fingerprint(text)
        self.found[fingerprint] = None
        return f"[redacted {fingerprint}]"
