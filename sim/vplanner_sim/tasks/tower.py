"""`build_tower`: three cubes on top of each other."""

from __future__ import annotations

import numpy as np

from vplanner_sim.simscene import SimScene
from vplanner_sim.tasks.base import BALL, CUBES, spots
from vplanner_sim.tasks.long import LongTask
from vplanner_sim.tasks.pick import Stack

_TOP, _MIDDLE, _FOOT = CUBES


class _Middle(Stack):
    """The middle cube on the lowest, done also while the hand holds the cube that comes on top."""

    CLEAR_M = 0.028


class BuildTower(LongTask):
    """A cube on another, and a third on top."""

    name = "build_tower"
    count = 2
    max_steps = 120

    def __init__(self) -> None:
        super().__init__(_Middle(_MIDDLE, _FOOT), Stack(_TOP, _MIDDLE))

    def randomise(self, scene: SimScene, rng: np.random.Generator, clutter: int) -> None:
        self.deal_colours(rng, *CUBES, BALL)
        taken = spots(rng, 3, 0.16)  # the palm is wide, and lower than two cubes while it grasps the third
        for cube, xy in zip(CUBES, taken, strict=True):
            self.place_cube(scene, rng, cube, xy)
        self.scatter(scene, rng, clutter, CUBES, taken, gap=0.105)

    def done(self, scene: SimScene) -> tuple[bool, ...]:
        middle, top = super().done(scene)
        return middle, middle and top
