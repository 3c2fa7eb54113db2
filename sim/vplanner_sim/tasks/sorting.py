"""`sort_by_colour`: two cubes, each into the bowl of its own colour."""

from __future__ import annotations

import numpy as np

from vplanner_sim import props
from vplanner_sim.simscene import Array, SimScene
from vplanner_sim.tasks.base import BALL, CUBES, free_spot, spots
from vplanner_sim.tasks.long import LongTask
from vplanner_sim.tasks.pick import PickPlace

_SORTED = CUBES[:2]
_BOWLS = ("bowl0", "bowl1")


class SortByColour(LongTask):
    """Every cube that has a bowl of its colour into that bowl."""

    name = "sort_by_colour"
    count = 2
    max_steps = 120

    def __init__(self) -> None:
        super().__init__(*(PickPlace(cube, bowl) for cube, bowl in zip(_SORTED, _BOWLS, strict=True)))

    def fixtures_xml(self) -> str:
        return "".join(props.bowl(bowl) for bowl in _BOWLS)

    def randomise(self, scene: SimScene, rng: np.random.Generator, clutter: int) -> None:
        self.deal_colours(rng, *CUBES, BALL)
        places = _places(rng)
        for cube, bowl, stand, goal in zip(_SORTED, _BOWLS, places[2:], places[:2], strict=True):
            self.colours[bowl] = self.colours[cube]
            scene.place_fixed(bowl, np.array([*goal, 0.0]))
            scene.paint(bowl, self.colours[bowl], rng)
            self.place_cube(scene, rng, cube, stand)
        self.scatter(scene, rng, clutter, _SORTED, places, gap=0.105)


def _places(rng: np.random.Generator) -> list[Array]:
    """Two places (2,) [m] for bowls, then two for cubes, with room for the hand between them."""
    while True:
        taken = spots(rng, 2, 0.16)
        for _ in _SORTED:
            xy = free_spot(rng, taken, 0.13)
            if xy is not None:
                taken.append(xy)
        if len(taken) == 4:
            return taken
