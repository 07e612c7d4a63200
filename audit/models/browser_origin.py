"""Where the web applications are served whose pages may record from the browser."""

import re
from typing import Final, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from audit.models.organization import Organization

# A name as DNS has it, or an IPv6 address, which urlsplit has checked.
_HOST: Final = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
#: Longer than any: a host name has at most 253 characters.
MAX_ORIGIN: Final = 280


def as_origin(text: str) -> str:
    """``text`` as browsers write it in the header ``Origin`` (RFC 6454, section 6.2): lower case,
    without the scheme's own port, without a slash at the end.

    Raises ValidationError for anything that is more than an origin, or less.
    """
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
        host = host if ":" in host else host.encode("idna").decode()
    except ValueError:  # a port that is no number, a name that is no name
        raise ValidationError(f"“{text}” is not an address.") from None
    if parts.scheme not in _DEFAULT_PORTS or not host:
        raise ValidationError("Write scheme and host, such as https://app.example.com.")
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValidationError("Write the origin alone: scheme, host and port, without a path.")
    if "*" in host:
        raise ValidationError("List each origin by itself; * would let in hosts you don't know.")
    if not _HOST.fullmatch(host):
        raise ValidationError(f"“{host}” is no host name.")
    shown = f"[{host}]" if ":" in host else host
    is_default = port in (None, _DEFAULT_PORTS[parts.scheme])
    return f"{parts.scheme}://{shown}" + ("" if is_default else f":{port}")


class BrowserOriginQuerySet(models.QuerySet["BrowserOrigin"]):
    def visible_to(self, organization: Organization) -> Self:
        return self.filter(organization=organization).order_by("origin")

    def lists(self, slug: str, origin: str) -> bool:
        """Whether the organisation of this slug lists the origin, as a browser sends it."""
        return bool(origin) and self.filter(organization__slug=slug, origin=origin).exists()


class BrowserOrigin(models.Model):
    """An origin whose pages may record, with a token of their own."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="browser_origins"
    )
    origin = models.CharField(max_length=MAX_ORIGIN)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BrowserOriginQuerySet.as_manager()

    class Meta:
        db_table = "audit_browser_origin"
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "origin"), name="browser_origin_listed_once"
            ),
        )

    def __str__(self) -> str:
        return self.origin
