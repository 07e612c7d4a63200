from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import KEY_PATTERN, ApiKey, Organization, Scope


def issue(organization: Organization, **given: object) -> tuple[ApiKey, str]:
    return ApiKey.objects.issue(organization, name="worker", scopes=[Scope.EVENTS_WRITE], **given)  # type: ignore[arg-type]


def test_a_key_is_known_by_its_text(organization: Organization) -> None:
    key, text = issue(organization)
    assert KEY_PATTERN.fullmatch(text)
    assert text.startswith(f"as_acme_{key.prefix}_")
    assert ApiKey.objects.holding(text) == key


def test_the_text_is_not_kept(organization: Organization) -> None:
    key, text = issue(organization)
    secret = text.rpartition("_")[2]
    kept = ApiKey.objects.filter(pk=key.pk).values().get()
    assert secret not in str(kept)
    assert bytes.fromhex(secret) not in bytes(kept["digest"])


@pytest.mark.parametrize("change", ["secret", "prefix", "shape", "nothing"])
def test_no_other_text_is_the_key(organization: Organization, change: str) -> None:
    key, text = issue(organization)
    other = {
        "secret": text[:-1] + ("1" if text[-1] == "0" else "0"),
        "prefix": text.replace(key.prefix, "0" * 12),
        "shape": text + "\n",
        "nothing": "",
    }[change]
    assert ApiKey.objects.holding(other) is None


def test_an_organisation_with_odd_characters_has_keys_too() -> None:
    assert KEY_PATTERN.fullmatch(f"as_a-b_c_{'0' * 12}_{'f' * 64}")


def test_a_key_ends(organization: Organization) -> None:
    key, _ = issue(organization, expires_at=timezone.now() + timedelta(minutes=1))
    assert key.is_usable
    key.expires_at = timezone.now()
    assert not key.is_usable
    forever, _ = issue(organization)
    assert forever.is_usable
    forever.revoked_at = timezone.now()
    assert not forever.is_usable


def test_use_is_noted_once_a_minute(
    organization: Organization, django_assert_num_queries: object
) -> None:
    key, _ = issue(organization)
    key.note_use()
    key.refresh_from_db()
    first = key.last_used_at
    assert first is not None
    with django_assert_num_queries(0):  # type: ignore[operator]
        key.note_use()
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=first - timedelta(minutes=2))
    key.refresh_from_db()
    key.note_use()
    key.refresh_from_db()
    assert key.last_used_at is not None
    assert key.last_used_at >= first
