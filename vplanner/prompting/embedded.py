"""The prompter that a bundle carries: a small text network and a small vision network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vplanner.backends import BackendConfig
from vplanner.bundle import Bundle
from vplanner.errors import InputError, PromptRefusedError
from vplanner.observation import frame_of
from vplanner.prompting.locating import Locator
from vplanner.prompting.reading import Phrase, Reader, Reading
from vplanner.prompting.vocabulary import ANY_COLOUR, Role, Vocabulary, load_vocabulary
from vplanner.transforms import matrix_from_quat, project
from vplanner.types import Float, GroundedObject, GroundedPoint, Observation, RobotState, Skill, SubGoal

_LEAST_CONFIDENCE = 0.35
_SURE = 0.6
_HELD_M = 0.03
_HELD_OPENING = (0.08, 0.85)
"""Fingers that stop within this range have something between them; an empty hand is open or quite closed."""
_TOUCH_M = 0.032
"""From the closed fingers' middle to that of the cube that they push."""
_PUSH_HALF_M = 0.025
_LEAST_WAY_M = 0.003
_JUMP_M = 0.06
_SAME_PLACE_M = 0.015


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
        self._last: tuple[SubGoal, RobotState] | None = None

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
        old_source, old_target = self._moved_by_hand(observation, sub_goal)
        source = _follow(observation, old_source, found[0])
        return self._remember(observation, sub_goal, source, _follow(observation, old_target, found[-1]))

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
            _follow(observation, thing, seen[thing.label])
            if thing.label in seen and _apart_m(thing, seen[thing.label]) <= _JUMP_M
            else thing
            for thing in things
        )
        return self._remember(observation, sub_goal, source, target)

    def _moved_by_hand(self, observation: Observation, sub_goal: SubGoal) -> tuple[GroundedObject, GroundedObject]:
        """Source and target where they must be, given how the hand moved since `sub_goal` was tracked."""
        if self._last is None or self._last[0] is not sub_goal:
            return sub_goal.source, sub_goal.target
        moved = _pushed if sub_goal.skill is Skill.PUSH else _carried
        return moved(observation, sub_goal.source, self._last[1]), sub_goal.target

    def _remember(
        self, observation: Observation, sub_goal: SubGoal, source: GroundedObject, target: GroundedObject
    ) -> SubGoal:
        tracked = replace(sub_goal, source=source, target=target)
        self._last = (tracked, observation.robot)
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
        if thing.confidence < _LEAST_CONFIDENCE:
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
        if unnamed.confidence < _LEAST_CONFIDENCE:
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
        apart = all(_apart_m(thing, other) > _SAME_PLACE_M for other in kept)
        if thing.confidence > _LEAST_CONFIDENCE and apart:
            kept.append(thing)
    return kept


def _apart_m(one: GroundedObject, other: GroundedObject) -> float:
    return float(np.linalg.norm(one.position - other.position))


def _carried(observation: Observation, thing: GroundedObject, before: RobotState) -> GroundedObject:
    """Where a thing is if the hand, which was seen `before`, holds it: the fingers hide what they hold."""
    now = observation.robot
    inside = float(np.linalg.norm(thing.position - before.position)) < _HELD_M
    if not (inside and _HELD_OPENING[0] < now.gripper_opening < _HELD_OPENING[1]):
        return thing
    turned = matrix_from_quat(now.quat_wxyz) @ matrix_from_quat(before.quat_wxyz).T
    position = (now.position + turned @ (thing.position - before.position)).astype(np.float32)
    points = tuple(_project(observation, point.camera, position) for point in thing.points)
    return replace(thing, points=points, position=position)


def _pushed(observation: Observation, thing: GroundedObject, before: RobotState) -> GroundedObject:
    """Where a thing on the table is if the hand, which was seen `before`, has run into it since: it slides ahead."""
    now = observation.robot
    way = (now.position - before.position)[:2]
    length = float(np.linalg.norm(way))
    if length < _LEAST_WAY_M or abs(float(thing.position[2] - now.position[2])) > _PUSH_HALF_M:
        return thing
    way = way / length
    ahead, aside = _along(thing.position[:2] - now.position[:2], way)
    if not (-length < ahead < _TOUCH_M and abs(aside) < _PUSH_HALF_M):
        return thing
    position = thing.position.copy()
    position[:2] += (_TOUCH_M - ahead) * way
    points = tuple(_project(observation, point.camera, position) for point in thing.points)
    return replace(thing, points=points, position=position)


def _along(vector: Float, way: Float) -> tuple[float, float]:
    """The parts of `vector` (2,) along the unit vector `way` (2,) and to its left."""
    return float(vector @ way), float(way[0] * vector[1] - way[1] * vector[0])


def _follow(observation: Observation, old: GroundedObject, new: GroundedObject) -> GroundedObject:
    """The new place when it is sure, a mixture when it is less sure, the old one when it would be a wild jump."""
    if new.confidence >= _SURE:
        return new
    if new.confidence < _LEAST_CONFIDENCE or _apart_m(old, new) > _JUMP_M:
        return replace(old, confidence=new.confidence)
    share = (new.confidence - _LEAST_CONFIDENCE) / (_SURE - _LEAST_CONFIDENCE)
    position = (old.position + share * (new.position - old.position)).astype(np.float32)
    points = tuple(_project(observation, point.camera, position) for point in new.points)
    return GroundedObject(old.label, points, position, new.confidence)


def _project(observation: Observation, camera: str, position: Float) -> GroundedPoint:
    uv, _ = project(frame_of(observation, camera).camera, position)
    u, v = np.clip(uv, 0.0, 1.0).tolist()
    return GroundedPoint(camera, u, v)
