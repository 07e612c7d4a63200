"""Reading tracked rows as the database has them, in bounded batches."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import batched
from typing import Any

from django.db.models import ForeignKey, Model

from audit.diff import JSON
from audit.models import Change
from audit.recording.tracking.tracker import Document, TrackedChange, Tracker
from audit.recording.tracking.values import document_of, reference

# Rows of one query: a list of keys that PostgreSQL still plans as a search in the index.
_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Row:
    instance: Model
    document: Document


def read_rows(
    tracker: Tracker, keys: Iterable[Any], using: str, *, lock: bool = False
) -> Iterator[tuple[Any, Row]]:
    """The rows of these keys that are there, with their keys; locked until the transaction ends.

    Read from the database and not from instances, which may be stale or hold expressions.
    """
    names = [field.name for field in tracker.fields if isinstance(field, ForeignKey)]
    for some in batched(keys, _ROWS):
        rows = tracker.model._base_manager.using(using).filter(pk__in=some).order_by("pk")
        if names:
            rows = rows.select_related(*names)
        if lock:
            rows = rows.select_for_update(of=("self",))
        for instance in rows:
            yield instance.pk, Row(instance, document_of(instance, tracker.fields))


def updates(
    tracker: Tracker, before: Mapping[Any, Document], using: str, saved: Model | None = None
) -> Iterator[TrackedChange]:
    """How rows differ from what they were."""
    for key, row in read_rows(tracker, before, using):
        if row.document != before[key]:
            yield TrackedChange(
                change=Change.UPDATED,
                instance=row.instance,
                before=before[key],
                after=row.document,
                saved=saved,
            )


def creations(
    tracker: Tracker, keys: Iterable[Any], using: str, saved: Model | None = None
) -> Iterator[TrackedChange]:
    for _, row in read_rows(tracker, keys, using):
        yield TrackedChange(
            change=Change.CREATED,
            instance=row.instance,
            before=None,
            after=row.document,
            saved=saved,
        )


def related(relation: Any, keys: Iterable[Any], using: str) -> dict[Any, list[JSON]]:
    """What rows are related to by a many-to-many field, by their keys."""
    through = relation.remote_field.through
    here = through._meta.get_field(relation.m2m_field_name())
    there = through._meta.get_field(relation.m2m_reverse_field_name())
    found: dict[Any, list[JSON]] = {key: [] for key in keys}
    for some in batched(found, _ROWS):
        links = through._base_manager.using(using).filter(**{f"{here.name}__in": some})
        for link in links.select_related(there.name).order_by(there.attname):
            item = reference(getattr(link, there.attname), getattr(link, there.name))
            found[getattr(link, here.attname)].append(item)
    return found
