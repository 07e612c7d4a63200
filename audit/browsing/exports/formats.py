"""How events are written: as lines of JSON, as one JSON array, as a table.

The JSON of an event is that of docs/events.md with ``recorded_at`` and ``organization``, so that
``import_events`` reads it again. What was not given is null. An idempotency key is not kept by
the log, which has the id made of it, so an export has none either.

A spreadsheet takes text that begins with ``=``, ``+``, ``-`` or ``@`` for a formula. Cells of a
table that begin so (or with a tab, a line's end or an apostrophe) get an apostrophe in front:
take one leading apostrophe off, and every cell is what the log has.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from audit.browsing.exports.reading import Exported
from audit.diff import JSON, dumps
from audit.models import Event

type _Groups = Iterable[Sequence[Exported]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """``write`` takes groups of events, the organisation's slug and details keys for columns."""

    name: str
    label: str
    description: str
    content_type: str
    write: Callable[[_Groups, str, Sequence[str]], Iterator[str]]


def event_json(exported: Exported, organization: str) -> str:
    """One event on one line; its documents are exactly the text that is stored."""
    fields = dumps(_fields(exported.event, organization))
    documents = (("before", exported.before), ("after", exported.after))
    given = [f',"{name}":{_on_one_line(text)}' for name, text in documents if text is not None]
    return f"{fields[:-1]}{''.join(given)}}}"


def _fields(event: Event, organization: str) -> JSON:
    return {
        "id": str(event.id),
        "occurred_at": moment(event.occurred_at),
        "recorded_at": moment(event.recorded_at),
        "organization": organization,
        "actor": {
            "kind": event.actor_kind,
            "id": event.actor_id,
            "name": event.actor_name or None,
            "impersonator": event.impersonator or None,
        },
        "event_type": event.event_type,
        "change": event.change,
        "outcome": event.outcome,
        "resource": {
            "type": event.resource_type or None,
            "id": event.resource_id or None,
            "name": event.resource_name or None,
        },
        "deployment": event.deployment or None,
        "branch_deployment": event.branch_deployment or None,
        "details": {**event.details},
        "summary": event.summary or None,
        "session": event.session or None,
        "ip": event.ip,
        "user_agent": event.user_agent or None,
        "request_id": event.request_id or None,
    }


def moment(at: datetime) -> str:
    """RFC 3339 in UTC: milliseconds, and microseconds where there are some."""
    precision = "microseconds" if at.microsecond % 1000 else "milliseconds"
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=precision)}Z"


def _on_one_line(document: str) -> str:
    """Inside the strings of a document line ends are escapes, so these are between its tokens."""
    return document.replace("\r", " ").replace("\n", " ")


def _ndjson(groups: _Groups, organization: str, _: Sequence[str]) -> Iterator[str]:
    for group in groups:
        yield "".join(event_json(exported, organization) + "\n" for exported in group)


def _array(groups: _Groups, organization: str, _: Sequence[str]) -> Iterator[str]:
    before = "[\n"
    for group in groups:
        yield before + ",\n".join(event_json(exported, organization) for exported in group)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


# --- Tables -------------------------------------------------------------------------------------

_COLUMNS: Final = (
    "id", "occurred_at", "recorded_at", "organization", "actor_kind", "actor_id", "actor_name",
    "impersonator", "event_type", "change", "outcome", "resource_type", "resource_id",
    "resource_name", "deployment", "branch_deployment", "summary", "session", "ip", "user_agent",
    "request_id", "details",
)  # fmt: skip
_TEXTS: Final = _COLUMNS[4:-1]

# The full-width forms too: spreadsheets in East Asian languages take them for the plain ones.
_RISKY: Final = re.compile("[=+\\-@\t\r\n'＝＋－＠]")


def safe_cell(text: str) -> str:
    """A text that no spreadsheet calculates; see the module."""
    return f"'{text}" if _RISKY.match(text) else text


def _table(groups: _Groups, organization: str, details: Sequence[str]) -> Iterator[str]:
    """RFC 4180, a header first; details as JSON, and the asked for keys as columns of their own."""
    named = [f"details.{key}" for key in details]
    yield _lines([[*_COLUMNS, *named, "before", "after"]])
    for group in groups:
        yield _lines(_cells(exported, organization, details) for exported in group)


def _cells(exported: Exported, organization: str, details: Sequence[str]) -> list[str]:
    event = exported.event
    return [
        str(event.id),
        moment(event.occurred_at),
        moment(event.recorded_at),
        organization,
        *(getattr(event, column) or "" for column in _TEXTS),
        dumps({**event.details}),
        *(event.details.get(key, "") for key in details),
        exported.before or "",
        exported.after or "",
    ]


def _lines(rows: Iterable[Sequence[str]]) -> str:
    file = io.StringIO()
    csv.writer(file).writerows([safe_cell(cell) for cell in row] for row in rows)
    return file.getvalue()


_ALL = (
    Format(
        name="csv",
        label="CSV",
        description="A table for spreadsheets. Details and documents are JSON in their cells.",
        content_type="text/csv; charset=utf-8",
        write=_table,
    ),
    Format(
        name="ndjson",
        label="NDJSON",
        description="One event a line, complete; can be imported again.",
        content_type="application/x-ndjson",
        write=_ndjson,
    ),
    Format(
        name="json",
        label="JSON",
        description="The same events as one array.",
        content_type="application/json",
        write=_array,
    ),
)

FORMATS: Final = {format.name: format for format in _ALL}
