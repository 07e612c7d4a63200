"""Who may do what. Every view of an organisation's data starts here."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django_htmx.middleware import HtmxDetails

from audit.models import Membership, Organization


class OrganizationRequest(HttpRequest):
    """A request by a signed-in admin of ``organization``."""

    htmx: HtmxDetails
    organization: Organization
    membership: Membership


type View = Callable[..., HttpResponseBase]


def admin_membership(request: HttpRequest, organization: str) -> Membership:
    """The membership by which whoever is signed in is an admin of this organisation.

    Raises Http404 for a stranger, as for an organisation that does not exist, and
    PermissionDenied for a member without the role.
    """
    membership = (
        Membership.objects.select_related("organization")
        .filter(user_id=cast(int, request.user.pk), organization__slug=organization)
        .first()
    )
    if membership is None:
        raise Http404("No such organisation.")
    if not membership.is_admin:
        raise PermissionDenied("Only admins of this organisation may read its audit log.")
    return membership


def organization_admin_required[**P](
    view: Callable[Concatenate[OrganizationRequest, P], HttpResponseBase],
) -> View:
    """Let only admins of the organisation named in the URL through: see ``admin_membership``.

    Whoever is signed out is asked to sign in.
    """

    @login_required
    @wraps(view)
    def wrapped(
        request: HttpRequest, organization: str, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        membership = admin_membership(request, organization)
        allowed = cast(OrganizationRequest, request)
        allowed.organization, allowed.membership = membership.organization, membership
        return view(allowed, *args, **kwargs)

    return wrapped
