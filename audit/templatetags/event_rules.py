"""Which types of the catalogue are not recorded."""

from collections.abc import Iterable

from django import template

from audit.models import EventRule

register = template.Library()


@register.filter
def against(rules: Iterable[EventRule], event_type: str) -> str:
    """Whose events of a type these rules leave out: ``everybody``, names of groups, or nobody."""
    concerned = [rule for rule in rules if rule.concerns(event_type)]
    if any(rule.group is None for rule in concerned):
        return "everybody"
    return ", ".join(sorted({rule.whom for rule in concerned}))
