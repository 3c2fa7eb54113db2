"""What the simulator knows and no planner may see: labels for training, evaluation and scripted experts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TruthObject:
    """A nameable thing: noun, colour, the point (3,) [m] at which it is grasped or aimed for, and its body."""

    name: str
    noun: str
    colour: str
    position: NDArray[np.float64]
    body: str


@dataclass(frozen=True, slots=True)
class Truth:
    """The sub-goal of the episode with the true state of its objects; progress in [0, 1]."""

    skill: str
    source: TruthObject
    target: TruthObject
    objects: tuple[TruthObject, ...]
    success: bool
    progress: float
