"""Notices that a clock was set: it no longer runs beside the steady one."""

from __future__ import annotations

_JUMP_S = 0.1


class ClockWatch:
    """Compares a clock of stamps with the steady clock."""

    def __init__(self) -> None:
        """No reading yet."""
        self._ahead_s: float | None = None

    def jump_s(self, now: float, stamp_now: float) -> float | None:
        """By how much [s] the clock of stamps jumped since the last reading; None when it did not."""
        ahead = stamp_now - now
        before, self._ahead_s = self._ahead_s, ahead
        return ahead - before if before is not None and abs(ahead - before) > _JUMP_S else None
