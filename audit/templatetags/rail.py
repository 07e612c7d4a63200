"""Ids for the links of the filters."""

from typing import Protocol
from zlib import crc32

from django import template

register = template.Library()


class Filterable(Protocol):
    param: str
    value: str


@register.filter
def element_id(choice: Filterable) -> str:
    """The same for the same value on every page, so that focus finds it again after a swap."""
    return f"{choice.param}-{crc32(choice.value.encode()):08x}"
