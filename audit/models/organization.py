"""Organisations, and who belongs to them."""

import secrets

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

# First path segments the site itself uses: an organisation of that name could not be reached.
RESERVED_SLUGS = frozenset(
    {"accounts", "admin", "api", "graphql", "healthz", "preferences", "readyz", "static"}
)


def refuse_reserved_slug(slug: str) -> None:
    if slug in RESERVED_SLUGS:
        raise ValidationError(f"“{slug}” is a reserved name.", code="reserved")


def new_salt() -> bytes:
    return secrets.token_bytes(16)


class Organization(models.Model):
    """A tenant. Every event belongs to exactly one, and no query crosses the border."""

    slug = models.SlugField(max_length=63, unique=True, validators=[refuse_reserved_slug])
    name = models.CharField(max_length=200)
    accepts_unknown_event_types = models.BooleanField(
        default=True, help_text="Whether event types outside the catalogue may be recorded."
    )
    # Keys the hash that turns an idempotency key into an event id, so that no sender can aim
    # at another organisation's ids.
    id_salt = models.BinaryField(max_length=16, default=new_salt, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"


class Membership(models.Model):
    """What a person may do in an organisation. The only way to an organisation's events."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "organization"), name="membership_once"),
        )

    def __str__(self) -> str:
        return f"{self.user} in {self.organization}"

    @property
    def is_admin(self) -> bool:
        return self.role == Role.ADMIN
