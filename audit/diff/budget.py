"""Bounded work, counted in steps and not by the clock, so that every run answers alike."""

from typing import Final

# A step is about a microsecond of Python on a small machine.
DEFAULT_BUDGET: Final = 600_000


class Budget:
    """Steps left to spend on alignment, and what had to be left out."""

    __slots__ = ("_left_out", "remaining", "spent")

    def __init__(self, steps: int = DEFAULT_BUDGET) -> None:
        self.remaining = steps
        self.spent = 0
        self._left_out: dict[str, None] = {}

    def afford(self, steps: int) -> bool:
        """Whether the steps are there; if so they are spent."""
        if steps > self.remaining:
            return False
        self.remaining -= steps
        self.spent += steps
        return True

    def leave_out(self, sentence: str) -> None:
        self._left_out[sentence] = None

    @property
    def limitation(self) -> str:
        return " ".join(self._left_out)
