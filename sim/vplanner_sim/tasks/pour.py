"""`tilt_pour`: carries a cup to the bowl and tips it so that the ball inside falls into the bowl."""

from __future__ import annotations

import numpy as np

from vplanner_sim import props, props_vessels
from vplanner_sim.motion import CLOSED, OPEN, approach, holds, toward
from vplanner_sim.rotations import DOWN, exp_so3
from vplanner_sim.simscene import Array, SimScene
from vplanner_sim.tasks.base import BALL, CUBES, Task, closeness, free_spot
from vplanner_sim.tasks.gentle import gently
from vplanner_sim.truth import TruthObject

_CUP, _BOWL, _DROP = "cup", "bowl", "pour_ball"
_DROP_RADIUS = 0.013
_GRASP_HEIGHT = 0.049  # above the cup's foot; the rim then leaves room below the palm for the ball
_CUP_WIDTH = 2 * (props_vessels.CUP_RADIUS + 2 * props_vessels.CUP_WALL)
_ACROSS: Array = exp_so3(np.array([0, 0, np.pi / 2])) @ DOWN  # fingers close along x: free way out beside the thin hand
_POUR_RAD = np.deg2rad(118)
_POUR_POINT = np.array([0.0, 0.02, 0.19])  # the grasp point from the bowl's foot while pouring


def _tilted(angle_rad: float) -> Array:
    """Gripper orientation with the cup's mouth turned toward -y."""
    return exp_so3(np.array([angle_rad, 0, 0])) @ _ACROSS


class TiltPour(Task):
    """The ball in the cup into the bowl."""

    name = "tilt_pour"
    skill = "pour"

    def props_xml(self) -> str:
        return "".join(props.cube(c) for c in CUBES) + self.fixtures_xml()

    def fixtures_xml(self) -> str:
        return props.bowl(_BOWL) + props_vessels.cup(_CUP) + props_vessels.drop(_DROP, _DROP_RADIUS)

    def randomise(self, scene: SimScene, rng: np.random.Generator, clutter: int) -> None:
        self.deal_colours(rng, _BOWL, _CUP, _DROP, *CUBES)
        if rng.random() < 0.4:
            self.colours[_BOWL] = str(rng.choice(["white", "grey"]))
        bowl = free_spot(rng, [], 0.0, (0.42, 0.6), (-0.14, 0.18))
        assert bowl is not None  # nothing is taken yet
        cup = None
        while cup is None:
            cup = free_spot(rng, [bowl], 0.15, (0.42, 0.6))
        scene.place_fixed(_BOWL, np.array([*bowl, 0.0]))
        yaw = exp_so3(np.array([0, 0, rng.uniform(-0.15, 0.15)]))
        scene.place_free(_CUP, np.array([*cup, 0.0005]), yaw)
        scene.place_free(_DROP, np.array([*cup, props_vessels.CUP_FLOOR + 0.001 + _DROP_RADIUS]))
        for body in (_BOWL, _CUP, _DROP):
            scene.paint(body, self.colours[body], rng)
        self.scatter(scene, rng, clutter, (BALL,), [bowl, cup], gap=0.12)

    def source(self, scene: SimScene) -> TruthObject:
        return TruthObject(_CUP, "cup", self.colours[_CUP], self._grasp(scene), _CUP)

    def target(self, scene: SimScene) -> TruthObject:
        return TruthObject(_BOWL, "bowl", self.colours[_BOWL], scene.position(_BOWL) + [0, 0, 0.03], _BOWL)

    def objects(self, scene: SimScene) -> tuple[TruthObject, ...]:
        drop = TruthObject(_DROP, "ball", self.colours[_DROP], scene.position(_DROP), _DROP)
        return (*super().objects(scene), drop)

    def _grasp(self, scene: SimScene) -> Array:
        return scene.position(_CUP) + _GRASP_HEIGHT * scene.rotation(_CUP)[:, 2]

    def _inside_cup(self, scene: SimScene) -> bool:
        local = scene.rotation(_CUP).T @ (scene.position(_DROP) - scene.position(_CUP))
        return float(np.linalg.norm(local[:2])) < props_vessels.CUP_RADIUS and 0 < local[2] < props_vessels.CUP_HEIGHT

    def _on_hand(self, scene: SimScene) -> bool:
        """Whether the ball has left the cup but lies on the gripper."""
        away = float(np.linalg.norm(scene.position(_DROP) - scene.tcp_position))
        return away < 0.08 and not self._inside_cup(scene)

    def success(self, scene: SimScene) -> bool:
        offset = scene.position(_DROP) - scene.position(_BOWL)
        inside = float(np.linalg.norm(offset[:2])) < 0.055 and offset[2] < 0.04
        return inside and not self._inside_cup(scene)

    def progress(self, scene: SimScene) -> float:
        if self.success(scene):
            return 1.0
        grasp = self._grasp(scene)
        near = closeness(float(np.linalg.norm(scene.tcp_position - grasp)), 0.3)
        if not holds(scene, grasp, _CUP_WIDTH, radius=0.03):
            return 0.3 * near
        way = closeness(float(np.linalg.norm(grasp - scene.position(_BOWL) - _POUR_POINT)), 0.35)
        lean = np.arccos(np.clip(scene.rotation(_CUP)[2, 2], -1, 1)) / _POUR_RAD
        return 0.3 * near + 0.1 + 0.3 * way + 0.2 * way * min(1.0, float(lean))

    def act(self, scene: SimScene) -> Array:
        grasp, tcp = self._grasp(scene), scene.tcp_position
        if holds(scene, grasp, _CUP_WIDTH, radius=0.03):
            goal = scene.position(_BOWL) + _POUR_POINT
            aside = float(np.linalg.norm((goal - tcp)[:2]))
            if self.success(scene):  # stays tipped: whether the ball has fallen is hard to see
                return toward(scene, tcp, CLOSED, scene.tcp_rotation)
            if tcp[2] < 0.12 and aside > 0.04:
                rise = np.array([tcp[0], tcp[1], goal[2]])
                return gently(scene, rise + 0.25 * np.append((goal - tcp)[:2], 0.0), _ACROSS)
            lean = np.clip((0.12 - aside) / 0.08, 0.0, 0.5) if aside > 0.03 else 1.0
            if lean == 1.0 and self._on_hand(scene):
                lean = 1.3
            return gently(scene, goal, _tilted(lean * _POUR_RAD))
        if float(np.linalg.norm(tcp - grasp)) < 0.011:
            return toward(scene, grasp, CLOSED, _ACROSS)
        return approach(scene, grasp, OPEN, _ACROSS, slack=0.01)
