"""How much the client holds, and how long it takes."""

from dataclasses import dataclass
from typing import Final

#: Of one call, which the server allows at most.
CALL_EVENTS: Final = 1_000
CALL_BYTES: Final = 5 * 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds, events and bytes; an event's bytes are those of its JSON.

    ``linger_s``: how long an event waits for others to go with. ``exit_s``: how long the end of
    the process may wait for the server at most. ``call_s``: how long the server may be silent
    before a call is given up.
    """

    queue_events: int = 10_000
    queue_bytes: int = 32 * 1_048_576
    spool_bytes: int = 1_073_741_824
    linger_s: float = 1.0
    call_s: float = 10.0
    exit_s: float = 5.0
