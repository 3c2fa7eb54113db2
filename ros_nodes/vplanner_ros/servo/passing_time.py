"""The one time that the executor's core knows. It never runs back, whatever the clock behind it does."""

from __future__ import annotations

from collections.abc import Callable


class PassingTime:
    """Counts the seconds that pass on a clock; a clock that is set back has stood still."""

    def __init__(self, read: Callable[[], float]) -> None:
        """`read` gives the clock [s]: the steady one of a real robot, or that of a simulation."""
        self._read = read
        self._last = read()
        self._passed = 0.0

    def now(self) -> float:
        """Time that has passed [s]. Not for two threads at once."""
        reading = self._read()
        self._passed += max(0.0, reading - self._last)
        self._last = reading
        return self._passed
