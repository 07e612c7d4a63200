"""Icons of Lucide, drawn once."""

from functools import cache

from django import template
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

register = template.Library()


@register.simple_tag
@cache
def icon(name: str, size: int = 16) -> SafeString:
    """``{% icon "clock" %}``: beside a word that says the same, so hidden from screen readers.

    Kept as text, because the package builds each one anew out of XML, and a page has a hundred.
    """
    return mark_safe(lucide(name, size=size, aria_hidden="true"))  # noqa: S308 -- the package's own
