"""Where Django changes rows: the places that are listened at.

Django sends signals for deletions and many-to-many relations, within their transaction. It sends
none for bulk operations, and those of ``save()`` come outside its transaction. So the methods
that all roads lead through, whatever managers and QuerySets a project makes, are wrapped once:
``Model.save_base`` and four of ``QuerySet``. For other models they cost a look into a dictionary.
"""

from collections.abc import Callable, Iterable
from functools import cache, wraps
from typing import Any

from django.db import router, transaction
from django.db.models import Model, QuerySet
from django.db.models.query_utils import Q

from audit.diff import JSON
from audit.models import Change
from audit.recording.tracking.operation import one_operation
from audit.recording.tracking.pausing import is_recording
from audit.recording.tracking.rows import creations, read_rows, related, updates
from audit.recording.tracking.tracker import Document, TrackedChange, Tracker
from audit.recording.tracking.values import document_of

type Method = Callable[..., Any]

trackers: dict[type[Model], Tracker] = {}

# Rows that an upsert may meet are looked for by this many alternatives at a time.
_ALTERNATIVES = 200
_BEFORE = "_audit_related_before"


@cache
def install() -> None:
    """Wrap the methods, once per process."""
    Model.save_base = _saving(Model.save_base)  # type: ignore[method-assign]
    Model.delete = _as_one_operation(Model.delete)  # type: ignore[method-assign]
    QuerySet.update = _updating(QuerySet.update)  # type: ignore[method-assign]
    QuerySet.bulk_create = _creating(QuerySet.bulk_create)  # type: ignore[method-assign]
    QuerySet.bulk_update = _as_one_operation(QuerySet.bulk_update)  # type: ignore[method-assign]
    QuerySet.delete = _as_one_operation(QuerySet.delete)  # type: ignore[method-assign]


def tracker_of(model: type[Model]) -> Tracker | None:
    """The tracker of a model, of what it is a proxy for, or of a parent whose table it extends."""
    found = (trackers[each] for each in model.__mro__ if each in trackers)
    return next(found, None) if trackers and is_recording() else None


def _locked(tracker: Tracker, keys: Iterable[Any], using: str) -> dict[Any, Document]:
    """The rows of these keys as they are now, and stay until this transaction changes them."""
    return {key: row.document for key, row in read_rows(tracker, keys, using, lock=True)}


# --- Rows one by one ----------------------------------------------------------------------------


def _saving(save_base: Method) -> Method:
    @wraps(save_base)
    def wrapped(
        self: Model,
        raw: bool = False,
        force_insert: Any = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Any = None,
    ) -> None:
        using = using or router.db_for_write(type(self), instance=self)
        tracker = tracker_of(type(self))
        if raw or tracker is None or not tracker.watches(update_fields):
            save_base(self, raw, force_insert, force_update, using, update_fields)
            return
        with transaction.atomic(using=using):
            keys = [] if self.pk is None or force_insert else [self.pk]
            before = _locked(tracker, keys, using)
            save_base(self, raw, force_insert, force_update, using, update_fields)
            find = updates(tracker, before, using, self)
            tracker.record(find if before else creations(tracker, [self.pk], using, self))

    return wrapped


def before_delete(
    sender: type[Model], instance: Model, using: str, origin: Any = None, **kwargs: Any
) -> None:
    """Recorded while the row is still there, in the transaction that deletes it."""
    tracker = tracker_of(sender)
    if tracker is None:
        return
    if origin is instance:  # what Django loads to delete it is fresh, what a caller holds is not
        fresh = dict(read_rows(tracker, [instance.pk], using))
        if not fresh:
            return
        instance = fresh[instance.pk].instance
    before = dict(document_of(instance, tracker.fields))
    for relation in tracker.relations:
        before[relation.name] = related(relation, [instance.pk], using)[instance.pk]
    change = TrackedChange(change=Change.DELETED, instance=instance, before=before, after=None)
    tracker.record([change])


# --- Many rows at once --------------------------------------------------------------------------


def _updating(update: Method) -> Method:
    @wraps(update)
    def wrapped(self: Any, **values: Any) -> Any:
        tracker = tracker_of(self.model)
        is_refused = self.query.combinator or self.query.is_sliced or self.query.distinct_fields
        if tracker is None or is_refused or not tracker.watches(values):
            return update(self, **values)
        self._for_write = True
        with transaction.atomic(using=self.db):
            keys = self.order_by().values_list("pk", flat=True)
            before = _locked(tracker, dict.fromkeys(keys), self.db)
            rows = update(self.filter(pk__in=list(before)), **values)
            tracker.record(updates(tracker, before, self.db))
            self._result_cache = None
            return rows

    return wrapped


