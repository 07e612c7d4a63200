"""``ndjson``: one event a line, as docs/events.md describes it."""

from audit.diff import JSON
from audit.recording.importers.item import EventJSON, Options, Refused
from audit.recording.importers.line_format import line_format
from audit.recording.importers.lines import Line


def _event(record: dict[str, JSON], line: Line, options: Options) -> EventJSON:
    """The record is the event. One without an id or a key is known by its own text."""
    if record.get("id") or record.get("idempotency_key"):
        return record
    if not record.get("occurred_at"):
        raise Refused("occurred_at: is required")
    return record | {"idempotency_key": f"ndjson:{line.key}"}


NDJSON = line_format("ndjson", "one event a line, as docs/events.md describes it", _event)
