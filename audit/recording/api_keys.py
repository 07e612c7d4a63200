"""Making and revoking API keys, each with its event by whoever the context knows to act."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from audit.models import ApiKey, Organization
from audit.recording.record import record


def create_key(
    organization: Organization,
    *,
    name: str,
    scopes: Iterable[str],
    created_by_id: int | None = None,
    expires_at: datetime | None = None,
    prefix: str = "",
) -> tuple[ApiKey, str]:
    """Returns the new key with its text, to be shown this once.

    Raises IntegrityError for a prefix that is taken.
    """
    with transaction.atomic():
        key, text = ApiKey.objects.issue(
            organization,
            name=name,
            scopes=scopes,
            expires_at=expires_at,
            created_by_id=created_by_id,
            prefix=prefix,
        )
        record(
            organization,
            event_type="api_key.created",
            resource=_resource(key),
            details={"scopes": " ".join(key.scopes)},
            after=key.as_document(),
        )
    return key, text


def revoke_key(key: ApiKey, *, revoked_by_id: int) -> None:
    """Make the key useless, for good. A key that is so already stays as it is."""
    with transaction.atomic():
        # Whoever comes second finds it revoked: one revocation, one event.
        revoked = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(
            revoked_at=timezone.now(), revoked_by_id=revoked_by_id
        )
        if revoked:
            record(
                key.organization,
                event_type="api_key.revoked",
                resource=_resource(key),
                before=key.as_document(),
            )


def _resource(key: ApiKey) -> dict[str, object]:
    return {"id": key.prefix, "name": key.name}
