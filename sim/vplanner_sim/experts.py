"""Scripted experts: privileged policies that solve every task and recover when disturbed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vplanner_sim.env import TabletopEnv


class Expert:
    """Acts from the simulator's true state, one SE(3) step at a time."""

    def __init__(self, env: TabletopEnv) -> None:
        self._env = env

    @property
    def done(self) -> bool:
        """Whether the task is solved now."""
        return self._env.task.success(self._env.scene)

    def act(self) -> NDArray[np.float64]:
        """The next step (7,), within the limits."""
        return self._env.task.act(self._env.scene)

    def act_for(self, index: int) -> NDArray[np.float64]:
        """The next step (7,) towards the sub-goal with this index; once it is reached, one that leaves it so."""
        task, scene = self._env.task, self._env.scene
        reached = task.done(scene)[index]
        return task.sub_goals()[index].act(scene) if reached else task.act(scene)


def make_expert(env: TabletopEnv) -> Expert:
    """The expert of the environment's task."""
    return Expert(env)
