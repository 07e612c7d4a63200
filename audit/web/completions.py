"""What the search box offers while one types, as a fragment for its list."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from audit.access import OrganizationRequest, organization_admin_required
from audit.browsing import EventFilterSet
from audit.browsing.completions import Offer, offer
from audit.browsing.grammar import MAX_LENGTH, rest_of
from audit.models import Event


@require_safe
@organization_admin_required
def event_completions(request: OrganizationRequest) -> HttpResponse:
    """Completions of ``q`` at the cursor ``at``, in characters; the end if it is not a number.

    The other parameters are those of the list, and what they ask is counted with.
    """
    text = request.GET.get("q", "")
    is_answerable = len(text) <= MAX_LENGTH and "\0" not in text
    offered = _offer(request, text) if is_answerable else Offer()
    return render(request, "audit/events/_completions.html", {"offer": offered})


def _offer(request: OrganizationRequest, text: str) -> Offer:
    cursor = _cursor(request.GET.get("at", ""), text)
    data = request.GET.copy()
    data["q"] = rest_of(text, cursor)
    visible = Event.objects.visible_to(request.membership)
    rest = EventFilterSet(data, queryset=visible, request=request)
    return offer(request.organization, text, cursor, rest, timezone.localtime())


def _cursor(given: str, text: str) -> int:
    is_number = given.isascii() and given.isdigit() and len(given) <= len(str(MAX_LENGTH))
    return min(int(given), len(text)) if is_number else len(text)
