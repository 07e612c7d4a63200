"""Moments in the zone of the page, with what they are in UTC."""

from datetime import UTC, datetime, timedelta
from typing import Final

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

_LINK = (
    '<a class="timestamp" href="{href}" aria-describedby="{id}">'
    '<time datetime="{iso}">{clock}</time><small>{day}</small>'
    '<span class="tip" role="tooltip" id="{id}">{tip}</span></a>'
)
_PLAIN = (
    '<span class="timestamp" tabindex="0">'
    '<time datetime="{iso}">{clock}</time> <small>{day}</small>'
    '<span class="tip">{tip}</span></span>'
)
# In seconds; months and years as they are on average.
_UNITS: Final = (
    ("year", 31_556_952),
    ("month", 2_629_746),
    ("week", 604_800),
    ("day", 86_400),
    ("hour", 3_600),
    ("minute", 60),
    ("second", 1),
)


@register.simple_tag
def timestamp(at: datetime, href: str = "", id: object = "") -> SafeString:
    """A moment to the millisecond, its day in small, UTC and the zone's offset on focus.

    With ``href`` it is a link there; ``id`` then must be unique on the page.
    """
    local = timezone.localtime(at)
    return format_html(
        _LINK if href else _PLAIN,
        href=href,
        id=f"at-{id}",
        iso=_milliseconds(at.astimezone(UTC), "T") + "Z",
        clock=f"{local:%H:%M:%S}.{local.microsecond // 1000:03}",
        day=day_of(local),
        tip=_tip(at, local),
    )


def day_of(local: datetime) -> str:
    """Today, Yesterday, ``Fri 20 Nov`` in this year, ``20 Nov 2025`` in another."""
    today = timezone.localdate()
    days = (today - local.date()).days
    if days in (0, 1):
        return "Yesterday" if days else "Today"
    if local.year == today.year:
        return f"{local:%a} {local.day} {local:%b}"
    return f"{local.day} {local:%b %Y}"


def _tip(at: datetime, local: datetime) -> str:
    zone = timezone.get_current_timezone_name()
    offset = f", UTC{local:%:z}" if local.utcoffset() else ""
    told = f"{_milliseconds(at.astimezone(UTC), ' ')} UTC\n"
    told += f"Shown in {zone}{offset}\n" if zone != "UTC" else ""
    return told + ago(timezone.now() - at)


def ago(elapsed: timedelta) -> str:
    """``3 hours ago``: in the largest unit that fits, rounded down."""
    seconds = int(elapsed.total_seconds())
    for unit, length in _UNITS:
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "now" if seconds >= 0 else "in the future"


def _milliseconds(at: datetime, separator: str) -> str:
    return at.replace(tzinfo=None).isoformat(separator, "milliseconds")
