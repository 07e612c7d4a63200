"""Words: how phrases become the summary of an event."""

from collections.abc import Sequence


def sentence(phrases: Sequence[str]) -> str:
    """ "added task a", "renamed b to c" → "Added task a, renamed b to c"."""
    return capitalized(listed(phrases))


def listed(phrases: Sequence[str]) -> str:
    """ "a", "b", "c" → "a, b and c"."""
    *leading, last = dict.fromkeys(phrases)
    return f"{', '.join(leading)} and {last}" if leading else last


def capitalized(phrase: str) -> str:
    """With a capital first letter; the rest as it is."""
    return phrase[:1].upper() + phrase[1:]


def counted(count: int, noun: str) -> str:
    """ "1 grant", "2 grants"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
