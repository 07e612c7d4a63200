"""Which models are tracked, and how."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.db.models import Field, ManyToManyField, Model
from django.db.models.signals import m2m_changed, pre_delete

from audit.recording.organizations import Named
from audit.recording.tracking import hooks
from audit.recording.tracking.tracker import TrackedChange, Tracker

type EventTypes = str | Mapping[str, str] | Callable[[TrackedChange], str]
type OrganizationOf = Callable[[Any], Named | Iterable[Named] | None]

# Models declared with @audited while the applications are still being loaded.
_declared: list[Callable[[], None]] = []


def track(
    model: type[Model],
    *,
    fields: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    event_type: EventTypes | None = None,
    organization: OrganizationOf | None = None,
    resource_type: str = "",
    resource_id: Callable[[Any], str] = lambda row: str(row.pk),
    resource_name: Callable[[Any], str] = str,
    details: Callable[[Any], Mapping[str, object]] | None = None,
) -> None:
    """Record every change of a model's rows; to be called in ``AppConfig.ready``.

    ``fields`` are the columns and many-to-many relations shown before and after; left out, all
    but the primary key, columns that change with every save (``auto_now``) and ``exclude``. A
    change that touches none of them records nothing. Passwords and other secrets are masked.

    ``event_type`` is a beginning ("invoice" gives invoice.created, .updated and .deleted), a
    mapping from "created", "updated" and "deleted", where one that is missing is not recorded,
    or a function. ``organization`` tells from the row to whose logs a change goes: None for none
    at all; by default the context or ``AUDIT_ORGANIZATION`` tells. A resource is of the type that
    the model's name is, and is known by its key, unless told otherwise. ``details`` are made of
    the row.

    Raises ImproperlyConfigured for a field that the model does not have.
    """
    model = model._meta.concrete_model or model
    name = model._meta.model_name or ""
    columns, relations = _chosen(model, fields, exclude)
    tracker = Tracker(
        model=model,
        fields=columns,
        relations=relations,
        event_type=_event_type_of(name if event_type is None else event_type),
        resource_type=resource_type or name,
        resource_id=resource_id,
        resource_name=resource_name,
        organization=organization,
        details=details,
    )
    hooks.install()
    hooks.trackers[model] = tracker
    for each in _tables_with(model):
        pre_delete.connect(hooks.before_delete, sender=each)
    for relation in relations:
        m2m_changed.connect(hooks.relation_changed, sender=relation.remote_field.through)


def untrack(model: type[Model]) -> None:
    """Record no more changes of a model."""
    tracker = hooks.trackers.pop(model._meta.concrete_model or model)
    for each in _tables_with(tracker.model):
        pre_delete.disconnect(hooks.before_delete, sender=each)
    for relation in tracker.relations:
        m2m_changed.disconnect(hooks.relation_changed, sender=relation.remote_field.through)


def audited[M: type[Model]](**options: Any) -> Callable[[M], M]:
    """``track`` as a decorator of a model: ``@audited(fields=["name"])``."""

    def decorate(model: M) -> M:
        _declared.append(partial(track, model, **options))
        if apps.models_ready:
            track_declared()
        return model

    return decorate


def track_declared() -> None:
    """Track what was declared with ``@audited``, once all models are known."""
    while _declared:
        _declared.pop(0)()


def _chosen(
    model: type[Model], names: Sequence[str] | None, exclude: Sequence[str]
) -> tuple[tuple["Field[Any, Any]", ...], tuple["ManyToManyField[Any, Any]", ...]]:
    for name in (*(names or ()), *exclude):
        _check(model, name)
    columns = [f for f in model._meta.concrete_fields if _is_chosen(f, names, exclude)]
    relations = [r for r in model._meta.many_to_many if _is_chosen(r, names, exclude)]
    return tuple(columns), tuple(relations)


def _is_chosen(field: Any, names: Sequence[str] | None, exclude: Sequence[str]) -> bool:
    if names is not None:
        return field.name in names
    changes_always = field.primary_key or getattr(field, "auto_now", False)
    return not changes_always and field.name not in exclude


def _check(model: type[Model], name: str) -> None:
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist as error:
        raise ImproperlyConfigured(f"track({model.__name__}): {error}.") from None
    if field not in (*model._meta.concrete_fields, *model._meta.many_to_many):
        raise ImproperlyConfigured(f"track({model.__name__}): {name} is not kept in its rows.")


def _event_type_of(given: EventTypes) -> Callable[[TrackedChange], str]:
    if isinstance(given, str):
        return lambda change: f"{given}.{change.change}"
    if isinstance(given, Mapping):
        return lambda change: given.get(change.change, "")
    return given


def _tables_with(model: type[Model]) -> list[type[Model]]:
    """The model and its proxies: Django names either as the sender of a deletion."""
    every = apps.get_models(include_auto_created=True)
    return [each for each in every if each._meta.concrete_model is model]
