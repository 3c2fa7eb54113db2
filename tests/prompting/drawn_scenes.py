"""Scenes that are only described: what a perfect look at them would find."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vplanner.prompting.finding import Finder
from vplanner.prompting.reading import Phrase
from vplanner.prompting.resolving import Resolver
from vplanner.prompting.structure import Step
from vplanner.prompting.vocabulary import ANY_COLOUR, Vocabulary
from vplanner.types import GroundedObject, Observation, RobotState

_DEPTH_M = {"drawer": 0.1, "lever_pivot": 0.08}
STILL = RobotState(np.zeros(7, np.float32), np.array([0.3, 0, 0.4], np.float32), np.array([1, 0, 0, 0], np.float32), 1)
NOTHING_SEEN = Observation(0.0, (), STILL)


class DrawnLocator:
    """Finds the things of a description such as `red cube .45 .10, white drawer .6 0`: colour, noun, x and y [m]."""

    def __init__(self, description: str, vocabulary: Vocabulary) -> None:
        self.things: list[GroundedObject] = []
        for part in description.split(","):
            colour, noun, x, y = part.split()
            parts = vocabulary.parts.get(noun)
            for point in dict.fromkeys((noun, parts.source, parts.target) if parts else (noun,)):
                place = np.array([float(x) + _DEPTH_M.get(point, 0.0), float(y), 0.02], np.float32)
                self.things.append(GroundedObject(f"{colour} {point}", (), place, 0.95))

    def locate(self, observation: Observation, phrases: Sequence[Phrase]) -> list[GroundedObject]:
        nothing = GroundedObject("", (), np.zeros(3, np.float32), 0.01)
        return [next((thing for thing in self.things if _is_called(thing, phrase)), nothing) for phrase in phrases]


def _is_called(thing: GroundedObject, phrase: Phrase) -> bool:
    colour, _, noun = thing.label.partition(" ")
    return noun == phrase.noun and phrase.colour in (colour, ANY_COLOUR)


def planned(steps: Sequence[Step], locator: Any, vocabulary: Vocabulary) -> list[str]:
    """The sub-goals of some steps in a scene, as in `pick_place red cube > white bowl`."""
    resolver = Resolver(vocabulary, Finder(locator, vocabulary), NOTHING_SEEN)
    found = []
    for goal in resolver.sub_goals(steps):
        names = [_spoken(thing.label, vocabulary) for thing in (goal.source, goal.target)]
        towards = f" > {names[1]}" if vocabulary.affordances[goal.skill].targets else ""
        found.append(f"{goal.skill.value} {names[0]}{towards}")
    return found


def _spoken(label: str, vocabulary: Vocabulary) -> str:
    colour, _, noun = label.rpartition(" ")
    names = {point: name for name, parts in vocabulary.parts.items() for point in (parts.source, parts.target)}
    return f"{colour} {names.get(noun, noun)}".strip()
