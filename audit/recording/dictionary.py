"""Remembering which values are in use, so that filters can offer them.

Best effort, after the commit: it never holds a lock another recorder waits for, and a value
missed when a process dies is learnt from its next event.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection, transaction

from audit.recording.validation import NewEvent

# More values than this of one field are not a list to choose from.
MAX_VALUES_PER_FIELD = 1_000
# Longer values are documents in disguise; they can be filtered by, but not offered.
MAX_OFFERED_LENGTH = 200
# A field of the dictionary itself: its values are the fields of which it does not know all values.
INCOMPLETE = "incomplete"

type Entry = tuple[str, str]  # field, value

# Per organisation, what this process knows to be in the dictionary or to be full.
_known: defaultdict[int, set[Entry]] = defaultdict(set)
_full: defaultdict[int, set[str]] = defaultdict(set)

_LEARN = """
WITH seen AS (
  SELECT field, value, label FROM unnest(%(fields)s::text[], %(values)s::text[], %(labels)s::text[])
    AS seen(field, value, label)
), room AS (
  SELECT field, %(limit)s - (SELECT count(*) FROM audit_dictionary d
                             WHERE d.organization_id = %(organization)s AND d.field = f.field)
    AS left FROM (SELECT DISTINCT field FROM seen) f
), ranked AS (
  SELECT seen.*, row_number() OVER (PARTITION BY field ORDER BY value) AS place FROM seen
  WHERE NOT EXISTS (SELECT 1 FROM audit_dictionary d WHERE d.organization_id = %(organization)s
                    AND d.field = seen.field AND d.value = seen.value)
), learnt AS (
  INSERT INTO audit_dictionary (organization_id, field, value, label)
  SELECT %(organization)s, field, value, label FROM ranked JOIN room USING (field)
  WHERE place <= room.left ORDER BY field, value
  ON CONFLICT (organization_id, field, value) DO NOTHING
)
SELECT field FROM room LEFT JOIN (SELECT field, max(place) AS wanted FROM ranked GROUP BY field) w
  USING (field) WHERE room.left <= coalesce(w.wanted, 0)
"""


def learn_later(organization_id: int, events: Iterable[NewEvent]) -> None:
    """Remember the values of these events once their transaction is committed."""
    entries = _entries(events)
    new = {
        entry: label
        for entry, label in entries.items()
        if entry not in _known[organization_id] and entry[0] not in _full[organization_id]
    }
    if new:
        transaction.on_commit(lambda: _learn(organization_id, new), robust=True)


def _entries(events: Iterable[NewEvent]) -> dict[Entry, str]:
    entries: dict[Entry, str] = {}
    for event in events:
        entries["actor", event.actor_id] = event.actor_name
        entries["event_type", event.event_type] = ""
        entries["resource_type", event.resource_type] = ""
        entries["deployment", event.deployment] = ""
        entries["branch_deployment", event.branch_deployment] = ""
        for key, value in event.details.items():
            entries["details", key] = ""
            entries[f"details.{key}", value] = ""
    too_long = {field for field, value in entries if len(value) > MAX_OFFERED_LENGTH}
    offered = {
        entry: label for entry, label in entries.items() if 0 < len(entry[1]) <= MAX_OFFERED_LENGTH
    }
    return offered | {(INCOMPLETE, field): "" for field in too_long}


def _learn(organization_id: int, new: dict[Entry, str]) -> None:
    entries = sorted(new)
    with connection.cursor() as cursor:
        cursor.execute(
            _LEARN,
            {
                "organization": organization_id,
                "limit": MAX_VALUES_PER_FIELD,
                "fields": [field for field, _ in entries],
                "values": [value for _, value in entries],
                "labels": [new[entry] for entry in entries],
            },
        )
        _full[organization_id].update(field for (field,) in cursor.fetchall())
    _known[organization_id].update(entries)
