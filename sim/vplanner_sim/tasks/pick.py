"""Tasks that pick up a cube: `pick_place` into the bowl, `stack` on another cube."""

from __future__ import annotations

import numpy as np

from vplanner_sim import props
from vplanner_sim.motion import CLOSED, OPEN, approach, holds, toward
from vplanner_sim.simscene import Array, SimScene
from vplanner_sim.tasks.base import CUBES, Task, closeness, spots
from vplanner_sim.truth import TruthObject

_CUBE = CUBES[0]


def carry(scene: SimScene, held: Array, goal: Array, height: float, slack: float) -> Array:
    """Bring what is held over `goal` at carrying height, then down to it; `held` is the carried point [m]."""
    aside = float(np.linalg.norm((goal - held)[:2]))
    tcp = scene.tcp_position
    offset = tcp - held
    if aside > slack:
        if held[2] < height - 0.02 and aside > 0.04:
            rise = np.array([tcp[0], tcp[1], height + offset[2]])
            return toward(scene, rise + 0.25 * np.append((goal - held)[:2], 0.0), CLOSED)
        return toward(scene, np.append(goal[:2], max(height, goal[2])) + offset, CLOSED)
    return toward(scene, goal + offset, CLOSED, speed=0.04)


class PickPlace(Task):
    """A cube from the table into the bowl."""

    name = "pick_place"
    skill = "pick_place"

    def __init__(self, cube: str = _CUBE, bowl: str = "bowl") -> None:
        """Put the body `cube` into the body `bowl`."""
        super().__init__()
        self._cube, self._bowl = cube, bowl

    def fixtures_xml(self) -> str:
        return props.bowl(self._bowl)

    def randomise(self, scene: SimScene, rng: np.random.Generator, clutter: int) -> None:
        self.deal_colours(rng, "bowl", *CUBES, "ball0")
        taken = spots(rng, 2, 0.14)
        scene.place_fixed("bowl", np.array([*taken[0], 0.0]))
        if rng.random() < 0.4:
            self.colours["bowl"] = str(rng.choice(["white", "grey"]))
        scene.paint("bowl", self.colours["bowl"], rng)
        self.place_cube(scene, rng, _CUBE, taken[1])
        self.scatter(scene, rng, clutter, (_CUBE,), taken, gap=0.105)

    def source(self, scene: SimScene) -> TruthObject:
        return TruthObject(self._cube, "cube", self.colours[self._cube], scene.position(self._cube), self._cube)

    def target(self, scene: SimScene) -> TruthObject:
        return TruthObject(self._bowl, "bowl", self.colours[self._bowl], self._foot(scene) + [0, 0, 0.03], self._bowl)

    def success(self, scene: SimScene) -> bool:
        apart = float(np.linalg.norm(scene.tcp_position - scene.position(self._cube)))
        return self._inside(scene) and apart > 0.035

    def _foot(self, scene: SimScene) -> Array:
        """Where the cube is to lie (3,) [m], at the height of the ground under it."""
        return scene.position(self._bowl)

    def _inside(self, scene: SimScene) -> bool:
        cube = scene.position(self._cube)
        return float(np.linalg.norm((cube - self._foot(scene))[:2])) < 0.05 and bool(cube[2] < 0.055)

    def progress(self, scene: SimScene) -> float:
        if self.success(scene):
            return 1.0
        cube, bowl = scene.position(self._cube), self._foot(scene)
        near = closeness(float(np.linalg.norm(scene.tcp_position - cube)), 0.3)
        held = holds(scene, cube, 2 * scene.half(self._cube))
        way = closeness(float(np.linalg.norm((cube - bowl)[:2])), 0.3)
        return 0.35 * near + (0.15 + 0.4 * way) * held

    def act(self, scene: SimScene) -> Array:
        cube, bowl = scene.position(self._cube), self._foot(scene)
        width = 2 * scene.half(self._cube)
        aside = float(np.linalg.norm((cube - bowl)[:2]))
        if aside < 0.05 and cube[2] < 0.09 and not (holds(scene, cube, width) and cube[2] > 0.075):
            return toward(scene, np.append(bowl[:2], 0.16), OPEN)  # released or low enough: let go and leave
        if holds(scene, cube, width):
            if aside < 0.018 and cube[2] < 0.078:
                return toward(scene, scene.tcp_position, OPEN)
            return carry(scene, cube, bowl + [0, 0, 0.07], 0.11, 0.018)
        grasp = cube + [0, 0, -0.002]
        if float(np.linalg.norm(scene.tcp_position - grasp)) < 0.011:
            return toward(scene, grasp, CLOSED)
        return approach(scene, grasp, OPEN)


