"""The time zone a page is shown in: the one its address names, else the viewer's, else UTC."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

COOKIE = "time_zone"
PARAMETER = "tz"
COOKIE_AGE = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class PageZone:
    """``is_known``: the viewer has chosen a zone. ``is_linked``: the address overrides it."""

    zone: ZoneInfo
    is_known: bool = False
    is_linked: bool = False

    @property
    def name(self) -> str:
        return self.zone.key

    @property
    def offset(self) -> str:
        """How far the zone is from UTC now: ``UTC+01:00``."""
        return offset_of(datetime.now(UTC).astimezone(self.zone))


class ZonedRequest(HttpRequest):
    """A request that passed ``show_in_zone``."""

    zone: PageZone


def show_in_zone(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: every time on the page is told in the page's zone."""

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = zone_named(request.COOKIES.get(COOKIE, ""))
        linked = zone_named(request.GET.get(PARAMETER, ""))
        page_zone = PageZone(linked or chosen or ZoneInfo("UTC"), bool(chosen), bool(linked))
        request.zone = page_zone  # type: ignore[attr-defined]
        with timezone.override(page_zone.zone):
            return get_response(request)

    return middleware


def zone_named(name: str) -> ZoneInfo | None:
    """The zone of an IANA name, or None where there is no such zone."""
    return ZoneInfo(name) if name in zone_names() else None


@cache
def zone_names() -> frozenset[str]:
    """All IANA names; kept, because finding them reads a directory tree."""
    return frozenset(available_timezones())


def remember_zone(response: HttpResponse, name: str) -> None:
    """Keep the viewer's zone for a year; readable by the script that would otherwise guess one."""
    _remember(response, COOKIE, name, httponly=False)


def remember_theme(response: HttpResponse, theme: str) -> None:
    _remember(response, "theme", theme, httponly=True)


def _remember(response: HttpResponse, name: str, value: str, *, httponly: bool) -> None:
    response.set_cookie(
        name,
        value,
        max_age=COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=httponly,
        samesite="Lax",
    )


def offset_of(at: datetime) -> str:
    """``UTC+01:00``, or plain ``UTC`` where there is no offset."""
    return f"UTC{at:%:z}" if at.utcoffset() else "UTC"
