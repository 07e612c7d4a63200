"""Which member tells an array's items apart."""

from typing import Final

from audit.diff.document import JSON, JSONNumber, is_redacted
from audit.diff.meanings import Meanings

IDENTITY_KEYS: Final = ("id", "name", "key", "uuid", "uid", "slug")

# Not trusted to match items, but good to see above a change.
_TITLES: Final = ("title", "label", "type")


def identified(items: list[JSON], key: str, meanings: Meanings) -> dict[int, int]:
    """Index by the meaning of the item's `key`, for items that alone have that value."""
    found: dict[int, int] = {}
    repeated: set[int] = set()
    for index, item in enumerate(items):
        if isinstance(item, dict) and identifies(item.get(key)):
            meaning = meanings.of(item[key])
            if meaning in found:
                repeated.add(meaning)
            found[meaning] = index
    return {meaning: index for meaning, index in found.items() if meaning not in repeated}


def identifies(value: JSON) -> bool:
    """Text that is not empty, or a number."""
    if isinstance(value, str):
        return bool(value)
    return isinstance(value, int | float | JSONNumber) and not isinstance(value, bool)


def infer(before: list[JSON], after: list[JSON], meanings: Meanings) -> str | None:
    """The key every object of both arrays has, unique on each side, that most items share.

    An id that is given anew at each save is unique too, but then the name matches more items.
    """
    best: str | None = None
    most = -1
    for key in _present_in_all(before, after):
        shared = _shared(before, after, key, meanings)
        if shared > most:
            best, most = key, shared
    return best


def _present_in_all(before: list[JSON], after: list[JSON]) -> list[str]:
    left = [item for item in before if isinstance(item, dict)]
    right = [item for item in after if isinstance(item, dict)]
    if not left or not right:
        return []
    return [
        key
        for key in IDENTITY_KEYS
        if all(identifies(item.get(key)) for items in (left, right) for item in items)
    ]


def _shared(before: list[JSON], after: list[JSON], key: str, meanings: Meanings) -> int:
    """How many items both sides have by that key; -1 if it repeats on a side."""
    left, right = identified(before, key, meanings), identified(after, key, meanings)
    unique = len(left) == _objects(before) and len(right) == _objects(after)
    return len(left.keys() & right.keys()) if unique else -1


def _objects(items: list[JSON]) -> int:
    return sum(isinstance(item, dict) for item in items)


def display_key(item: JSON, known: str | None) -> str | None:
    """The member to keep in sight above a change inside the item."""
    if not isinstance(item, dict) or is_redacted(item):
        return None
    candidates = (*IDENTITY_KEYS, *_TITLES) if known is None else (known, *IDENTITY_KEYS)
    return next((key for key in candidates if identifies(item.get(key))), None)
