"""One address, two answers: the whole page, or the part of it that htmx swaps."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from audit.access import OrganizationRequest


def page_or_fragment(
    request: OrganizationRequest,
    template: str,
    fragment: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """Render ``template``, or only its partial ``fragment`` for htmx.

    Going back in the history restores whole pages.
    """
    if wants_fragment(request):
        template = f"{template}#{fragment}"
    response = render(request, template, dict(context), status=status)
    patch_vary_headers(response, ("HX-Request", "HX-History-Restore-Request"))
    return response


def wants_fragment(request: OrganizationRequest) -> bool:
    return bool(request.htmx) and not request.htmx.history_restore_request
