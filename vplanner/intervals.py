"""Confidence intervals of success rates."""

from __future__ import annotations

import math

_Z95 = 1.959963984540054  # two-sided 95 % point of the normal distribution


def wilson95(successes: int, episodes: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a success rate (Wilson 1927); (0, 1) when nothing was tried."""
    if episodes == 0:
        return 0.0, 1.0
    rate, square = successes / episodes, _Z95**2
    centre = (rate + square / (2 * episodes)) / (1 + square / episodes)
    spread = _Z95 * math.sqrt(rate * (1 - rate) / episodes + square / (4 * episodes**2)) / (1 + square / episodes)
    low = 0.0 if successes == 0 else max(0.0, centre - spread)
    high = 1.0 if successes == episodes else min(1.0, centre + spread)
    return low, high
