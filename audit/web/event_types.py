"""The catalogue: every event type that is declared, with what it means."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from audit.access import OrganizationRequest, organization_admin_required
from audit.event_types import Catalogue, EventType, registry
from audit.models import EventRule
from audit.web.htmx import page_or_fragment

_ALL = "all"
# Above this many types only one category is on the page; the others are links to it.
_MOST_AT_ONCE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One origin, and how many of its types are found."""

    origin: str
    label: str
    count: int
    is_current: bool


@require_safe
@organization_admin_required
def event_type_list(request: OrganizationRequest) -> HttpResponse:
    words = request.GET.get("q", "").split()
    found = [_only(catalogue, words) for catalogue in registry.categories()]
    origin = _origin(request.GET.get("origin", ""), bool(words))
    shown = [each for each in found if len(each) and origin in (each.origin, _ALL)]
    count = sum(map(len, shown))
    context = {
        "query": " ".join(words),
        "tabs": list(_tabs(found, origin, bool(words))),
        "origin": origin,
        "catalogues": shown,
        "count": count,
        "only": _only_category(shown, request.GET.get("category", ""), count),
        "rules": EventRule.objects.against_types(request.organization),
        "elsewhere": sum(map(len, found)),
    }
    return page_or_fragment(request, "audit/event_types/list.html", "results", context)


def _origin(asked: str, is_search: bool) -> str:
    """A search looks everywhere unless told otherwise; reading begins with the first origin."""
    known = [catalogue.origin for catalogue in registry.categories()]
    if asked in known or (asked == _ALL and is_search):
        return asked
    return _ALL if is_search else known[0]


def _only_category(shown: list[Catalogue], asked: str, count: int) -> str:
    """The one category to show, as ``origin:name``; empty where there is room for all."""
    if count <= _MOST_AT_ONCE:
        return ""
    known = [f"{each.origin}:{category.name}" for each in shown for category in each.categories]
    return asked if asked in known else known[0]


def _tabs(found: Iterable[Catalogue], origin: str, is_search: bool) -> Iterator[Tab]:
    found = tuple(found)
    if is_search:
        total = sum(map(len, found))
        yield Tab(origin=_ALL, label="All", count=total, is_current=origin == _ALL)
    for each in found:
        is_current = each.origin == origin
        yield Tab(origin=each.origin, label=each.label, count=len(each), is_current=is_current)


def _only(catalogue: Catalogue, words: Iterable[str]) -> Catalogue:
    """The part of a catalogue whose types contain every word."""
    folded = [word.casefold() for word in words]
    if not folded:
        return catalogue
    kept = []
    for category in catalogue.categories:
        types = tuple(each for each in category.types if _contains(each, category.name, folded))
        if types:
            kept.append(replace(category, types=types))
    return replace(catalogue, categories=tuple(kept))


def _contains(event_type: EventType, category: str, words: Iterable[str]) -> bool:
    keys = " ".join(key.name for key in event_type.details)
    text = "\n".join(
        (
            event_type.slug,
            event_type.label,
            event_type.alias,
            event_type.description,
            category,
            keys,
        )
    ).casefold()
    return all(word in text for word in words)
