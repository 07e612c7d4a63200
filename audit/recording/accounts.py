"""Sign-ins, and changes of users, their passwords and permissions, without being asked.

For the users and groups of ``django.contrib.auth``; ``AUDIT_ACCOUNTS = False`` turns it off.
"""

import logging
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.utils.module_loading import import_string

from audit.models import Change, Organization, Outcome
from audit.recording import configuration
from audit.recording.actors import ANONYMOUS, Actor, actor_of
from audit.recording.context import current
from audit.recording.organizations import organizations_of
from audit.recording.record import record
from audit.recording.tracking.hooks import trackers
from audit.recording.tracking.pausing import is_recording
from audit.recording.tracking.registry import track
from audit.recording.tracking.tracker import TrackedChange

_PERMISSIONS = frozenset({"is_staff", "is_superuser", "groups", "user_permissions"})

logger = logging.getLogger(__name__)


def install() -> None:
    """Listen, unless the project has turned it off or tracks its users in its own way."""
    if not configuration.records_accounts() or not apps.is_installed("django.contrib.auth"):
        return
    from django.contrib.auth.models import Group

    users = get_user_model()
    if users not in trackers:
        track(
            users,
            exclude=["last_login"],
            event_type=_event_type,
            resource_type="user",
            resource_id=lambda user: str(user.get_username()),
            resource_name=lambda user: actor_of(user)["name"] or str(user),
            organization=_whose,
        )
    if Group not in trackers:
        track(Group, organization=_whose)
    user_logged_in.connect(_signed_in, dispatch_uid="audit")
    user_logged_out.connect(_signed_out, dispatch_uid="audit")
    user_login_failed.connect(_sign_in_failed, dispatch_uid="audit")


def _event_type(change: TrackedChange) -> str:
    """A password set anew is told from its hash being made anew, as a sign-in may do: Django
    keeps the one it was given until it is saved."""
    if change.change != Change.UPDATED:
        return f"user.{change.change}"
    changed = change.changed_fields()
    if changed & _PERMISSIONS:
        return "user.permissions_changed"
    is_new = getattr(change.saved, "_password", None) is not None
    is_taken_away = not getattr(change.instance, "has_usable_password", lambda: True)()
    if "password" in changed and (is_new or is_taken_away or change.saved is None):
        return "user.password_changed"
    return "user.updated"


def _whose(subject: Any) -> list[Organization]:
    """Nobody's, where the project has not said whose: signing in must work before it has."""
    is_told = current().organization or configuration.organization() is not None
    return organizations_of(subject) if is_told else []


def _signed_in(sender: Any, user: Any, **kwargs: Any) -> None:
    backend = import_string(user.backend) if hasattr(user, "backend") else ModelBackend
    method = "password" if issubclass(backend, ModelBackend) else backend.__name__
    _record("user.logged_in", user, details={"method": method})


def _signed_out(sender: Any, user: Any, **kwargs: Any) -> None:
    if user is not None:
        _record("user.logged_out", user)


def _sign_in_failed(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    """Only the name of an account that exists is recorded: any other may be a password, typed
    into the wrong field."""
    users = get_user_model()
    name = credentials.get(users.USERNAME_FIELD) or credentials.get("username")
    known = users._default_manager.filter(**{users.USERNAME_FIELD: name}).first() if name else None
    told = _record("user.login_failed", known, outcome=Outcome.FAILURE)
    if not told:
        logger.warning("A sign-in failed that belongs to no organisation.")


def _record(event_type: str, user: Any, **more: Any) -> bool:
    """Record something of a user, or of an unknown one; whether anybody's log tells of it."""
    if not is_recording():
        return True
    actor: Actor = actor_of(user) if user else ANONYMOUS
    resource = {"type": "user", "id": actor["id"], "name": actor["name"]} if user else None
    whose = _whose(user)
    for organization in whose:
        record(organization, event_type=event_type, actor=actor, resource=resource, **more)
    return bool(whose)
