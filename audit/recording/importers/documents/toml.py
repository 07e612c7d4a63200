"""TOML 1.0 as JSON: dates and times as text, numbers exact.

``inf`` and ``nan``, which JSON has no numbers for, are kept as the text TOML writes them as.
"""

import tomllib
from datetime import date, datetime, time

from audit.diff import JSON, MAX_DEPTH, JSONNumber
from audit.recording.importers.documents.reasons import NotADocument, decimal


def read_toml(text: str) -> JSON:
    """The table a TOML file describes. Raises NotADocument with line and column."""
    try:
        return _json(tomllib.loads(text, parse_float=_float), 0)
    except RecursionError:
        raise NotADocument("not TOML: nested too deeply") from None
    except ValueError as error:
        if isinstance(error, NotADocument):
            raise
        raise NotADocument(f"not TOML: {error}") from None


def _float(text: str) -> JSON:
    return text if text.lstrip("+-") in ("inf", "nan") else decimal(text)


def _json(value: object, depth: int) -> JSON:
    if depth > MAX_DEPTH:
        raise NotADocument(f"nested deeper than {MAX_DEPTH} levels")
    match value:
        case dict():
            return {key: _json(member, depth + 1) for key, member in value.items()}
        case list():
            return [_json(item, depth + 1) for item in value]
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
        case bool() | int() | float() | str() | JSONNumber():
            return value
    raise NotADocument(f"holds a {type(value).__name__}")  # pragma: no cover -- TOML has no more
