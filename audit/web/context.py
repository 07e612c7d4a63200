"""What every page knows about the person who looks at it."""

from typing import Any, cast
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.utils.functional import cached_property

from audit.models import Membership, Organization, Role, SavedView, SavedViewMark
from audit.web.preferences import THEMES
from audit.web.zone import PageZone


class Viewer:
    """Read by the templates; asks the database only for what a page shows."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def theme(self) -> str:
        """``light`` or ``dark``; empty follows the system."""
        theme = self._request.COOKIES.get("theme", "")
        return theme if theme in THEMES and theme != "system" else ""

    @property
    def zone(self) -> PageZone:
        return getattr(self._request, "zone", PageZone(ZoneInfo("UTC")))

    @cached_property
    def organizations(self) -> list[Organization]:
        """Those whose log the viewer may read, by name."""
        administered = Membership.objects.filter(
            user_id=cast(int, self._request.user.pk), role=Role.ADMIN
        ).select_related("organization")
        return [each.organization for each in administered.order_by("organization__name")]

    @cached_property
    def marks(self) -> list[SavedViewMark]:
        """The views with this person's star, and the one the log opens with, by name."""
        membership = getattr(self._request, "membership", None)
        if membership is None:
            return []
        visible = SavedView.objects.visible_to(membership).order_by()
        marks = SavedViewMark.objects.filter(membership=membership, view__in=visible)
        noted = marks.filter(Q(is_starred=True) | Q(is_default=True)).select_related("view")
        return list(noted.order_by(Lower("view__name"), "pk"))

    @property
    def starred(self) -> list[SavedView]:
        return [mark.view for mark in self.marks if mark.is_starred]

    @property
    def default_view(self) -> SavedView | None:
        return next((mark.view for mark in self.marks if mark.is_default), None)


def viewer(request: HttpRequest) -> dict[str, Any]:
    return {"viewer": Viewer(request)}
