"""One export: its content, what it is, and the event that says it happened."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from audit.browsing.exports.formats import Format, moment
from audit.browsing.exports.reading import Reading
from audit.browsing.filters import EventFilterSet
from audit.diff import JSON, dumps
from audit.models import Event, EventQuerySet, Organization, Outcome, event_id
from audit.recording import audit_context, current, record
from audit.recording.limits import MAX_DETAIL_VALUE

_AS_OF: Final = (
    "The log as it was at as_of. Events recorded later are left out, whatever their own time."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is exported, in the words of the URL; ``since`` and ``until`` are what they came to.

    ``remarks`` are what is to be said of the query: more words than can be looked for, say.
    """

    query: Mapping[str, Sequence[str]]
    since: datetime | None = None
    until: datetime | None = None
    remarks: Sequence[str] = ()

    @classmethod
    def by(cls, filters: EventFilterSet) -> "Asked":
        """What filters ask for, once they are found to be right."""
        given = {name: filters.data.getlist(name) for name in filters.filters}
        query = {name: [v for v in values if v] for name, values in given.items()}
        used = {name: values for name, values in query.items() if values}
        remarks = [remark.message for remark in filters.hints]
        period = filters.period
        return cls(query=used, since=period.since, until=period.until, remarks=remarks)


def _nobody(_: "Export") -> None:
    """Watches an export that nobody follows."""


@dataclass(slots=True, kw_only=True)
class Export:
    """Events of an organisation on their way into a file.

    ``exporter`` is the actor of the event that is recorded of it, ``context`` what else is known
    of whoever asked: a file is written when the request is long over. ``columns`` are details
    keys that a table shows beside its others. ``watch`` is told after each group of events, and
    may stop the export by what it raises.
    """

    organization: Organization
    events: EventQuerySet
    format: Format
    asked: Asked
    exporter: Mapping[str, str]
    context: Mapping[str, Any] = field(default_factory=lambda: current().as_dict())
    oldest_first: bool = False
    columns: Sequence[str] = ()
    watch: Callable[["Export"], None] = _nobody
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    finished_at: datetime | None = None
    size: int = 0  # bytes, before anything is compressed
    event_id: UUID = field(init=False)
    reading: Reading = field(init=False)
    _hash: Any = field(default_factory=sha256, init=False, repr=False)

    def __post_init__(self) -> None:
        self.event_id = event_id(self.started_at)
        self.reading = Reading(self.events, self.oldest_first)

    @property
    def filename(self) -> str:
        at = f"{self.started_at:%Y%m%dT%H%M%SZ}"
        return f"{self.organization.slug}-events-{at}.{self.format.name}"

    def content(self) -> Iterator[bytes]:
        """The file, uncompressed. To be read once."""
        for text in self.format.write(self.reading.groups(), self.organization.slug, self.columns):
            chunk = text.encode()
            self._hash.update(chunk)
            self.size += len(chunk)
            self.watch(self)
            yield chunk
        self.finished_at = datetime.now(UTC)

    def recorded(self, packed: Iterable[bytes]) -> Generator[bytes]:
        """What is packed of this export, and an event that says so.

        The last piece is handed out only when the event is recorded: who has a whole file is in
        the log. Where the reader goes away or something breaks, the failure is.
        """
        is_recorded = False
        last = b""
        try:
            for piece in packed:
                if last:
                    yield last
                last = piece
            self.record(Outcome.SUCCESS)
            is_recorded = True
        finally:
            if not is_recorded:
                self.record(Outcome.FAILURE)
        yield last

    def record(self, outcome: Outcome) -> Event | None:
        """Record the export; its document after is the manifest. Raises InvalidEvent."""
        manifest = self.manifest()
        with audit_context(**self.context):
            return record(
                self.organization,
                event_type="export.created",
                id=self.event_id,
                occurred_at=self.started_at,
                actor=self.exporter,
                outcome=outcome,
                summary=self._summary(outcome),
                details=self._details(manifest),
                after=manifest,
            )

    def manifest(self) -> dict[str, JSON]:
        """What the file is. ``sha256`` and ``bytes`` are of the uncompressed content."""
        reading = self.reading
        return {
            "event": str(self.event_id),
            "organization": self.organization.slug,
            "exported_by": {**self.exporter},
            "file": self.filename,
            "format": self.format.name,
            "order": "oldest first" if self.oldest_first else "newest first",
            "query": {name: list(values) for name, values in self.asked.query.items()},
            "since": _moment(self.asked.since),
            "until": _moment(self.asked.until),
            "remarks": list(self.asked.remarks),
            "as_of": _moment(reading.as_of),
            "consistency": _AS_OF,
            "complete": self.finished_at is not None,
            "events": reading.count,
            "first_id": _id(reading.first_id),
            "last_id": _id(reading.last_id),
            "bytes": self.size,
            "sha256": self.sha256,
            "started_at": _moment(self.started_at),
            "finished_at": _moment(self.finished_at),
        }

    def manifest_text(self) -> str:
        """As a file: a field a line."""
        fields = (f"  {dumps(name)}: {dumps(value)}" for name, value in self.manifest().items())
        return "{\n" + ",\n".join(fields) + "\n}\n"

    @property
    def sha256(self) -> str:
        digest: str = self._hash.hexdigest()
        return digest

    def _summary(self, outcome: Outcome) -> str:
        events = f"{self.reading.count:,} event{'' if self.reading.count == 1 else 's'}"
        if outcome == Outcome.SUCCESS:
            return f"{events} as {self.format.label}"
        return f"Broke off after {events} as {self.format.label}"

    def _details(self, manifest: Mapping[str, JSON]) -> dict[str, str]:
        """What exports can be found by. A query too long for a detail is in the manifest alone."""
        query = urlencode(self.asked.query, doseq=True, safe=":/@,")
        details = {
            "format": self.format.name,
            "events": str(self.reading.count),
            "query": query if len(query) <= MAX_DETAIL_VALUE else "",
            **{name: str(manifest[name] or "") for name in ("since", "until", "sha256")},
        }
        return {name: value for name, value in details.items() if value}


def _moment(at: datetime | None) -> str | None:
    return moment(at) if at else None


def _id(id: UUID | None) -> str | None:
    return str(id) if id else None
