"""`put_away`: opens the drawer, puts a cube into it and closes it."""

from __future__ import annotations

import numpy as np

from vplanner_sim.motion import OPEN, holds, toward
from vplanner_sim.props_fixtures import CABINET_DEPTH_M, DRAWER_RANGE_M, HANDLE_HALF_M, HANDLE_OUT_M, cabinet
from vplanner_sim.rotations import DOWN
from vplanner_sim.simscene import FIXTURE_COLOURS, Array, SimScene
from vplanner_sim.tasks.base import CUBES, X_RANGE, Y_RANGE
from vplanner_sim.tasks.drawer import CloseDrawer, OpenDrawer
from vplanner_sim.tasks.long import LongTask
from vplanner_sim.tasks.pick import PickPlace
from vplanner_sim.truth import TruthObject

_CUBE, _DRAWER, _TRAY = CUBES[0], "drawer", "drawer_tray"
_ROOM_M = 0.2  # from the drawer's middle to the cube: the palm is wide, and lower than the cabinet while it grasps


class _IntoDrawer(PickPlace):
    """The cube into the open drawer."""

    def __init__(self) -> None:
        super().__init__(_CUBE, _DRAWER)

    def target(self, scene: SimScene) -> TruthObject:
        point = self._foot(scene) + [0, 0, 0.03]
        return TruthObject("drawer_inside", "drawer", self.colours[_DRAWER], point, _TRAY)

    def _foot(self, scene: SimScene) -> Array:
        return scene.site("drawer_inside")

    def _inside(self, scene: SimScene) -> bool:
        local = scene.rotation(_TRAY).T @ (scene.position(_CUBE) - scene.position(_TRAY))
        return bool(0.008 < local[0] < 0.13 and abs(local[1]) < 0.065 and local[2] < 0.055)

    def lies_there(self, scene: SimScene) -> bool:
        """Whether the cube is in the drawer, wherever the hand is."""
        return self._inside(scene)


class PutAway(LongTask):
    """A closed drawer with a hollow tray, and a cube beside it that ends up inside."""

    name = "put_away"
    count = 3
    max_steps = 180

    def __init__(self) -> None:
        self._open, self._put, self._close = OpenDrawer(), _IntoDrawer(), CloseDrawer()
        super().__init__(self._open, self._put, self._close)

    def fixtures_xml(self) -> str:
        return cabinet(hollow=True)

    def randomise(self, scene: SimScene, rng: np.random.Generator, clutter: int) -> None:
        self.deal_colours(rng, _DRAWER, *CUBES, "ball0")
        side = float(rng.choice([-1.0, 1.0]))
        front = np.array([rng.uniform(0.565, 0.615), side * rng.uniform(0.05, 0.12)])
        yaw = float(rng.uniform(-0.2, 0.2))
        scene.place_fixed("cabinet", np.array([*front, 0.0]), yaw)
        scene.set_joint("drawer_slide", float(rng.uniform(*OpenDrawer.START_M)))
        scene.paint("cabinet", str(rng.choice(list(FIXTURE_COLOURS))), rng)
        scene.paint(_DRAWER, self.colours[_DRAWER], rng)
        scene.paint(_TRAY, "white", rng)
        inward, across = np.array([np.cos(yaw), np.sin(yaw)]), np.array([-np.sin(yaw), np.cos(yaw)])
        cube = front
        while abs(float((cube - front) @ across)) < _ROOM_M:
            cube = np.array([rng.uniform(*X_RANGE), rng.uniform(*Y_RANGE)])
        self.place_cube(scene, rng, _CUBE, cube)
        lane = np.arange(-DRAWER_RANGE_M - HANDLE_OUT_M - 0.08, CABINET_DEPTH_M, 0.04)
        taken = [cube] + [front + a * inward + b * across for a in lane for b in (-0.05, 0.0, 0.05)]
        self.scatter(scene, rng, clutter, (_CUBE,), taken, gap=0.1)

    def done(self, scene: SimScene) -> tuple[bool, ...]:
        """What was opened stays reached when it is closed over the cube; the end counts only with the cube inside."""
        placed = self._put.success(scene)
        opened = self._open.success(scene) or self._put.lies_there(scene)
        return opened, opened and placed, placed and self._close.success(scene)

    def act(self, scene: SimScene) -> Array:
        if self.due(scene) is self._put and self._at_handle(scene):
            pulling = scene.joint("drawer_slide") < OpenDrawer.PULL_M - 0.003
            if pulling and holds(scene, scene.site("drawer_grip"), 2 * HANDLE_HALF_M):
                return self._open.act(scene)
            up = np.array([*scene.tcp_position[:2], scene.site("drawer_grip")[2] + 0.1])
            return toward(scene, up, OPEN, scene.rotation(_DRAWER) @ DOWN)  # clear of the bar before it goes aside
        return super().act(scene)

    def _at_handle(self, scene: SimScene) -> bool:
        offset = scene.tcp_position - scene.site("drawer_grip")
        return float(np.linalg.norm(offset[:2])) < 0.04 and offset[2] < 0.07
