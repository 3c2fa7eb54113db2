"""Tasks without grasping: `reach` an object, `push_to_zone`, `press_button`."""

from __future__ import annotations

import numpy as np

from vplanner_sim import props
from vplanner_sim.motion import CLOSED, OPEN, approach, toward
from vplanner_sim.simscene import Array, SimScene
from vplanner_sim.tasks.base import BALL, CUBES, Task, closeness, free_spot, spots
from vplanner_sim.truth import TruthObject


class Reach(Task):
    """The TCP just above a named cube or ball."""

    name = "reach"
    skill = "reach"
    max_steps = 40

    def randomise(self, scene: SimScene, rng: np.random.Generator, clutter: int) -> None:
        self.deal_colours(rng, *CUBES, BALL)
        self.body = str(rng.choice([CUBES[0], BALL]))
        taken = spots(rng, 1, 0.1)
        if self.body == BALL:
            self.place_ball(scene, rng, taken[0])
        else:
            self.place_cube(scene, rng, self.body, taken[0])
        self.scatter(scene, rng, clutter, (self.body,), taken)

    def source(self, scene: SimScene) -> TruthObject:
        noun = "ball" if self.body == BALL else "cube"
        return TruthObject(self.body, noun, self.colours[self.body], scene.position(self.body), self.body)

    def target(self, scene: SimScene) -> TruthObject:
        return self.source(scene)

    def _goal(self, scene: SimScene) -> Array:
        return scene.position(self.body) + [0, 0, 0.045]

    def success(self, scene: SimScene) -> bool:
        return float(np.linalg.norm(scene.tcp_position - self._goal(scene))) < 0.015

    def progress(self, scene: SimScene) -> float:
        if self.success(scene):
            return 1.0
        return 0.9 * closeness(float(np.linalg.norm(scene.tcp_position - self._goal(scene))), 0.35)

    def act(self, scene: SimScene) -> Array:
        return toward(scene, self._goal(scene), OPEN)


class PushToZone(Task):
    """A cube slides over the table into a coloured zone."""

    name = "push_to_zone"
    skill = "push"
    max_steps = 70
    REACHED_M = 0.035
    RESTING_M = 0.022
    """From where the expert does not go back to push once more: well within the border of success."""

    def fixtures_xml(self) -> str:
        return props.zone("zone")

    def randomise(self, scene: SimScene, rng: np.random.Generator, clutter: int) -> None:
        self.deal_colours(rng, "zone", *CUBES, BALL)
        while True:
            cube, zone = spots(rng, 2, 0.13)
            if np.linalg.norm(cube - zone) < 0.24:
                break
        scene.place_fixed("zone", np.array([*zone, 0.0]))
        scene.paint("zone", self.colours["zone"], rng)
        self.place_cube(scene, rng, CUBES[0], cube)
        way = (zone - cube) / np.linalg.norm(zone - cube)
        lane = [cube + way * s for s in np.arange(-0.1, float(np.linalg.norm(zone - cube)) + 0.06, 0.04)]
        self.scatter(scene, rng, clutter, (CUBES[0],), [cube, zone, *lane], gap=0.095)

    def source(self, scene: SimScene) -> TruthObject:
        return TruthObject(CUBES[0], "cube", self.colours[CUBES[0]], scene.position(CUBES[0]), CUBES[0])

    def target(self, scene: SimScene) -> TruthObject:
        return TruthObject("zone", "zone", self.colours["zone"], scene.position("zone"), "zone")

    def _gap(self, scene: SimScene) -> Array:
        return (scene.position("zone") - scene.position(CUBES[0]))[:2]

    def success(self, scene: SimScene) -> bool:
        return float(np.linalg.norm(self._gap(scene))) < self.REACHED_M

    def progress(self, scene: SimScene) -> float:
        if self.success(scene):
            return 1.0
        near = closeness(float(np.linalg.norm(scene.tcp_position - scene.position(CUBES[0]))), 0.3)
        return 0.3 * near + 0.65 * closeness(float(np.linalg.norm(self._gap(scene))), 0.3)

    def act(self, scene: SimScene) -> Array:
        cube, gap, tcp = scene.position(CUBES[0]), self._gap(scene), scene.tcp_position
        distance = float(np.linalg.norm(gap))
        way = gap / max(distance, 1e-6)
        side = np.array([-way[1], way[0]])
        back = scene.half(CUBES[0]) * 1.15 + 0.018  # from the cube's centre to the fingers' when they touch it
        along, across = float((tcp[:2] - cube[:2]) @ way), float((tcp[:2] - cube[:2]) @ side)
        low = tcp[2] < 0.05
        behind = low and along < -0.02 and abs(across) < 0.018
        if distance < 0.015 or (distance < self.RESTING_M and not behind):
            return toward(scene, np.append(tcp[:2], 0.12), CLOSED)
        if behind:
            aim = cube[:2] - way * (back - min(distance, 0.04)) - side * 0.4 * across
            return toward(scene, np.append(aim, 0.028), CLOSED, speed=0.035)
        start = np.append(cube[:2] - way * (back + 0.03), 0.03)
        return approach(scene, start, CLOSED, hover=0.08, slack=0.01)


class PressButton(Task):
    """A button pressed down."""

    name = "press_button"
    skill = "press"
    max_steps = 40
    PRESSED_M = -0.009

    def fixtures_xml(self) -> str:
        return props.button("button")

    def randomise(self, scene: SimScene, rng: np.random.Generator, clutter: int) -> None:
        self.deal_colours(rng, "button", *CUBES, BALL)
        xy = free_spot(rng, [], 0.0)
        assert xy is not None  # nothing is taken yet
        scene.place_fixed("button", np.array([*xy, 0.0]), float(rng.uniform(-0.3, 0.3)))
        scene.paint("button_cap", self.colours["button"], rng)
        self.scatter(scene, rng, clutter, (), [xy], gap=0.12)

    def source(self, scene: SimScene) -> TruthObject:
        top = scene.position("button_cap") + [0, 0, 0.024]
        return TruthObject("button", "button", self.colours["button"], top, "button")

    def target(self, scene: SimScene) -> TruthObject:
        return self.source(scene)

    def success(self, scene: SimScene) -> bool:
        return scene.joint("button_slide") < self.PRESSED_M

    def progress(self, scene: SimScene) -> float:
        if self.success(scene):
            return 1.0
        distance = float(np.linalg.norm(scene.tcp_position - self.source(scene).position))
        return 0.8 * closeness(distance, 0.3) + 0.15 * float(np.clip(scene.joint("button_slide") / -0.009, 0, 1))

    def act(self, scene: SimScene) -> Array:
        return approach(scene, self.source(scene).position - [0, 0, 0.006], CLOSED, hover=0.06)
