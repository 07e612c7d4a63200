"""Questions that people keep, and what each person thinks of them."""

from datetime import timedelta
from typing import ClassVar, Final, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from audit.models.organization import Membership, Organization, Role

MAX_NAME: Final = 80  # characters
#: Of one person in one organisation. More is a list nobody reads.
MAX_VIEWS: Final = 100
#: As many as a menu can show.
MAX_STARRED: Final = 20
#: How long a deleted view can be restored.
RESTORABLE_FOR: Final = timedelta(days=30)


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, membership: Membership) -> Self:
        """A person's own views and those that others share, by name."""
        if not membership.is_admin:
            return self.none()
        own_or_shared = models.Q(owner=membership.user_id) | models.Q(is_shared=True)
        return self.filter(
            own_or_shared, organization=membership.organization_id, deleted_at=None
        ).order_by(Lower("name"), "pk")

    def changeable_by(self, membership: Membership) -> Self:
        """Those a person may change, delete and restore; deleted ones are among them.

        Their own; and shared ones whose owner may not read the log any more, so that what all
        rely on does not end up in nobody's hands.
        """
        if not membership.is_admin:
            return self.none()
        owner_is_here = Membership.objects.filter(
            organization=models.OuterRef("organization"),
            user=models.OuterRef("owner"),
            role=Role.ADMIN,
        )
        left_behind = models.Q(is_shared=True) & ~models.Exists(owner_is_here)
        return self.filter(
            models.Q(owner=membership.user_id) | left_behind,
            organization=membership.organization_id,
        )

    def with_marks(self, membership: Membership) -> Self:
        """With ``is_starred`` and ``is_default``: what this person made of each."""
        marks = SavedViewMark.objects.filter(membership=membership, view=models.OuterRef("pk"))
        return self.annotate(
            is_starred=models.Exists(marks.filter(is_starred=True)),
            is_default=models.Exists(marks.filter(is_default=True)),
        )


class SavedView(models.Model):
    """A query of the grammar with the columns to show its events in.

    ``query`` and ``columns`` are as ``audit.browsing.grammar`` and ``audit.web.columns`` write
    them. Times relative to now stay so. A deleted view can be restored for RESTORABLE_FOR.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="saved_views"
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=MAX_NAME)
    query = models.TextField(blank=True)
    columns = models.TextField()
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True)

    is_starred: bool  # where asked for with_marks()
    is_default: bool

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        db_table = "audit_saved_view"
        constraints: ClassVar = [
            models.UniqueConstraint(
                "organization",
                "owner",
                Lower("name"),
                condition=models.Q(deleted_at=None),
                name="saved_view_name_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SavedViewMark(models.Model):
    """One person's star on a view, and whether the log opens with it for them."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="marks")
    is_starred = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)

    class Meta:
        db_table = "audit_saved_view_mark"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("membership", "view"), name="saved_view_mark_once"),
            models.UniqueConstraint(
                fields=("membership",),
                condition=models.Q(is_default=True),
                name="saved_view_default_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.view} of {self.membership}"
