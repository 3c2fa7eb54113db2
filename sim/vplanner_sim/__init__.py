"""Table-top manipulation in MuJoCo: robots, tasks, experts and cameras. Knows no networks."""

from __future__ import annotations

from vplanner_sim import headless  # noqa: F401  # before anything imports mujoco

# isort: split

from vplanner_sim.cameras import CAMERAS, SimCamera
from vplanner_sim.env import SimObservation, SimStep, TabletopEnv
from vplanner_sim.experts import Expert, make_expert
from vplanner_sim.rendering import RenderError
from vplanner_sim.robots import ROBOTS, RobotDescription
from vplanner_sim.simscene import COLOURS
from vplanner_sim.tasks import LONG_TASKS, TASKS, LongTask, Task
from vplanner_sim.truth import SubGoalTruth, Truth, TruthObject
from vplanner_sim.variation import Variation

__all__ = [
    "CAMERAS", "COLOURS", "LONG_TASKS", "ROBOTS", "TASKS", "Expert", "LongTask", "RenderError", "RobotDescription",
    "SimCamera", "SimObservation", "SimStep", "SubGoalTruth", "TabletopEnv", "Task", "Truth", "TruthObject",
    "Variation", "make_expert",
]  # fmt: skip
