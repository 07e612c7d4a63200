"""The details of an event as tags.

Put together here and not in a template: they are most of what a page of events consists of.
"""

from collections.abc import Iterable
from typing import Final, Protocol

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from audit.templatetags.text import Marker, marked, visible

register = template.Library()

_INSIDE: Final = '<span class="key">{}</span><span class="value">{}</span>'


class Choice(Protocol):
    """``attributes`` are those of the link that filters by the tag; empty where there is none."""

    @property
    def value(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def attributes(self) -> SafeString: ...


class Tag(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def choice(self) -> Choice: ...


@register.simple_tag
def tags(shown: Iterable[Tag], marker: Marker | None = None) -> SafeString:
    return mark_safe("".join(_tag(tag, marker) for tag in shown))  # noqa: S308 -- escaped below


def _tag(tag: Tag, marker: Marker | None) -> str:
    choice = tag.choice
    inside = _INSIDE.format(escape(visible(tag.key)), marked(choice.text, marker))
    if choice.attributes:
        return f'<a class="tag" {choice.attributes}>{inside}</a>'
    return f'<span class="tag" data-tag="{escape(choice.value)}">{inside}</span>'
