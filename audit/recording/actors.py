"""Who acts: a signed-in person, a visitor, or a program."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.http import HttpRequest

from audit.models import ActorKind
from audit.recording import configuration

type Actor = Mapping[str, Any]

#: A visitor who has not signed in. No account can be called so: names hold no brackets.
ANONYMOUS: Final[Actor] = {"kind": ActorKind.USER, "id": "(anonymous)", "name": "Anonymous"}

_RUNNERS = frozenset({"manage.py", "django-admin", "__main__.py"})


def actor_of(user: Any) -> Actor:
    """A user of ``django.contrib.auth`` as an actor, known by what one signs in with."""
    if user is None or not user.is_authenticated:
        return ANONYMOUS
    full_name = getattr(user, "get_full_name", None)
    name = full_name() if full_name else getattr(user, "name", "")
    return {"kind": ActorKind.USER, "id": str(user.get_username()), "name": name}


def actor_of_request(request: HttpRequest) -> Actor:
    """What ``AUDIT_ACTOR`` says, else the signed-in user and whoever acts in their name."""
    configured = configuration.actor()
    if configured and (actor := configured(request)) is not None:
        return actor
    actor = actor_of(getattr(request, "user", None))
    impersonator = _impersonator(request)
    return {**actor, "impersonator": impersonator} if impersonator else actor


def program() -> Actor:
    """This process, where nobody else is known to act: ``manage.py import_events``, ``celery``."""
    name = Path(sys.argv[0]).name or "python"
    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    return {"kind": ActorKind.SYSTEM, "id": f"{name} {command}" if name in _RUNNERS else name}


def _impersonator(request: HttpRequest) -> str:
    """``request.impersonator``, a user or an id, or the first user in django-hijack's history."""
    impersonator = getattr(request, "impersonator", None)
    if impersonator is None and hasattr(request, "session"):
        history = request.session.get("hijack_history")
        users = get_user_model()._default_manager
        impersonator = users.filter(pk=history[0]).first() if history else None
    if impersonator is None or isinstance(impersonator, str):
        return impersonator or ""
    return str(impersonator.get_username())
