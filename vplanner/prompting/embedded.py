"""The prompter that a bundle carries: a small text network and a small vision network."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace

import numpy as np

from vplanner.backends import BackendConfig
from vplanner.bundle import Bundle
from vplanner.errors import InputError, PromptRefusedError
from vplanner.prompting.following import (
    JUMP_M,
    LEAST_CONFIDENCE,
    SURE,
    apart_m,
    carried,
    followed,
    placed,
    pushed,
    steadied,
)
from vplanner.prompting.locating import Locator
from vplanner.prompting.places import Place, first_place, moved, seen
from vplanner.prompting.reading import Phrase, Reader, Reading
from vplanner.prompting.vocabulary import ANY_COLOUR, Role, Vocabulary, load_vocabulary
from vplanner.types import GroundedObject, Observation, RobotState, Skill, SubGoal

_SAME_PLACE_M = 0.015


@dataclass(frozen=True, slots=True)
class _Tracked:
    """A sub-goal as it was tracked last, the arm at that moment, and how well the places are known."""

    sub_goal: SubGoal
    robot: RobotState
    places: tuple[Place, Place] | None


class EmbeddedPrompter:
    """Reads instructions of a fixed set of skills, in free wording, and finds what they name in the pictures."""

    def __init__(self, bundle: Bundle, backend: BackendConfig) -> None:
        """Open the networks.

        Args:
            bundle: Holds the prompter's networks and vocabulary.
            backend: How to run them.

        Raises:
            BundleError: A network or the vocabulary is missing or damaged.
        """
        self._vocabulary = load_vocabulary(bundle)
        self._reader = Reader(bundle, backend, self._vocabulary)
        self._locator = Locator(bundle, backend, self._vocabulary)
        self._last: _Tracked | None = None

    def fresh(self) -> EmbeddedPrompter:
        """The same networks without what this one remembers, for an episode that runs beside others."""
        other = copy(self)
        other._last = None
        return other

    @property
    def vocabulary(self) -> Vocabulary:
        """What it knows to name and to do."""
        return self._vocabulary

    def read(self, instruction: str) -> Reading:
        """What the words ask for, whatever is in view. Raises `PromptRefusedError` when that is nothing known."""
        return self._reader.read(instruction)

    def plan(self, observation: Observation, instruction: str) -> list[SubGoal]:
        """One sub-goal, with source and target found in the pictures.

        Raises:
            PromptRefusedError: The words name nothing that can be done, or nothing (or too much) that is in view.
            ObservationError: The observation is malformed.
        """
        reading = self._reader.read(instruction)
        source = self._find(observation, reading.source, "source")
        target = self._find(observation, reading.target, "target")
        return [SubGoal(reading.skill, instruction, source, target)]

    def track(self, observation: Observation, sub_goal: SubGoal) -> SubGoal:
        """The sub-goal with its points where the things are seen now.

        What is hardly seen stays where it was, or where the hand has carried or pushed it since this sub-goal was last
        tracked.
        """
        phrases = [self._phrase(thing.label) for thing in (sub_goal.source, sub_goal.target)]
        found = self._locator.locate(observation, phrases[:1] if phrases[0] == phrases[1] else phrases)
        if sub_goal.skill is Skill.PUSH:
            return self._track_on_table(observation, sub_goal, found)
        old_source, old_target = self._moved_by_hand(observation, sub_goal)
        source = followed(observation, old_source, found[0])
        target = followed(observation, old_target, found[-1])
        if len(found) > 1:
            target = steadied(observation, old_target, target)
        return self._remember(observation, sub_goal, source, target)

    def _track_on_table(self, observation: Observation, sub_goal: SubGoal, found: list[GroundedObject]) -> SubGoal:
        """As `track`, for things that slide: the hand stands before them, and each camera sees another part."""
        last = self._last
        if last is not None and last.sub_goal is sub_goal and last.places is not None:
            source, target = last.places
        else:
            source, target = first_place(sub_goal.source.position), first_place(sub_goal.target.position)
        hand = observation.robot.position
        pushed_to = self._moved_by_hand(observation, sub_goal)[0]
        source = seen(
            moved(source, pushed_to.position - sub_goal.source.position, hand), observation.frames, found[0], SURE
        )
        target = seen(target, observation.frames, found[-1], SURE)
        things = (
            placed(observation, replace(found[0], label=sub_goal.source.label), source.position.astype(np.float32)),
            placed(observation, replace(found[-1], label=sub_goal.target.label), target.position.astype(np.float32)),
        )
        return self._remember(observation, sub_goal, *things, (source, target))

    def track_foreign(self, observation: Observation, sub_goal: SubGoal) -> SubGoal:
        """As `track`, for points that another prompter found and named.

        They are followed where this prompter knows the name and sees such a thing close by; others stay, or go where
        the hand carries or pushes them.
        """
        things = self._moved_by_hand(observation, sub_goal)
        known = [thing for thing in things if self._knows(thing.label)]
        found = self._locator.locate(observation, [self._phrase(thing.label) for thing in known]) if known else []
        seen = {thing.label: thing for thing in found}
        source, target = (
            followed(observation, thing, seen[thing.label])
            if thing.label in seen and apart_m(thing, seen[thing.label]) <= JUMP_M
            else thing
            for thing in things
        )
        return self._remember(observation, sub_goal, source, target)

    def _moved_by_hand(self, observation: Observation, sub_goal: SubGoal) -> tuple[GroundedObject, GroundedObject]:
        """Source and target where they must be, given how the hand moved since `sub_goal` was tracked."""
        if self._last is None or self._last.sub_goal is not sub_goal:
            return sub_goal.source, sub_goal.target
        by_hand = pushed if sub_goal.skill is Skill.PUSH else carried
        return by_hand(observation, sub_goal.source, self._last.robot), sub_goal.target

    def _remember(
        self,
        observation: Observation,
        sub_goal: SubGoal,
        source: GroundedObject,
        target: GroundedObject,
        places: tuple[Place, Place] | None = None,
    ) -> SubGoal:
        tracked = replace(sub_goal, source=source, target=target)
        self._last = _Tracked(tracked, observation.robot, places)
        return tracked

    def inventory(self, observation: Observation) -> list[GroundedObject]:
        """Everything nameable that is in view."""
        words = self._vocabulary
        phrases = [Phrase(n, c) for n in words.vision_nouns for c in words.colours if c != ANY_COLOUR]
        return _distinct(self._locator.locate(observation, phrases))

    def _find(self, observation: Observation, phrase: Phrase, role: Role) -> GroundedObject:
        """The one thing in view that the phrase names."""
        noun = self._vocabulary.point_of(phrase.noun, role)
        if phrase.colour == ANY_COLOUR:
            return self._find_any(observation, noun)
        (thing,) = self._locator.locate(observation, [Phrase(noun, phrase.colour)])
        if thing.confidence < LEAST_CONFIDENCE:
            raise PromptRefusedError(f"I see no {phrase.label}; {self._what_is_there(observation)}")
        return thing

    def _find_any(self, observation: Observation, noun: str) -> GroundedObject:
        """The only thing of that noun, whatever its colour; its label then names the colour."""
        colours = [colour for colour in self._vocabulary.colours if colour != ANY_COLOUR]
        *named, unnamed = self._locator.locate(observation, [Phrase(noun, c) for c in (*colours, ANY_COLOUR)])
        seen = _distinct(named)
        if len(seen) > 1:
            options = " or the ".join(thing.label for thing in seen)
            raise PromptRefusedError(f"there are {len(seen)} of the kind '{noun}': the {options}? Name the colour")
        if seen:
            return seen[0]
        if unnamed.confidence < LEAST_CONFIDENCE:
            raise PromptRefusedError(f"I see no {noun}; {self._what_is_there(observation)}")
        return unnamed

    def _what_is_there(self, observation: Observation) -> str:
        names = [thing.label for thing in self.inventory(observation)]
        return f"in view: {', '.join(names)}" if names else "nothing that I know is in view"

    def _phrase(self, label: str) -> Phrase:
        """The phrase of a label that this prompter gave. Raises `InputError` for others."""
        if not self._knows(label):
            known = ", ".join(self._vocabulary.vision_nouns)
            raise InputError(f"cannot track '{label}'; labels are a colour and one of {known}")
        return _as_phrase(label)

    def _knows(self, label: str) -> bool:
        phrase = _as_phrase(label)
        return phrase.noun in self._vocabulary.vision_nouns and phrase.colour in self._vocabulary.colours


def _as_phrase(label: str) -> Phrase:
    colour, _, noun = label.rpartition(" ")
    return Phrase(noun, colour or ANY_COLOUR)


def _distinct(things: list[GroundedObject]) -> list[GroundedObject]:
    """Those that are seen; of several names for one place, the likeliest."""
    kept: list[GroundedObject] = []
    for thing in sorted(things, key=lambda thing: -thing.confidence):
        apart = all(apart_m(thing, other) > _SAME_PLACE_M for other in kept)
        if thing.confidence > LEAST_CONFIDENCE and apart:
            kept.append(thing)
    return kept
