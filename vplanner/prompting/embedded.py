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
from vplanner.prompting.vocabulary import ANY_COLOUR, Role, load_vocabulary
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
_MOVED_M = 0.03
_BESIDE_M = 0.15
_GAIN, _GAIN_BESIDE = 0.5, 0.1
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
        old = (sub_goal.source, sub_goal.target)
        if self._last is not None and self._last[0] is sub_goal:
            moved = _pushed if sub_goal.skill is Skill.PUSH else _carried
            old = (moved(observation, sub_goal.source, self._last[1]), sub_goal.target)
        phrases = [self._phrase(thing.label) for thing in old]
        single = phrases[0] == phrases[1]
        found = self._locator.locate(observation, phrases[:1] if single else phrases)
        source, target = (_follow(observation, *pair) for pair in zip(old, found * 2 if single else found, strict=True))
        if not single:
            target = _steadied(observation, old[1], target)
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
        colour, _, noun = label.rpartition(" ")
        colour = colour or ANY_COLOUR
        if noun not in self._vocabulary.vision_nouns or colour not in self._vocabulary.colours:
            known = ", ".join(self._vocabulary.vision_nouns)
            raise InputError(f"cannot track '{label}'; labels are a colour and one of {known}")
        return Phrase(noun, colour)


def _distinct(things: list[GroundedObject]) -> list[GroundedObject]:
    """Those that are seen; of several names for one place, the likeliest."""
    kept: list[GroundedObject] = []
    for thing in sorted(things, key=lambda thing: -thing.confidence):
        apart = all(float(np.linalg.norm(thing.position - other.position)) > _SAME_PLACE_M for other in kept)
        if thing.confidence > _LEAST_CONFIDENCE and apart:
            kept.append(thing)
    return kept


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
    jump = float(np.linalg.norm(new.position - old.position))
    if new.confidence < _LEAST_CONFIDENCE or jump > _JUMP_M:
        return replace(old, confidence=new.confidence)
    share = (new.confidence - _LEAST_CONFIDENCE) / (_SURE - _LEAST_CONFIDENCE)
    position = (old.position + share * (new.position - old.position)).astype(np.float32)
    points = tuple(_project(observation, point.camera, position) for point in new.points)
    return GroundedObject(old.label, points, position, new.confidence)


def _steadied(observation: Observation, old: GroundedObject, new: GroundedObject) -> GroundedObject:
    """The place of what is not acted on: it hardly ever moves, but a hand beside it hides and distorts it."""
    shift = new.position - old.position
    if float(np.linalg.norm(shift)) > _MOVED_M:
        return new
    beside = float(np.linalg.norm(observation.robot.position - old.position)) < _BESIDE_M
    gain = _GAIN_BESIDE if beside else _GAIN
    points = tuple(
        GroundedPoint(now.camera, was.u + gain * (now.u - was.u), was.v + gain * (now.v - was.v))
        for was, now in zip(old.points, new.points, strict=True)
    )
    return replace(new, points=points, position=(old.position + gain * shift).astype(np.float32))


def _project(observation: Observation, camera: str, position: Float) -> GroundedPoint:
    uv, _ = project(frame_of(observation, camera).camera, position)
    u, v = np.clip(uv, 0.0, 1.0).tolist()
    return GroundedPoint(camera, u, v)
