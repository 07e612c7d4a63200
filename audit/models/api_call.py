"""What is remembered between the calls of a program."""

from django.db import models


class IdempotentCall(models.Model):
    """A call that was made with an ``Idempotency-Key``, and what it was answered.

    ``caller`` is ``audit.api.authentication.Caller.identity``. ``fingerprint`` is the digest of
    all that the answer depends on.
    """

    pk = models.CompositePrimaryKey("caller", "key")
    caller = models.TextField()
    key = models.TextField()
    fingerprint = models.BinaryField(max_length=32, editable=False)
    status = models.SmallIntegerField()
    answer = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        db_table = "audit_idempotent_call"

    def __str__(self) -> str:
        return f"{self.key} of {self.caller}"


class RateLimit(models.Model):
    """How full one bucket of a caller is: it leaks evenly, and is empty at ``drained_at``.

    The table is unlogged: it is written at every call and worth nothing after a crash.
    """

    pk = models.CompositePrimaryKey("caller", "bucket")
    caller = models.TextField()
    bucket = models.TextField()
    drained_at = models.DateTimeField()

    class Meta:
        db_table = "audit_rate_limit"

    def __str__(self) -> str:
        return f"{self.bucket} of {self.caller}"
