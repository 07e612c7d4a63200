"""Recorded text, shown so that it cannot deceive."""

import re
from typing import Protocol

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# Control, bidirectional and invisible characters, which could make a name look like another or
# turn the words after it around (CVE-2021-42574). Joiners stay: scripts and emoji need them.
_DECEPTIVE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]"
)


class Marker(Protocol):
    """See ``audit.browsing.highlighting``."""

    def spans(self, text: str) -> list[tuple[int, int]]: ...


@register.filter
def visible(text: str) -> str:
    """The text with such characters written as ``‹U+202E›``."""
    return _DECEPTIVE.sub(lambda found: f"‹U+{ord(found[0]):04X}›", text)


@register.filter
def marked(text: str, marker: Marker | None) -> SafeString:
    """The text as ``visible`` shows it, with the words that were searched for marked.

    Without a marker, as where a page was not searched, nothing is marked.
    """
    parts, at = [], 0
    for start, end in marker.spans(text) if marker else ():
        parts += [_shown(text[at:start]), "<mark>", _shown(text[start:end]), "</mark>"]
        at = end
    return mark_safe("".join((*parts, _shown(text[at:]))))  # noqa: S308 -- escaped


def _shown(text: str) -> str:
    return escape(visible(text))
