"""Why a file gives no document, and the numbers all formats share."""

import re

from audit.diff import JSON, loads

_NUMBER = re.compile(
    r"(?:\+|(?P<minus>-))?0*(?P<whole>[0-9]*)(?P<dot>\.?)(?P<part>[0-9]*)(?P<power>(?:e[-+]?[0-9]+)?)",
    re.IGNORECASE,
)


class NotADocument(ValueError):
    """A file that cannot be read as JSON values; the message says why."""


class TooLarge(NotADocument):
    """A document that would not fit into a snapshot."""


def decimal(text: str) -> JSON:
    """The exact JSON number for a decimal number as YAML and TOML may write it.

    ``1_000``, ``+1``, ``.5``, ``1.`` and ``007.5`` are 1000, 1, 0.5, 1.0 and 7.5; digits are
    never rounded. Raises ValueError for anything else.
    """
    found = _NUMBER.fullmatch(text.replace("_", ""))
    if not found or not (found["whole"] or found["part"] or "0" in text):
        raise ValueError(f"“{text}” is not a number")
    fraction = f".{found['part'] or '0'}" if found["dot"] else ""
    return loads(f"{found['minus'] or ''}{found['whole'] or '0'}{fraction}{found['power']}")
