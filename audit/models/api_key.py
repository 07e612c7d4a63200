"""Keys by which programs speak for an organisation."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from audit.models.fields import TextsField
from audit.models.organization import Organization

#: A key as it is handed out, for people and for scanners of secrets: ``as_``, the organisation,
#: the visible prefix, the secret. docs/http.md names the pattern.
KEY_PATTERN: Final = re.compile(r"as_[-\w]{1,63}_(?P<prefix>[0-9a-f]{12})_(?P<secret>[0-9a-f]{64})")

_PREFIX_BYTES: Final = 6
_SECRET_BYTES: Final = 32
# When a key was used last is told to the minute; writing it at every call would be a write more.
_USE_NOTED_EVERY: Final = timedelta(minutes=1)


class Scope(models.TextChoices):
    """What a key allows."""

    EVENTS_WRITE = "events:write", "Record events"
    EVENTS_READ = "events:read", "Read events"


def new_prefix() -> str:
    return secrets.token_hex(_PREFIX_BYTES)


def digest(secret: str) -> bytes:
    """What is kept of a secret.

    One round of SHA-256 is right here, and a password hash is not: a password hash is slow
    because people choose passwords that can be guessed. Nobody guesses 256 random bits, and the
    digest is made at every call.
    """
    return hashlib.sha256(secret.encode()).digest()


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def visible_to(self, organization: Organization) -> Self:
        """The keys of an organisation, newest first."""
        return self.filter(organization=organization).order_by("-created_at", "-pk")

    def issue(
        self,
        organization: Organization,
        *,
        name: str,
        scopes: Iterable[str],
        expires_at: datetime | None = None,
        created_by_id: int | None = None,
        prefix: str = "",
    ) -> tuple["ApiKey", str]:
        """Make a key. Returns it with its text, which nobody can tell again."""
        secret = secrets.token_hex(_SECRET_BYTES)
        key = self.create(
            organization=organization,
            name=name,
            prefix=prefix or new_prefix(),
            digest=digest(secret),
            scopes=sorted(scopes),
            expires_at=expires_at,
            created_by_id=created_by_id,
        )
        return key, f"{key.visible_part}_{secret}"

    def holding(self, text: str) -> "ApiKey | None":
        """The key whose text this is, used up or not, with its organisation; None for no key."""
        match = KEY_PATTERN.fullmatch(text)
        if match is None:
            return None
        key = self.select_related("organization").filter(prefix=match["prefix"]).first()
        # Compared in a time that does not tell how much of it was right.
        if key is None or not secrets.compare_digest(bytes(key.digest), digest(match["secret"])):
            return None
        return key


class ApiKey(models.Model):
    """A key: its name and prefix are for people, of its secret only a digest is kept."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="api_keys"
    )
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=2 * _PREFIX_BYTES, unique=True)
    digest = models.BinaryField(max_length=32, editable=False)
    scopes = TextsField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        db_table = "audit_api_key"

    def __str__(self) -> str:
        return self.name

    @property
    def visible_part(self) -> str:
        """How the key's text begins: enough to know it by, useless without the rest."""
        return f"as_{self.organization.slug}_{self.prefix}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def is_usable(self) -> bool:
        return self.revoked_at is None and not self.is_expired

    @property
    def scope_labels(self) -> list[str]:
        return [str(Scope(scope).label) for scope in self.scopes]

    def allows(self, scope: Scope) -> bool:
        return scope in self.scopes

    def note_use(self) -> None:
        """Remember that the key is in use: at most one write a minute, whatever it does."""
        now = timezone.now()
        if self.last_used_at is None or self.last_used_at < now - _USE_NOTED_EVERY:
            noted = models.Q(last_used_at=None) | models.Q(last_used_at__lt=now - _USE_NOTED_EVERY)
            ApiKey.objects.filter(noted, pk=self.pk).update(last_used_at=now)

    def as_document(self) -> dict[str, object]:
        """What an event about this key shows of it: nothing of the secret, not even its digest."""
        return {
            "name": self.name,
            "prefix": self.visible_part,
            "scopes": list(self.scopes),
            "expires_at": self.expires_at and self.expires_at.isoformat(),
        }
