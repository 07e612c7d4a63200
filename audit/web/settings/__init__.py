"""The settings of an organisation: a page to a section.

A section is a line in ``SECTIONS``, a module with its views and a path in ``urls``; its first
view is named ``settings-<slug>``.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render

from audit.access import OrganizationRequest


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the settings' navigation; ``icon`` is a name of Lucide's."""

    slug: str
    label: str
    icon: str

    @property
    def url_name(self) -> str:
        return f"audit:settings-{self.slug}"


#: In the order in which they are shown.
SECTIONS: Final = (
    Section("api-keys", "API keys", "key-round"),
    Section("browser-origins", "Browser origins", "app-window"),
    Section("redaction", "Redaction", "eye-off"),
    Section("event-rules", "Event rules", "funnel-x"),
)


def section_page(
    request: OrganizationRequest,
    slug: str,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """A page of a section: ``template`` extends ``audit/settings/base.html``."""
    (section,) = (section for section in SECTIONS if section.slug == slug)
    shown = {"sections": SECTIONS, "section": section, **context}
    return render(request, template, shown, status=status)