def _creating(bulk_create: Method) -> Method:
    @wraps(bulk_create)
    def wrapped(self: Any, objs: Any, *args: Any, **options: Any) -> Any:
        tracker = tracker_of(self.model)
        objs = list(objs)
        if tracker is None or not objs:
            return bulk_create(self, objs, *args, **options)
        self._for_write = True
        with transaction.atomic(using=self.db):
            before = _locked(tracker, _met(self, objs, *args, **options), self.db)
            inserting, inserted = _noting_keys(self)
            created = bulk_create(inserting, objs, *args, **options)
            new = [key for key in dict.fromkeys(inserted) if key not in before]
            with one_operation():
                tracker.record(creations(tracker, new, self.db))
                tracker.record(updates(tracker, before, self.db))
            return created

    return wrapped


def _met(
    rows: QuerySet[Any],
    objs: list[Any],
    batch_size: int | None = None,
    ignore_conflicts: bool = False,
    update_conflicts: bool = False,
    update_fields: Any = None,
    unique_fields: Any = None,
) -> list[Any]:
    """The keys of the rows that ``bulk_create`` with ``update_conflicts`` will update."""
    if not (update_conflicts and unique_fields):
        return []
    fields = [rows.model._meta.get_field("pk" if n == "pk" else n) for n in unique_fields]
    alternatives: list[Any] = [
        Q(**{f.attname: getattr(obj, f.attname) for f in fields}) for obj in objs
    ]
    keys: list[Any] = []
    for start in range(0, len(alternatives), _ALTERNATIVES):
        any_of = Q.create(alternatives[start : start + _ALTERNATIVES], connector=Q.OR)
        found = rows.model._base_manager.using(rows.db).filter(any_of)
        keys += found.values_list("pk", flat=True)
    return keys


def _noting_keys(rows: QuerySet[Any]) -> tuple[QuerySet[Any], list[Any]]:
    """A copy that notes the keys of the rows it inserts: with ``ignore_conflicts``, nothing else
    tells which were inserted."""
    keys: list[Any] = []
    copy: Any = rows._chain()  # type: ignore[attr-defined]
    insert, meta = copy._insert, rows.model._meta

    def noting(objs: Any, fields: Any, returning_fields: Any = None, **more: Any) -> Any:
        asked = list(returning_fields or ())
        wanted = [*asked, *(field for field in meta.pk_fields if field not in asked)]
        answered = insert(objs, fields, returning_fields=wanted, **more)
        for row in answered:
            key = tuple(row[wanted.index(field)] for field in meta.pk_fields)
            keys.append(key if len(key) > 1 else key[0])
        return [row[: len(asked)] for row in answered] if asked else []

    copy._insert = noting
    return copy, keys


def _as_one_operation(method: Method) -> Method:
    @wraps(method)
    def wrapped(self: Any, *args: Any, **options: Any) -> Any:
        # A row of any model may take tracked ones with it.
        if not (trackers and is_recording()):
            return method(self, *args, **options)
        with transaction.atomic(using=_database_of(self, *args, **options)), one_operation():
            return method(self, *args, **options)

    return wrapped


def _database_of(rows: Any, using: Any = None, *args: Any, **options: Any) -> str:
    if isinstance(rows, Model):
        return using or router.db_for_write(type(rows), instance=rows)
    rows._for_write = True
    return str(rows.db)


# --- Many-to-many relations ---------------------------------------------------------------------


def relation_changed(
    sender: type[Model],
    instance: Any,
    action: str,
    reverse: bool,
    pk_set: set[Any] | None,
    using: str,
    **kwargs: Any,
) -> None:
    """Keep what was related before, and record the difference; Django calls it in a transaction.

    ``reverse`` is a change from the other side, which may alter many tracked rows.
    """
    for tracker in trackers.values() if is_recording() else ():
        for relation in tracker.relations:
            if relation.remote_field.through is not sender:
                continue
            if action.startswith("pre_"):
                keys = _altered(relation, instance, reverse, pk_set, using)
                instance.__dict__[_BEFORE] = related(relation, keys, using)
            else:
                before = instance.__dict__.pop(_BEFORE, {})
                _record_relations(tracker, relation, before, using)


def _altered(
    relation: Any, instance: Any, reverse: bool, pk_set: set[Any] | None, using: str
) -> list[Any]:
    if not reverse:
        return [instance.pk]
    if pk_set is not None:
        return sorted(pk_set)
    here, there = relation.m2m_field_name(), relation.m2m_reverse_field_name()
    links = relation.remote_field.through._base_manager.using(using).filter(**{there: instance})
    return list(links.values_list(here, flat=True))


def _record_relations(
    tracker: Tracker, relation: Any, before: dict[Any, list[JSON]], using: str
) -> None:
    after = related(relation, before, using)
    changed = [key for key in before if before[key] != after[key]]
    changes = (
        TrackedChange(
            change=Change.UPDATED,
            instance=row.instance,
            before={relation.name: before[key]},
            after={relation.name: after[key]},
        )
        for key, row in read_rows(tracker, changed, using)
    )
    tracker.record(changes)
