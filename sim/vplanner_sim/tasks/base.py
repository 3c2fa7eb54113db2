"""What a task is: props, a randomised start, words, a success predicate and a scripted expert."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from vplanner_sim import props
from vplanner_sim.language import Split, instruction
from vplanner_sim.simscene import COLOURS, Array, SimScene
from vplanner_sim.truth import TruthObject

CUBES = ("cube0", "cube1", "cube2")
BALL = "ball0"
X_RANGE, Y_RANGE = (0.4, 0.62), (-0.18, 0.18)


class Task(ABC):
    """One kind of episode. An instance remembers the choices of the present episode."""

    name: ClassVar[str]
    skill: ClassVar[str]
    max_steps: ClassVar[int] = 60

    def __init__(self) -> None:
        self.colours: dict[str, str] = {}

    def props_xml(self) -> str:
        """MJCF of everything this task can show: a pool of cubes and a ball, and what `fixtures_xml` adds."""
        return "".join(props.cube(c) for c in CUBES) + props.ball(BALL) + self.fixtures_xml()

    def fixtures_xml(self) -> str:
        """MJCF of the props that only this task has."""
        return ""

    def start_pose(self, rng: np.random.Generator) -> Array:
        """TCP position (3,) [m] at the start, looking down."""
        return np.array([rng.uniform(0.4, 0.56), rng.uniform(-0.14, 0.14), rng.uniform(0.18, 0.28)])

    @abstractmethod
    def randomise(self, scene: SimScene, rng: np.random.Generator, clutter: int) -> None:
        """Place and colour everything for a new episode, with up to `clutter` things that do not matter."""

    @abstractmethod
    def source(self, scene: SimScene) -> TruthObject:
        """What is acted on."""

    @abstractmethod
    def target(self, scene: SimScene) -> TruthObject:
        """What it is acted on for; the source itself where there is no other."""

    @abstractmethod
    def success(self, scene: SimScene) -> bool:
        """Whether the sub-goal is reached now."""

    @abstractmethod
    def progress(self, scene: SimScene) -> float:
        """How far the sub-goal is, in [0, 1]; 1 exactly on success."""

    def sub_goals(self) -> tuple[Task, ...]:
        """The steps in order, each a task of its own; a task of one step is its own."""
        return (self,)

    def done(self, scene: SimScene) -> tuple[bool, ...]:
        """Which of the sub-goals are reached now; the task succeeds when all are."""
        return (self.success(scene),)

    def instruct(self, scene: SimScene, rng: np.random.Generator, split: Split) -> str:
        """Words for the present episode, from the wordings of `split`."""
        return instruction(self.name, self.source(scene), self.target(scene), rng, split)

    @abstractmethod
    def act(self, scene: SimScene) -> Array:
        """The expert's SE(3) step (7,), from the present state alone, so that it recovers when disturbed."""

    def objects(self, scene: SimScene) -> tuple[TruthObject, ...]:
        """Every nameable thing in view."""
        steps = self.sub_goals()
        found = {o.name: o for step in steps for o in (step.source(scene), step.target(scene))}
        for body, colour in self.colours.items():
            if body in CUBES or body == BALL:
                noun = "ball" if body == BALL else "cube"
                found.setdefault(body, TruthObject(body, noun, colour, scene.position(body), body))
        return tuple(found.values())

    def deal_colours(self, rng: np.random.Generator, *bodies: str) -> None:
        """Give each body a colour of its own."""
        names = rng.permutation(list(COLOURS))
        self.colours = {body: str(name) for body, name in zip(bodies, names, strict=False)}

    def place_cube(self, scene: SimScene, rng: np.random.Generator, body: str, xy: Array) -> None:
        """Stand a cube of random size and small yaw on the table."""
        scene.resize_cube(body, float(rng.uniform(0.018, 0.023)))
        yaw = float(rng.uniform(-0.4, 0.4))
        rotation = np.array([[np.cos(yaw), -np.sin(yaw), 0], [np.sin(yaw), np.cos(yaw), 0], [0, 0, 1.0]])
        scene.place_free(body, np.array([xy[0], xy[1], scene.half(body) + 0.0005]), rotation)
        scene.paint(body, self.colours[body], rng)

    def place_ball(self, scene: SimScene, rng: np.random.Generator, xy: Array) -> None:
        """Lay the ball on the table."""
        scene.place_free(BALL, np.array([xy[0], xy[1], scene.half(BALL) + 0.0005]))
        scene.paint(BALL, self.colours[BALL], rng)

    def scatter(
        self, scene: SimScene, rng: np.random.Generator, clutter: int, used: tuple[str, ...], taken: list[Array],
        gap: float = 0.1,
    ) -> None:  # fmt: skip
        """Show some of the unused cubes and the ball away from `taken` spots; hide the rest."""
        spare = [b for b in (*CUBES, BALL) if b not in used]
        shown = [str(b) for b in rng.permutation(spare)[: int(rng.integers(0, clutter + 1))]] if clutter else []
        for slot, body in enumerate(spare):
            xy = free_spot(rng, taken, gap) if body in shown else None
            if xy is None:
                scene.hide_free(body, slot)
                self.colours.pop(body, None)
                continue
            taken.append(xy)
            if body == BALL:
                self.place_ball(scene, rng, xy)
            else:
                self.place_cube(scene, rng, body, xy)


def free_spot(
    rng: np.random.Generator, taken: list[Array], gap: float,
    x_range: tuple[float, float] = X_RANGE, y_range: tuple[float, float] = Y_RANGE,
) -> Array | None:  # fmt: skip
    """A random place (2,) [m] at least `gap` from all taken ones; None when a hundred draws find none."""
    for _ in range(100):
        xy = np.array([rng.uniform(*x_range), rng.uniform(*y_range)])
        if all(float(np.linalg.norm(xy - t[:2])) >= gap for t in taken):
            return xy
    return None


def spots(rng: np.random.Generator, count: int, gap: float) -> list[Array]:
    """`count` random places (2,) [m] at least `gap` from each other."""
    while True:
        taken: list[Array] = []
        for _ in range(count):
            xy = free_spot(rng, taken, gap)
            if xy is None:
                break
            taken.append(xy)
        if len(taken) == count:
            return taken


def closeness(distance: float, scale: float) -> float:
    """1 at no distance, falling linearly to 0 at `scale` [m]."""
    return float(np.clip(1.0 - distance / scale, 0.0, 1.0))
