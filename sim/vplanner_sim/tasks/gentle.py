"""Steps with something in the gripper that could slip or spill."""

from __future__ import annotations

import numpy as np

from vplanner_sim.motion import CLOSED, toward
from vplanner_sim.simscene import Array, SimScene

CARRY_M, TURN_RAD = 0.04, 0.25


def gently(scene: SimScene, position: Array, rotation: Array, speed: float = CARRY_M) -> Array:
    """One step (7,) toward a TCP pose with closed gripper, at most `speed` [m] and a part of the turn allowed."""
    action = toward(scene, position, CLOSED, rotation, speed=speed)
    action[3:6] *= min(1.0, TURN_RAD / max(float(np.linalg.norm(action[3:6])), 1e-12))
    return action
