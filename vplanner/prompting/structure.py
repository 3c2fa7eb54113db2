"""What an instruction means: steps, each a skill with the things that it is about, before anything is looked for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from vplanner.prompting.vocabulary import ANY_COLOUR
from vplanner.types import Skill

ANY_THING = "thing"
ROBOT, GRIPPER = "robot", "gripper"
NEAREST, FARTHEST, BETWEEN = "nearest", "farthest", "between"
_SAID = {
    "left_of": "to the left of", "right_of": "to the right of", "in_front_of": "in front of", "behind": "behind",
    "next_to": "next to", BETWEEN: "between", NEAREST: "nearest to", FARTHEST: "farthest from",
}  # fmt: skip
_EXTREMES = {"left_of": "leftmost", "right_of": "rightmost", "in_front_of": "foremost", "behind": "rearmost"}


@dataclass(frozen=True, slots=True)
class Relation:
    """Where a thing is: `where` from an anchor, as the robot sees it; without an anchor, the outermost one that way.

    `second` is the other of two things that it is between.
    """

    where: str
    anchor: Thing | None = None
    second: Thing | None = None

    @property
    def label(self) -> str:
        """As in `to the left of the red ball`, `between the red cube and the bowl`, or `leftmost`."""
        if self.anchor is not None and self.second is not None:
            return f"{_SAID[self.where]} the {self.anchor.label} and the {self.second.label}"
        if self.anchor is not None:
            return f"{_SAID[self.where]} the {self.anchor.label}"
        return _EXTREMES.get(self.where, self.where)


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that is meant: its noun, or `thing`; its colour, or `any`; what it is not; how many of them.

    `every` means all that fit, `other` one that was not acted on before, and `same_colour` the one that has the colour
    of the source. `unjudged` is a word, such as `biggest`, for what cannot be told from the pictures.
    `guessed` means that the noun was not said, but is the one that the skill is done to; `hint` is the noun that goes
    with the Chinese measure word.
    """

    noun: str
    colour: str = ANY_COLOUR
    not_colours: tuple[str, ...] = ()
    every: bool = False
    other: bool = False
    same_colour: bool = False
    relation: Relation | None = None
    unjudged: str = ""
    guessed: bool = field(default=False, compare=False)
    hint: str = field(default="", compare=False)

    @property
    def label(self) -> str:
        """As people would say it, without article."""
        words = [self.noun if self.colour == ANY_COLOUR else f"{self.colour} {self.noun}"]
        if self.unjudged:
            words.insert(0, self.unjudged)
        if self.other:
            words.insert(0, "other")
        if self.not_colours:
            words.append(f"that is not {' or '.join(self.not_colours)}")
        if self.same_colour:
            words.append("of the same colour")
        if self.relation is not None:
            words.append(self.relation.label if self.relation.anchor else f"({self.relation.label})")
        return " ".join(words)

    def called(self, noun: str) -> Thing:
        """The same by another noun."""
        return replace(self, noun=noun)


@dataclass(frozen=True, slots=True)
class Step:
    """A skill on a source, and towards a target where the skill has one."""

    skill: Skill
    source: Thing
    target: Thing | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What an instruction asks for, in order; there is at least one step."""

    steps: tuple[Step, ...]
    certainty: float

    @property
    def skills(self) -> tuple[Skill, ...]:
        """Of the steps, in order."""
        return tuple(step.skill for step in self.steps)
