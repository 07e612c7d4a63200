"""What goes into one call."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

type Batch = Sequence[bytes]
"""Events as lines of JSON, no more than a call may hold."""


@dataclass(slots=True)
class Parcel:
    """The lines of a call, and the locked files they are from, if they are on the disk."""

    lines: Batch
    segments: dict[Path, int] = field(default_factory=dict)

    def settle(self) -> None:
        """The server has them: they are no longer needed."""
        for path in self.segments:
            path.unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """Leave the files to whoever comes next."""
        while self.segments:
            os.close(self.segments.popitem()[1])
