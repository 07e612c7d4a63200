"""Columns that keep what the sender wrote: JSON documents and details."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:  # Field takes type arguments only in the stubs
    _DocumentBase = models.Field[str | None, str | None]
    _DetailsBase = models.Field[Mapping[str, str], dict[str, str]]
    _TextsBase = models.Field[list[str], list[str]]
else:
    _DocumentBase = _DetailsBase = _TextsBase = models.Field


class DocumentField(_DocumentBase):
    """A JSON document as text, in a ``json`` column.

    Not ``jsonb``, which sorts keys, drops duplicates and rewrites numbers: an audit log
    shows the document as it came. Python sees the text; ``audit.diff.loads`` reads it.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "json"

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        return f"{sql}::text", params  # else the driver would parse it and lose the spelling


class TextsField(_TextsBase):
    """``text[]``, without the application that Django's own ArrayField asks to be installed."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "text[]"


class DetailsField(_DetailsBase):
    """Key-value details as ``text[]`` of ``key:value``, in the order the sender gave them.

    A key holds no colon, so the first one always ends it.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "text[]"

    def from_db_value(
        self, value: list[str] | None, expression: Any, connection: Any
    ) -> dict[str, str]:
        return dict(item.split(":", 1) for item in value or ())

    def get_prep_value(self, value: Any) -> Any:
        return as_tags(value) if isinstance(value, Mapping) else value


def as_tags(details: Mapping[str, str]) -> list[str]:
    """``{"namespace": "prod"}`` as ``["namespace:prod"]``: how details are stored and asked for."""
    return [f"{key}:{value}" for key, value in details.items()]
