"""``Idempotency-Key``: a call that is sent again is answered as it was, and done once.

After the IETF's draft-ietf-httpapi-idempotency-key-header. The answer is committed in one
transaction with what the call did: after a crash either both are there or neither is.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from audit.api.problems import Problem
from audit.models import IdempotentCall

HEADER: Final = "Idempotency-Key"
MAX_KEY: Final = 255  # characters
KEPT: Final = timedelta(hours=24)
#: Says in an answer that it is one of before.
REPLAYED: Final = "Idempotency-Replayed"

_KEY = re.compile(rf"[\x21-\x7e]{{1,{MAX_KEY}}}")

# A call sweeps more than it leaves behind, so that the table does not grow.
_SWEEP = """
DELETE FROM audit_idempotent_call WHERE (caller, key) IN (
  SELECT caller, key FROM audit_idempotent_call WHERE created_at < %s
  ORDER BY created_at LIMIT 10 FOR UPDATE SKIP LOCKED)
"""


def key_of(request: HttpRequest) -> str | None:
    """The call's key, if it has one. Raises Problem 400 for one that can't be."""
    key = request.headers.get(HEADER)
    if key is not None and not _KEY.fullmatch(key):
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            f"{HEADER} must be 1 to {MAX_KEY} visible ASCII characters, without spaces.",
        )
    return key


def fingerprint(parts: Iterable[bytes]) -> bytes:
    """A digest of all that a call's answer depends on."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part).digest())
    return whole.digest()


def once(
    caller: str, key: str, fingerprint: bytes, perform: Callable[[], HttpResponse]
) -> HttpResponse:
    """Perform the call, unless this caller has made it with this key within KEPT.

    Raises Problem: 409 while it is being performed, 422 where the key was another call's. A call
    that ends with a Problem leaves nothing behind.
    """
    with transaction.atomic():
        _lock(caller, key)
        before = IdempotentCall.objects.filter(
            caller=caller, key=key, created_at__gte=timezone.now() - KEPT
        ).first()
        if before is not None:
            return _replayed(before, fingerprint)
        response = perform()
        _keep(caller, key, fingerprint, response)
    return response


def _lock(caller: str, key: str) -> None:
    """Until the transaction ends. Two keys of one hash would only wait for each other's end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"{caller} {key}"]
        )
        (is_ours,) = cursor.fetchone() or (False,)
    if not is_ours:
        raise Problem(
            HTTPStatus.CONFLICT,
            "A call with this Idempotency-Key is under way. Try again in a second.",
            headers={"Retry-After": "1"},
        )


def _replayed(before: IdempotentCall, fingerprint: bytes) -> HttpResponse:
    if bytes(before.fingerprint) != fingerprint:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "This Idempotency-Key was used for another call. Each call needs a key of its own.",
        )
    content_type = "application/json" if before.status < 400 else "application/problem+json"
    return HttpResponse(
        before.answer,
        status=before.status,
        content_type=content_type,
        headers={REPLAYED: "true"},
    )


def _keep(caller: str, key: str, fingerprint: bytes, response: HttpResponse) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP, [timezone.now() - KEPT])
    IdempotentCall.objects.filter(caller=caller, key=key).delete()  # one older than KEPT
    IdempotentCall.objects.create(
        caller=caller,
        key=key,
        fingerprint=fingerprint,
        status=response.status_code,
        answer=response.content.decode(),
    )
