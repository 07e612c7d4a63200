"""What Auditsite records of its own use, in the logs of the organisations concerned.

Sign-ins and accounts are recorded by ``audit.recording.accounts``; what people prefer (the time
zone, say) is nobody's business.
"""

from collections.abc import Iterable
from typing import Any

from audit.models import Membership, Organization
from audit.recording.tracking import track
from auditsite.models import User


def install() -> None:
    """Track organisations and memberships."""
    track(
        Organization,
        exclude=["id_salt", "created_at"],
        event_type={"created": "organization.created", "updated": "organization_settings.changed"},
        organization=lambda organization: organization,
        resource_id=lambda organization: organization.slug,
    )
    track(
        Membership,
        fields=["user", "role"],
        event_type={
            "created": "member.invited",
            "updated": "member.role_changed",
            "deleted": "member.removed",
        },
        organization=lambda membership: membership.organization,
        resource_type="member",
        resource_id=lambda membership: membership.user.email,
        resource_name=lambda membership: str(membership.user),
        details=lambda membership: {"role": membership.role},
    )


def organizations_of(subject: Any) -> Iterable[Organization]:
    """Whose log tells of an account: every organisation's that it belongs to, for each of their
    admins answers for whom they let in. Of anything else, nobody's unless the call says so."""
    if not isinstance(subject, User):
        return ()
    return Organization.objects.filter(memberships__user=subject)