class Stack(Task):
    """One cube on top of another."""

    name = "stack"
    skill = "stack"
    CLEAR_M = 0.035
    """How far the hand must be from the upper cube."""

    def __init__(self, upper: str = _CUBE, lower: str = CUBES[1]) -> None:
        """Put the body `upper` on the body `lower`, both cubes."""
        super().__init__()
        self._upper, self._lower = upper, lower

    def randomise(self, scene: SimScene, rng: np.random.Generator, clutter: int) -> None:
        self.deal_colours(rng, *CUBES, "ball0")
        taken = spots(rng, 2, 0.13)
        for body, xy in zip(CUBES[:2], taken, strict=True):
            self.place_cube(scene, rng, body, xy)
        self.scatter(scene, rng, clutter, CUBES[:2], taken, gap=0.105)

    def source(self, scene: SimScene) -> TruthObject:
        return TruthObject(self._upper, "cube", self.colours[self._upper], scene.position(self._upper), self._upper)

    def target(self, scene: SimScene) -> TruthObject:
        return TruthObject(self._lower, "cube", self.colours[self._lower], scene.position(self._lower), self._lower)

    def _offset(self, scene: SimScene) -> Array:
        """From where the upper cube should be to where it is."""
        rise = scene.half(self._upper) + scene.half(self._lower)
        return scene.position(self._upper) - scene.position(self._lower) - [0, 0, rise]

    def success(self, scene: SimScene) -> bool:
        offset = self._offset(scene)
        resting = float(np.linalg.norm(offset[:2])) < 0.02 and abs(offset[2]) < 0.006
        return resting and float(np.linalg.norm(scene.tcp_position - scene.position(self._upper))) > self.CLEAR_M

    def progress(self, scene: SimScene) -> float:
        if self.success(scene):
            return 1.0
        cube = scene.position(self._upper)
        near = closeness(float(np.linalg.norm(scene.tcp_position - cube)), 0.3)
        held = holds(scene, cube, 2 * scene.half(self._upper))
        way = closeness(float(np.linalg.norm(self._offset(scene))), 0.3)
        return 0.35 * near + (0.15 + 0.4 * way) * held

    def act(self, scene: SimScene) -> Array:
        cube, offset = scene.position(self._upper), self._offset(scene)
        aside = float(np.linalg.norm(offset[:2]))
        held = holds(scene, cube, 2 * scene.half(self._upper))
        if aside < 0.018 and abs(offset[2]) < 0.007:
            if held and scene.gripper_opening < 0.9:
                return toward(scene, scene.tcp_position, OPEN)
            return toward(scene, scene.tcp_position + [0, 0, max(0.0, cube[2] + 0.1 - scene.tcp_position[2])], OPEN)
        if held:
            base = scene.position(self._lower)
            rest = base + [0, 0, scene.half(self._upper) + scene.half(self._lower) + 0.002]
            return carry(scene, cube, rest, rest[2] + 0.045, 0.008)
        grasp = cube + [0, 0, 0.002]
        if float(np.linalg.norm(scene.tcp_position - grasp)) < 0.011:
            return toward(scene, grasp, CLOSED)
        return approach(scene, grasp, OPEN)
