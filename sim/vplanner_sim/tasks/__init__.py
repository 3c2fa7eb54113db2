"""The registry of tasks."""

from __future__ import annotations

from vplanner_sim.tasks.base import Task
from vplanner_sim.tasks.drawer import CloseDrawer, OpenDrawer
from vplanner_sim.tasks.lever import TurnLever
from vplanner_sim.tasks.peg import InsertPeg
from vplanner_sim.tasks.pick import PickPlace, Stack
from vplanner_sim.tasks.pour import TiltPour
from vplanner_sim.tasks.touch import PressButton, PushToZone, Reach

TASKS: dict[str, type[Task]] = {
    task.name: task
    for task in (
        Reach, PushToZone, PickPlace, Stack, PressButton, OpenDrawer, CloseDrawer, TurnLever, TiltPour, InsertPeg,
    )
}  # fmt: skip

__all__ = ["TASKS", "Task"]
