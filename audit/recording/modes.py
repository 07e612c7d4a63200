"""When an event gets into the log: with the change, soon after it, or if nothing goes wrong.

docs/recording.md has the table of what survives which failure.
"""

from collections.abc import Mapping, Sequence

from django.core.exceptions import ImproperlyConfigured
from django.db import models

from audit.models import Organization
from audit.recording import best_effort, configuration, outbox
from audit.recording.many import record_all


class Mode(models.TextChoices):
    SAME_TRANSACTION = "same-transaction", "In the same transaction"
    OUTBOX = "outbox", "Through the outbox"
    BEST_EFFORT = "best-effort", "Best effort, after the commit"


def mode_of(event_type: str) -> Mode:
    """What ``AUDIT_MODES`` says of the type, else of ``*``, else the same transaction."""
    modes = configuration.modes()
    mode = modes.get(event_type) or modes.get("*") or Mode.SAME_TRANSACTION
    if mode not in Mode:
        raise ImproperlyConfigured(f"AUDIT_MODES: “{mode}” is not one of {', '.join(Mode.values)}.")
    return Mode(mode)


def deliver(organization: Organization, events: Sequence[Mapping[str, object]], mode: Mode) -> None:
    """Record complete events in a mode. Only ``BEST_EFFORT`` never raises."""
    match mode:
        case Mode.OUTBOX:
            outbox.put(organization, events)
        case Mode.BEST_EFFORT:
            best_effort.record_after_commit(organization, events)
        case _:
            record_all(organization, events)
