"""Where a value stands: JSON Pointers (RFC 6901) and patterns of them."""

from collections.abc import Mapping
from typing import Self

from audit.diff.document import JSON

type Key = str | int
"""An object's key or an array's index."""


def escape(key: Key) -> str:
    """One reference token of a pointer."""
    return str(key).replace("~", "~0").replace("/", "~1")


def tokens(pointer: str) -> list[str]:
    """The keys a pointer goes through; `ValueError` if it is not a pointer."""
    if pointer and not pointer.startswith("/"):
        raise ValueError("a JSON Pointer is empty or starts with /")
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def resolve(document: JSON, pointer: str) -> JSON:
    """The value a pointer names; `LookupError` if there is none."""
    value = document
    for token in tokens(pointer):
        if isinstance(value, dict):
            value = value[token]
        elif isinstance(value, list) and token.isdecimal() and str(int(token)) == token:
            value = value[int(token)]
        else:
            raise LookupError(pointer)
    return value


class Place:
    """Where an object or array stands, linked to what encloses it.

    The pointer is spelt only when asked for: a long key above many lines would otherwise be
    repeated for each of them.
    """

    __slots__ = ("identity", "item_key", "key", "parent")

    def __init__(
        self,
        parent: Self | None,
        key: Key,
        identity: str | None = None,
        item_key: str | None = None,
    ) -> None:
        self.parent = parent
        self.key = key
        # For an array's item, the member that tells it from its neighbours; for an array, the
        # member that does so for its items.
        self.identity = identity
        self.item_key = item_key

    @property
    def pointer(self) -> str:
        parts: list[str] = []
        place: Place | None = self
        while place is not None and place.parent is not None:
            parts.append(escape(place.key))
            place = place.parent
        return "".join("/" + part for part in reversed(parts))


class Patterns:
    """Values by pointer pattern, where `*` stands for any one key, followed downwards.

    `below(key)` gives what is left of the patterns one level down, `value` what a pattern that
    ends here says.
    """

    __slots__ = ("_branches", "value")

    def __init__(self, branches: list[tuple[list[str], str]]) -> None:
        self._branches = [branch for branch in branches if branch[0]]
        self.value = next((value for path, value in branches if not path), None)

    @classmethod
    def of(cls, patterns: Mapping[str, str]) -> Self:
        return cls([(tokens(pattern), value) for pattern, value in patterns.items()])

    def below(self, key: Key) -> "Patterns":
        if not self._branches:
            return _NO_PATTERNS
        wanted = ("*", str(key))
        return Patterns([(path[1:], value) for path, value in self._branches if path[0] in wanted])


_NO_PATTERNS = Patterns([])
