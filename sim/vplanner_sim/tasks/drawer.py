"""Tasks with a cabinet: `open_drawer` by its handle, `close_drawer` by pushing it in."""

from __future__ import annotations

import numpy as np

from vplanner_sim.motion import CLOSED, OPEN, approach, holds, toward
from vplanner_sim.props_fixtures import CABINET_DEPTH_M, DRAWER_RANGE_M, HANDLE_HALF_M, HANDLE_OUT_M, cabinet
from vplanner_sim.rotations import DOWN
from vplanner_sim.simscene import FIXTURE_COLOURS, Array, SimScene
from vplanner_sim.tasks.base import BALL, CUBES, Task, closeness
from vplanner_sim.truth import TruthObject


class _Drawer(Task):
    """The cabinet that both tasks share; they differ in how far the drawer is out at the start."""

    START_M = (0.0, 0.0)

    def fixtures_xml(self) -> str:
        return cabinet()

    def randomise(self, scene: SimScene, rng: np.random.Generator, clutter: int) -> None:
        self.deal_colours(rng, "drawer", *CUBES, BALL)
        front = np.array([rng.uniform(0.565, 0.615), rng.uniform(-0.12, 0.12)])
        yaw = float(rng.uniform(-0.25, 0.25))
        scene.place_fixed("cabinet", np.array([*front, 0.0]), yaw)
        scene.set_joint("drawer_slide", float(rng.uniform(*self.START_M)))
        scene.paint("cabinet", str(rng.choice(list(FIXTURE_COLOURS))), rng)
        scene.paint("drawer", self.colours["drawer"], rng)
        scene.paint("drawer_tray", "white", rng)
        inward, side = np.array([np.cos(yaw), np.sin(yaw)]), np.array([-np.sin(yaw), np.cos(yaw)])
        lane = np.arange(-DRAWER_RANGE_M - HANDLE_OUT_M - 0.08, CABINET_DEPTH_M, 0.04)
        taken = [front + along * inward + across * side for along in lane for across in (-0.05, 0.0, 0.05)]
        self.scatter(scene, rng, clutter, (), taken, gap=0.085)

    def source(self, scene: SimScene) -> TruthObject:
        return TruthObject("drawer", "drawer_handle", self.colours["drawer"], scene.site("drawer_grip"), "drawer")

    def target(self, scene: SimScene) -> TruthObject:
        return self.source(scene)

    def _near(self, scene: SimScene) -> float:
        return closeness(float(np.linalg.norm(scene.tcp_position - scene.site("drawer_grip"))), 0.3)


class OpenDrawer(_Drawer):
    """The drawer pulled out."""

    name = "open_drawer"
    skill = "open_drawer"
    START_M = (0.0, 0.012)
    OPENED_M = 0.09
    STEP_M = 0.016
    PULL_M = 0.112
    """Where the expert lets go: past the border of success, near the stop, so that nobody has to judge millimetres."""

    def success(self, scene: SimScene) -> bool:
        return scene.joint("drawer_slide") > self.OPENED_M

    def progress(self, scene: SimScene) -> float:
        if self.success(scene):
            return 1.0
        travel = float(np.clip(scene.joint("drawer_slide") / self.OPENED_M, 0, 1))
        return 0.4 * max(self._near(scene), travel) + 0.55 * travel

    def act(self, scene: SimScene) -> Array:
        grip, frame = scene.site("drawer_grip"), scene.rotation("drawer")
        facing = frame @ DOWN
        left = self.PULL_M - scene.joint("drawer_slide")
        held = holds(scene, grip, 2 * HANDLE_HALF_M)
        if self.success(scene) and (not held or left < 0.003):
            return toward(scene, scene.tcp_position, OPEN, facing)
        if held:
            return toward(scene, grip - min(self.STEP_M, left) * frame[:, 0], CLOSED, facing)
        if float(np.linalg.norm(scene.tcp_position - grip)) < 0.012:
            return toward(scene, grip, CLOSED, facing)
        return approach(scene, grip, OPEN, facing, hover=0.075)


class CloseDrawer(_Drawer):
    """The open drawer pushed in by its handle."""

    name = "close_drawer"
    skill = "close_drawer"
    START_M = (0.07, DRAWER_RANGE_M)
    CLOSED_M = 0.015
    STEP_M = 0.016
    PUSHED_M = 0.003
    """Where the expert rests, well past the border of success."""

    def success(self, scene: SimScene) -> bool:
        return scene.joint("drawer_slide") < self.CLOSED_M

    def progress(self, scene: SimScene) -> float:
        if self.success(scene):
            return 1.0
        travel = closeness(scene.joint("drawer_slide") - self.CLOSED_M, DRAWER_RANGE_M - self.CLOSED_M)
        return 0.4 * max(self._near(scene), travel) + 0.55 * travel

    def act(self, scene: SimScene) -> Array:
        grip, frame, tcp = scene.site("drawer_grip"), scene.rotation("drawer"), scene.tcp_position
        facing = frame @ DOWN
        ahead, across = (frame.T @ (tcp - grip))[:2]
        touching = HANDLE_HALF_M + 0.01  # half the bar and half a finger
        behind = abs(tcp[2] - grip[2]) < 0.022 and ahead < -touching + 0.006 and abs(across) < 0.015
        out = scene.joint("drawer_slide")
        if self.success(scene) and (not behind or out < self.PUSHED_M):
            return toward(scene, tcp, CLOSED, facing)
        if behind:
            way = min(out, 0.04)
            return toward(scene, grip + (way - touching) * frame[:, 0], CLOSED, facing, speed=self.STEP_M)
        return approach(scene, grip - (touching + 0.03) * frame[:, 0], CLOSED, facing, hover=0.075, slack=0.01)
