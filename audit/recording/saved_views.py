"""Changes of saved views, each with its event by whoever the context knows to act.

The event of a change has the view before and after, and that is all that undoing it needs.
"""

from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone

from audit.diff import ABSENT, JSON, loads
from audit.models import Event, Membership, SavedView, SavedViewMark, Snapshot
from audit.models.saved_view import MAX_NAME, MAX_STARRED, MAX_VIEWS, RESTORABLE_FOR
from audit.recording.record import record

type Document = dict[str, JSON]


class CannotUndo(Exception):
    """The message is a sentence that says why."""


class TooManyViews(Exception):
    """The message is a sentence that says how many there may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """All of a view that can be changed."""

    name: str
    query: str
    columns: str
    is_shared: bool


# --- Changes ------------------------------------------------------------------------------------
# Each returns its event: None where nothing changes, or the log keeps no such events.


def create_view(membership: Membership, contents: Contents) -> tuple[SavedView, Event | None]:
    """Raises IntegrityError if the owner has a view of that name, and TooManyViews."""
    own = SavedView.objects.filter(
        organization=membership.organization_id, owner=membership.user_id, deleted_at=None
    )
    if own.count() >= MAX_VIEWS:
        raise TooManyViews(f"You have {MAX_VIEWS} views, and more cannot be kept. Delete some.")
    with transaction.atomic():
        view = SavedView.objects.create(
            organization=membership.organization, owner=membership.user, **asdict(contents)
        )
        return view, _recorded("saved_view.created", view, after=_document(view))


def change_view(view: SavedView, contents: Contents) -> Event | None:
    """Raises IntegrityError if the name is taken."""
    before = _document(view)
    for name, value in asdict(contents).items():
        setattr(view, name, value)
    if _document(view) == before:
        return None
    with transaction.atomic():
        view.save()
        return _recorded("saved_view.updated", view, before=before, after=_document(view))


def delete_view(view: SavedView) -> Event | None:
    """It can be restored for a while; those for which that is over go for good."""
    with transaction.atomic():
        over = timezone.now() - RESTORABLE_FOR
        SavedView.objects.filter(organization=view.organization, deleted_at__lt=over).delete()
        view.deleted_at = timezone.now()
        view.save(update_fields=["deleted_at"])
        return _recorded("saved_view.deleted", view, before=_document(view))


def restore_view(view: SavedView) -> Event | None:
    """With everybody's stars. Raises IntegrityError if the name is taken by now."""
    with transaction.atomic():
        view.deleted_at = None
        view.save(update_fields=["deleted_at"])
        return _recorded("saved_view.restored", view, after=_document(view))


def _recorded(
    type: str, view: SavedView, before: object = ABSENT, after: object = ABSENT
) -> Event | None:
    return record(
        view.organization,
        event_type=type,
        resource={"type": "saved_view", "id": str(view.pk), "name": view.name},
        details={"shared": "yes" if view.is_shared else "no"},
        before=before,
        after=after,
    )


def _document(view: SavedView) -> Document:
    return {
        "name": view.name,
        "owner": view.owner.email,
        "query": view.query,
        "columns": view.columns,
        "shared": view.is_shared,
    }


# --- Undoing them -------------------------------------------------------------------------------


def undo(view: SavedView, event: Event) -> Event | None:
    """Take back what ``event`` tells of this view, unless it was changed again since.

    Raises CannotUndo, and IntegrityError if the name is taken by now.
    """
    before, after = _snapshots(event)
    is_deletion = after is None
    is_as_left = view.deleted_at if is_deletion else after == _document(view)
    if not is_as_left or (view.deleted_at and not is_deletion):
        raise CannotUndo(f"“{view.name}” was changed again since, so it was left as it is.")
    if is_deletion:
        return restore_view(view)
    if before is None:
        return delete_view(view)
    return change_view(view, _contents(before))


def _snapshots(event: Event) -> tuple[Document | None, Document | None]:
    snapshot = Snapshot.objects.filter(pk=event.pk).first()
    return (_read(snapshot.before), _read(snapshot.after)) if snapshot else (None, None)


def _read(text: str | None) -> Document | None:
    document = None if text is None else loads(text)
    return document if isinstance(document, dict) else None


def _contents(document: Document) -> Contents:
    """Programs record events, too, so it may hold anything."""
    texts = [document.get(field) for field in ("name", "query", "columns")]
    name, query, columns = (text if isinstance(text, str) else "" for text in texts)
    if not 0 < len(name) <= MAX_NAME or "\0" in name + query + columns:
        raise CannotUndo("The event does not tell what the view was.")
    return Contents(
        name=name, query=query, columns=columns, is_shared=document.get("shared") is True
    )


# --- What a person makes of a view --------------------------------------------------------------
# Nobody else sees it, so it is no event.


def star(membership: Membership, view: SavedView, *, is_starred: bool) -> None:
    """Raises TooManyViews."""
    starred = SavedViewMark.objects.filter(membership=membership, is_starred=True)
    if is_starred and starred.exclude(view=view).count() >= MAX_STARRED:
        raise TooManyViews(f"{MAX_STARRED} views have your star, which is all the menu can show.")
    SavedViewMark.objects.update_or_create(
        membership=membership, view=view, defaults={"is_starred": is_starred}
    )


def make_default(membership: Membership, view: SavedView | None) -> None:
    """Open the log with this view, or with all events."""
    with transaction.atomic():
        SavedViewMark.objects.filter(membership=membership).update(is_default=False)
        if view:
            SavedViewMark.objects.update_or_create(
                membership=membership, view=view, defaults={"is_default": True}
            )
