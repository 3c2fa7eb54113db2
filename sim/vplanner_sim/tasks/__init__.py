"""The registries of tasks: those of one skill, and long ones of several sub-goals."""

from __future__ import annotations

from vplanner_sim.tasks.base import Task
from vplanner_sim.tasks.drawer import CloseDrawer, OpenDrawer
from vplanner_sim.tasks.lever import TurnLever
from vplanner_sim.tasks.long import LongTask
from vplanner_sim.tasks.peg import InsertPeg
from vplanner_sim.tasks.pick import PickPlace, Stack
from vplanner_sim.tasks.pour import TiltPour
from vplanner_sim.tasks.put_away import PutAway
from vplanner_sim.tasks.sorting import SortByColour
from vplanner_sim.tasks.touch import PressButton, PushToZone, Reach
from vplanner_sim.tasks.tower import BuildTower

TASKS: dict[str, type[Task]] = {
    task.name: task
    for task in (
        Reach, PushToZone, PickPlace, Stack, PressButton, OpenDrawer, CloseDrawer, TurnLever, TiltPour, InsertPeg,
    )
}  # fmt: skip
LONG_TASKS: dict[str, type[LongTask]] = {task.name: task for task in (SortByColour, PutAway, BuildTower)}
ALL_TASKS: dict[str, type[Task]] = {**TASKS, **LONG_TASKS}

__all__ = ["ALL_TASKS", "LONG_TASKS", "TASKS", "LongTask", "Task"]
