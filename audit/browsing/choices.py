"""Values to choose from, out of the dictionary that recording keeps: never out of the log."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from audit.event_types import registry
from audit.models import DictionaryEntry, Organization

# Details keys whose values are offered before anybody types.
_OFFERED_KEYS = 8
# Recording keeps at most 1,000 values of a field, so that all of them can be looked through.
_FIELDS = ("actor", "event_type", "deployment", "branch_deployment", "resource_type", "details")

_OFFERED = """
WITH field AS (
  SELECT unnest(%(fields)s::text[]) AS name
  UNION ALL (
    SELECT 'details.' || value FROM audit_dictionary
    WHERE organization_id = %(organization)s AND field = 'details' ORDER BY value LIMIT %(keys)s)
)
SELECT field.name, entry.value, entry.label FROM field CROSS JOIN LATERAL (
  SELECT value, label FROM audit_dictionary
  WHERE organization_id = %(organization)s AND field = field.name
  ORDER BY value LIMIT %(limit)s) AS entry
"""


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str


def choices(
    organization: Organization, field: str, contains: str = "", limit: int = 20
) -> list[Choice]:
    """Values of a dictionary field that hold this text, in their label or themselves.

    Case and accents do not matter. What begins with the text comes first.
    """
    return holding(in_use(organization, field), contains)[:limit]


def in_use(organization: Organization, field: str) -> list[Choice]:
    """All that the dictionary has of a field, in no order; at most MAX_VALUES_PER_FIELD."""
    entries = DictionaryEntry.objects.filter(organization=organization, field=field)
    return [_choice(field, *entry) for entry in entries.values_list("value", "label")]


def holding(
    found: Iterable[Choice], contains: str, counts: Mapping[str, int] | None = None
) -> list[Choice]:
    """Those that hold this text, as ``choices`` says; of equals the one with more events first."""
    wanted = _folded(contains.strip())
    ranked = []
    for choice in found:
        if (rank := _rank(choice, wanted)) is not None:
            count = counts.get(choice.value, 0) if counts else 0
            ranked.append(((rank, -count, _folded(choice.label), choice.value), choice))
    return [choice for _, choice in sorted(ranked, key=lambda item: item[0])]


def offered(organization: Organization, per_field: int = 8) -> dict[str, list[Choice]]:
    """The first values of every field, and of the first details keys, in one query."""
    params: dict[str, Any] = {
        "organization": organization.pk,
        "fields": list(_FIELDS),
        "keys": _OFFERED_KEYS,
        "limit": per_field,
    }
    found: dict[str, list[Choice]] = {field: [] for field in _FIELDS}
    with connection.cursor() as cursor:
        cursor.execute(_OFFERED, params)
        for field, value, label in cursor.fetchall():
            found.setdefault(field, []).append(_choice(field, value, label))
    return found


def _choice(field: str, value: str, label: str) -> Choice:
    if field == "event_type":
        return Choice(value, registry.label(value))
    return Choice(value, label or value)


def _rank(choice: Choice, wanted: str) -> int | None:
    """How well a choice answers: 0 begins with it, 1 a word does, 2 holds it; None does not."""
    texts = (_folded(choice.value), _folded(choice.label))
    if any(text.startswith(wanted) for text in texts):
        return 0
    if any(f" {wanted}" in text for text in texts):
        return 1
    return 2 if any(wanted in text for text in texts) else None


def _folded(text: str) -> str:
    """Without case and accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
