"""A row as a JSON document."""

import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Field, ForeignKey, Model
from django.db.models.fields.files import FieldFile
from django.utils.duration import duration_iso_string

from audit.diff import JSON, JSONNumber


def document_of(instance: Model, fields: tuple["Field[Any, Any]", ...]) -> dict[str, JSON]:
    """The named columns of a row. Recording masks what is secret among them."""
    return {field.name: _column(instance, field) for field in fields}


def reference(key: Any, related: Model | None) -> JSON:
    """Another row as a document mentions it: its key, and what it is called."""
    return {"id": json_of(key), "name": str(related) if related is not None else ""}


def _column(instance: Model, field: "Field[Any, Any]") -> JSON:
    value = getattr(instance, field.attname)
    if isinstance(field, ForeignKey) and value is not None:
        return reference(value, _related(instance, field))
    return json_of(value)


def _related(instance: Model, field: "ForeignKey[Any, Any]") -> Model | None:
    try:
        related: Model | None = getattr(instance, field.name)
    except ObjectDoesNotExist:  # where the database does not check it
        return None
    return related


def json_of(value: Any) -> JSON:
    """A Python value as JSON, exactly: decimals keep their digits, times their microseconds."""
    match value:
        case None | JSONNumber():
            return value
        case Enum():
            return json_of(value.value)
        case bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case Decimal():
            return JSONNumber(str(value)) if value.is_finite() else str(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return duration_iso_string(value)
        case FieldFile():
            return value.name or None
        case bytes() | bytearray() | memoryview():
            return f"sha256:{sha256(value).hexdigest()}"
        case Mapping():
            return {str(key): json_of(item) for key, item in value.items()}
        case list() | tuple():
            return [json_of(item) for item in value]
        case set() | frozenset():
            return sorted((json_of(item) for item in value), key=str)
    return str(value)
