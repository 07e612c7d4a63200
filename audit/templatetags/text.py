"""Recorded text, shown so that it cannot deceive."""

import re

from django import template

register = template.Library()

# Control, bidirectional and invisible characters, which could make a name look like another or
# turn the words after it around (CVE-2021-42574). Joiners stay: scripts and emoji need them.
_DECEPTIVE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]"
)


@register.filter
def visible(text: str) -> str:
    """The text with such characters written as ``‹U+202E›``."""
    return _DECEPTIVE.sub(lambda found: f"‹U+{ord(found[0]):04X}›", text)
