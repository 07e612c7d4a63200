from typing import cast

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.test import RequestFactory

from audit.access import OrganizationRequest, organization_admin_required
from audit.models import Event, Organization
from auditsite.models import User
from tests.factories import EventFactory


@organization_admin_required
def view(request: OrganizationRequest) -> HttpResponse:
    return HttpResponse(f"{request.organization} {request.membership.role}")


def ask(user: User | AnonymousUser, slug: str = "acme") -> HttpResponse:
    request = RequestFactory().get("/acme/events/?q=x")
    request.user = user
    return cast(HttpResponse, view(request, organization=slug))


def test_an_admin_gets_through(admin: User) -> None:
    assert ask(admin).content == b"Acme admin"


def test_a_member_is_told_that_a_role_is_missing(member: User) -> None:
    with pytest.raises(PermissionDenied, match="Only admins"):
        ask(member)


@pytest.mark.parametrize("slug", ["acme", "no-such-organization"])
def test_a_stranger_can_not_tell_whether_an_organization_exists(
    organization: Organization, stranger: User, slug: str
) -> None:
    with pytest.raises(Http404, match="No such organisation"):
        ask(stranger, slug)


def test_whoever_is_signed_out_is_asked_to_sign_in_and_keeps_the_url(
    organization: Organization,
) -> None:
    response = ask(AnonymousUser())
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/acme/events/%3Fq%3Dx"


def test_events_are_visible_to_admins_of_their_organization_only(
    organization: Organization, admin: User, member: User, stranger: User
) -> None:
    event = EventFactory.create(organization=organization)
    seen = {
        user.pk: list(Event.objects.visible_to(user.memberships.get()))
        for user in (admin, member, stranger)
    }
    assert seen == {admin.pk: [event], member.pk: [], stranger.pk: []}
