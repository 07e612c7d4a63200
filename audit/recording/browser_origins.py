"""Listing the origins whose pages may record, each change with its event."""

from django.db import transaction

from audit.models import BrowserOrigin, Organization
from audit.recording.record import record


def add_origin(
    organization: Organization, origin: str, *, created_by_id: int | None = None
) -> BrowserOrigin:
    """List ``origin``, as ``as_origin`` writes it. One that is listed already stays as it is."""
    with transaction.atomic():
        listed, is_new = BrowserOrigin.objects.get_or_create(
            organization=organization, origin=origin, defaults={"created_by_id": created_by_id}
        )
        if is_new:
            record(
                organization,
                event_type="browser_origin.added",
                resource={"id": origin},
                after={"origin": origin},
            )
    return listed


def remove_origin(listed: BrowserOrigin) -> None:
    """Pages of the origin are refused from now on."""
    with transaction.atomic():
        # Whoever comes second finds it gone: one removal, one event.
        removed, _ = BrowserOrigin.objects.filter(pk=listed.pk).delete()
        if removed:
            record(
                listed.organization,
                event_type="browser_origin.removed",
                resource={"id": listed.origin},
                before={"origin": listed.origin},
            )
