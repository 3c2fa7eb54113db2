"""What a long task is: several sub-goals in order, each one a task of a single skill."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from vplanner_sim.language import Split, long_instruction
from vplanner_sim.simscene import Array, SimScene
from vplanner_sim.tasks.base import Task
from vplanner_sim.truth import TruthObject


class LongTask(Task):
    """Every sub-goal in its turn; what is due follows from the present state alone, so what is undone is redone."""

    count: ClassVar[int]
    """How many sub-goals there are."""

    def __init__(self, *steps: Task) -> None:
        """Reach the sub-goals of these tasks, which all know the bodies of this one's props."""
        super().__init__()
        self._steps = steps

    def sub_goals(self) -> tuple[Task, ...]:
        return self._steps

    def done(self, scene: SimScene) -> tuple[bool, ...]:
        return tuple(step.success(scene) for step in self._steps)

    def due(self, scene: SimScene) -> Task:
        """The first sub-goal that is not reached; the last one when all are."""
        return next((s for s, done in zip(self._steps, self.done(scene), strict=True) if not done), self._steps[-1])

    def deal_colours(self, rng: np.random.Generator, *bodies: str) -> None:
        super().deal_colours(rng, *bodies)
        for step in self._steps:
            step.colours = self.colours

    def source(self, scene: SimScene) -> TruthObject:
        return self.due(scene).source(scene)

    def target(self, scene: SimScene) -> TruthObject:
        return self.due(scene).target(scene)

    def success(self, scene: SimScene) -> bool:
        return all(self.done(scene))

    def progress(self, scene: SimScene) -> float:
        reached = sum(self.done(scene))
        if reached == len(self._steps):
            return 1.0
        return (reached + min(self.due(scene).progress(scene), 0.95)) / len(self._steps)

    def act(self, scene: SimScene) -> Array:
        return self.due(scene).act(scene)

    def instruct(self, scene: SimScene, rng: np.random.Generator, split: Split) -> str:
        things = [(step.source(scene), step.target(scene)) for step in self._steps]
        return long_instruction(self.name, things, rng, split)
