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
class SubGoalTruth:
    """One step of a task with the true state of its objects, whether it is reached, and how far it is in [0, 1]."""

    skill: str
    source: TruthObject
    target: TruthObject
    done: bool
    progress: float


@dataclass(frozen=True, slots=True)
class Truth:
    """The sub-goals of the episode in their order; success and progress in [0, 1] are those of the whole."""

    sub_goals: tuple[SubGoalTruth, ...]
    objects: tuple[TruthObject, ...]
    success: bool
    progress: float

    @property
    def due(self) -> SubGoalTruth:
        """The first sub-goal that is not reached; the last one when all are."""
        return next((step for step in self.sub_goals if not step.done), self.sub_goals[-1])

    @property
    def reached(self) -> int:
        """How many sub-goals are reached."""
        return sum(step.done for step in self.sub_goals)

    @property
    def skill(self) -> str:
        """Of the sub-goal that is due."""
        return self.due.skill

    @property
    def source(self) -> TruthObject:
        """Of the sub-goal that is due."""
        return self.due.source

    @property
    def target(self) -> TruthObject:
        """Of the sub-goal that is due."""
        return self.due.target
