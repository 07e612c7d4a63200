"""From what waits to the server: which call comes next, and when."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from audit.client.calls import Accepted, Fault, Later, Refused, Server, Unreadable
from audit.client.encoding import Event, decoded
from audit.client.parcel import Batch, Parcel
from audit.client.stats import Complaints, Counters

# Seconds. "Full jitter": any time up to the bound, which doubles, so that many clients do not come
# back at the same moment (Exponential Backoff And Jitter, AWS Architecture Blog, 2015).
_FIRST_S: Final = 0.5
_LONGEST_S: Final = 60.0
_DOUBLINGS: Final = 7  # to above the longest
# A key or an address is put right by people.
_REFUSED_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class Rejection:
    """An event that the server refuses as it is. It is not sent again."""

    event: Event
    faults: tuple[Fault, ...]


type OnRejected = Callable[[Rejection], object]


class Delivery:
    """Sends one parcel after the other; after a failure it pauses, and sends the same again.

    ``clock`` counts seconds, ``jitter(a, b)`` chooses between two numbers of them.
    """

    def __init__(
        self,
        server: Server,
        counters: Counters,
        complaints: Complaints,
        on_rejected: OnRejected | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._server, self._counters, self._complaints = server, counters, complaints
        self._on_rejected, self._clock, self._jitter = on_rejected, clock, jitter
        self._failures = 0
        self._resume_at = float("-inf")

    @property
    def pause_s(self) -> float:
        """Seconds until the server may be called again; 0 if it may now."""
        return max(0.0, self._resume_at - self._clock())

    @property
    def has_failed(self) -> bool:
        """Whether the last call was in vain."""
        return self._failures > 0

    def resume(self) -> None:
        """End the pause."""
        self._resume_at = float("-inf")

    def deliver(self, parcel: Parcel) -> bool:
        """Whether nothing of the parcel needs to be sent again."""
        trouble = self._send(parcel.lines)
        if trouble is None:
            self._failures = 0
            return True
        self._resume_at = self._clock() + self._patience(trouble)
        self._failures += 1
        return False

    def _patience(self, trouble: Later | Refused) -> float:
        if isinstance(trouble, Refused):
            self._complaints.warn(
                "The audit log refuses this client (%s): check its address and key; what is"
                " recorded waits",
                trouble.reason,
            )
            return self._jitter(_REFUSED_S / 2, _REFUSED_S)
        self._complaints.warn("The audit log can't be reached (%s)", trouble.reason)
        bound = min(_LONGEST_S, _FIRST_S * 2 ** min(self._failures, _DOUBLINGS))
        return trouble.seconds + self._jitter(0.0, bound)

    def _send(self, lines: Batch) -> Later | Refused | None:
        """Why these have to be sent again, if so."""
        answer = self._server.record(lines)
        if isinstance(answer, Later | Refused):
            return answer
        if isinstance(answer, Unreadable):
            if len(lines) == 1:
                answer = Accepted({0: (Fault("", answer.reason),)})
            else:
                middle = len(lines) // 2
                return self._send(lines[:middle]) or self._send(lines[middle:])
        self._counters.add("sent", len(lines) - len(answer.rejected) - answer.suppressed)
        self._counters.add("suppressed", answer.suppressed)
        for place, faults in answer.rejected.items():
            self._reject(lines[place], faults)
        return None

    def _reject(self, line: bytes, faults: tuple[Fault, ...]) -> None:
        self._counters.add("rejected")
        self._complaints.warn(
            "The audit log rejected an event for its %s; on_rejected is given each of them",
            ", ".join(fault.field for fault in faults if fault.field) or "form",
        )
        if self._on_rejected is None:
            return
        try:
            self._on_rejected(Rejection(decoded(line), faults))
        except Exception as error:  # noqa: BLE001 -- the application's; the others still go
            self._complaints.warn("on_rejected raised %s", type(error).__name__)
