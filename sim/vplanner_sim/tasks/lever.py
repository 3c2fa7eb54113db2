"""A task that needs the gripper to turn: `turn_lever`."""

from __future__ import annotations

import numpy as np

from vplanner_sim.motion import CLOSED, OPEN, approach, holds, toward
from vplanner_sim.props_fixtures import LEVER_GRIP_M, LEVER_HALF_M, LEVER_RANGE_RAD, lever
from vplanner_sim.rotations import DOWN, exp_so3
from vplanner_sim.simscene import Array, SimScene
from vplanner_sim.tasks.base import BALL, CUBES, Task, closeness
from vplanner_sim.truth import TruthObject


class TurnLever(Task):
    """The lever held in the gripper and turned counter-clockwise, seen from above, to the mark at its stop.

    The mark makes the goal visible: how far the lever has been turned would need the memory of where it was.
    """

    name = "turn_lever"
    skill = "turn_lever"
    TURN_RAD = np.deg2rad(60.0)
    """The least way from start to goal."""
    STOP_RAD = 0.15
    """So near to its stop the lever counts as turned."""
    STEP_RAD = 0.22
    REST_RAD = 0.03

    def fixtures_xml(self) -> str:
        return lever()

    def randomise(self, scene: SimScene, rng: np.random.Generator, clutter: int) -> None:
        self.deal_colours(rng, "lever", *CUBES, BALL)
        pivot = np.array([rng.uniform(0.42, 0.52), rng.uniform(-0.13, 0.13)])
        yaw = float(rng.uniform(-1.15, -0.45))
        scene.place_fixed("lever", np.array([*pivot, 0.0]), yaw)
        self.start = float(rng.uniform(0.0, LEVER_RANGE_RAD - self.TURN_RAD - self.STOP_RAD))
        scene.set_joint("lever_hinge", self.start)
        scene.paint("lever", self.colours["lever"], rng)
        angles = yaw + np.arange(0.0, LEVER_RANGE_RAD + 0.2, 0.4)
        arc = [pivot + LEVER_GRIP_M * np.array([np.cos(a), np.sin(a)]) for a in angles]
        self.scatter(scene, rng, clutter, (), [pivot, *arc], gap=0.095)

    def source(self, scene: SimScene) -> TruthObject:
        return TruthObject("lever_grip", "lever_grip", self.colours["lever"], scene.site("lever_grip"), "lever_arm")

    def target(self, scene: SimScene) -> TruthObject:
        return TruthObject(
            "lever_pivot", "lever_pivot", self.colours["lever"], scene.site("lever_pivot"), "lever_stand"
        )

    def _left(self, scene: SimScene) -> float:
        """The angle [rad] to the stop."""
        return LEVER_RANGE_RAD - scene.joint("lever_hinge")

    def _held(self, scene: SimScene) -> bool:
        """Whether the bar is between the fingers, not merely pushed by them."""
        along, across, above = scene.rotation("lever_arm").T @ (scene.tcp_position - scene.site("lever_grip"))
        return abs(along) < 0.025 and abs(across) < 0.01 and abs(above) < 0.025

    def success(self, scene: SimScene) -> bool:
        return self._left(scene) < self.STOP_RAD and self._held(scene)

    def progress(self, scene: SimScene) -> float:
        if self.success(scene):
            return 1.0
        near = closeness(float(np.linalg.norm(scene.tcp_position - scene.site("lever_grip"))), 0.3)
        way = LEVER_RANGE_RAD - self.STOP_RAD - self.start
        return 0.4 * near + 0.55 * float(np.clip((scene.joint("lever_hinge") - self.start) / way, 0, 1))

    def act(self, scene: SimScene) -> Array:
        grip, frame = scene.site("lever_grip"), scene.rotation("lever_arm")
        facing = frame @ DOWN
        left = self._left(scene) - self.REST_RAD
        if self.success(scene) and left < 0.0:
            return toward(scene, scene.tcp_position, CLOSED, facing)
        if self._held(scene) and holds(scene, grip, 2 * LEVER_HALF_M, radius=0.03):
            turn = exp_so3(np.array([0, 0, np.clip(left, 0.0, self.STEP_RAD)]))
            pivot = scene.position("lever_arm")
            return toward(scene, pivot + turn @ (grip - pivot), CLOSED, turn @ facing)
        if float(np.linalg.norm(scene.tcp_position - grip)) < 0.012:
            return toward(scene, grip, CLOSED, facing)
        return approach(scene, grip, OPEN, facing, slack=0.01)
