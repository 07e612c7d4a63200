"""A process that dies at a given moment: ``python -m tests.recording.dying MOMENT MODE``.

It makes a change (a new organisation) and records it in a mode, then flushes the outbox.
"""

import os
import signal
import sys
from typing import Any


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying_after(function: Any) -> Any:
    def wrapped(*args: Any, **kwargs: Any) -> None:
        function(*args, **kwargs)
        die()

    return wrapped


def main(moment: str, mode: str) -> None:
    import django

    django.setup()
    from django.db import transaction

    from audit.models import Organization
    from audit.recording import best_effort, outbox, record
    from audit.recording.tracking import unrecorded

    if moment == "after commit":
        transaction.on_commit = lambda act, **_: None  # what comes after the commit never happens
    if moment == "amid recording":
        best_effort.record_many = dying_after(best_effort.record_many)
    with transaction.atomic():
        with unrecorded():
            Organization.objects.create(slug="changed", name="Changed")
        acme = Organization.objects.get(slug="acme")
        record(acme, event_type="log.opened", after={"changed": True}, mode=mode)
        if moment == "before commit":
            die()
    if moment == "after commit":
        die()
    if moment == "amid flush":
        outbox.record_many = dying_after(outbox.record_many)
    outbox.flush()
    die()


if __name__ == "__main__":
    main(*sys.argv[1:])
