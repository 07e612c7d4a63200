"""The settings of the audit app, all optional, as a Django project's settings module names them.

They are read when they are needed, so that a test may override them.
"""

from collections.abc import Callable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

type Network = IPv4Network | IPv6Network

#: Among the trusted proxies: whoever connects through a Unix socket, and so has no address.
UNIX_SOCKET = "unix"


def organization() -> str | Callable[[Any], Any] | None:
    """``AUDIT_ORGANIZATION``: a slug, or the dotted path of a function; None if not set.

    The function is given what an event is about (an instance, or None) and answers with an
    Organization, a slug, several of these, or None for "not to be recorded".
    """
    value = getattr(settings, "AUDIT_ORGANIZATION", None)
    return import_string(value) if isinstance(value, str) and "." in value else value


def actor() -> Callable[[Any], Mapping[str, Any] | None] | None:
    """``AUDIT_ACTOR``: the dotted path of a function that tells the actor of a request."""
    value = getattr(settings, "AUDIT_ACTOR", None)
    return import_string(value) if value else None


def trusted_proxies() -> tuple[tuple[Network, ...], bool]:
    """``AUDIT_TRUSTED_PROXIES``: the networks whose X-Forwarded-For is believed, and whether a
    Unix socket's is."""
    words = list(getattr(settings, "AUDIT_TRUSTED_PROXIES", ()))
    try:
        networks = tuple(ip_network(word) for word in words if word != UNIX_SOCKET)
    except ValueError as error:
        raise ImproperlyConfigured(f"AUDIT_TRUSTED_PROXIES: {error}.") from None
    return networks, UNIX_SOCKET in words


def modes() -> Mapping[str, str]:
    """``AUDIT_MODES``: how events of a type are recorded, by slug; ``*`` for all others."""
    return getattr(settings, "AUDIT_MODES", {})


def records_changes() -> bool:
    """``AUDIT_RECORD_CHANGES``: whether tracked models and sign-ins record events by themselves."""
    return bool(getattr(settings, "AUDIT_RECORD_CHANGES", True))


def records_accounts() -> bool:
    """``AUDIT_ACCOUNTS``: whether sign-ins, users and groups are recorded without being asked."""
    return bool(getattr(settings, "AUDIT_ACCOUNTS", True))
