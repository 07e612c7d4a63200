"""Recursion on a stack of our own.

Documents may be 256 levels deep and the callers' stack is not ours to fill, so what would call
itself is a generator that yields the inner call and is sent its result.
"""

from collections.abc import Generator
from typing import Any

type Call[T] = Generator[Any, Any, T]
"""Yields calls of its own type and is sent their results."""


def run[T](call: Call[T]) -> T:
    """The call's result, all inner calls done."""
    stack = [call]
    result: T | None = None  # nothing to send to a call that begins
    while True:
        try:
            stack.append(stack[-1].send(result))
            result = None
        except StopIteration as end:
            stack.pop()
            if not stack:
                value: T = end.value
                return value
            result = end.value
