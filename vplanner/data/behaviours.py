"""How an episode deviates from the expert: not at all, in bursts that it must recover from, or altogether."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vplanner.types import Float

MAX_TRANSLATION_M = 0.05
MAX_ROTATION_RAD = 0.35


class Behaviour(StrEnum):
    """Which behaviour fills an episode."""

    EXPERT = "expert"
    NOISY = "noisy"
    PLAY = "play"
    HANDOVER = "handover"


class Actor(Protocol):
    """Turns what the expert wants into what is done."""

    def act(self, wanted: Float, position: Float, objects: Sequence[Float]) -> Float:
        """Return the step (7,) to execute.

        Args:
            wanted: the expert's step (7,).
            position: TCP in the base frame (3,) [m].
            objects: positions (3,) of everything in the scene, base frame [m].
        """
        ...


StudentStep = Callable[[bool], Float]
"""Gives the step (7,) that trained networks want now; told whether someone else has acted since it was last asked."""


def make_actor(behaviour: Behaviour, generator: np.random.Generator, student: StudentStep | None = None) -> Actor:
    """Return a fresh actor for one episode.

    Raises:
        ValueError: if the behaviour is `handover` and there is no student.
    """
    match behaviour:
        case Behaviour.EXPERT:
            return Follow()
        case Behaviour.NOISY:
            return Disturb(generator)
        case Behaviour.PLAY:
            return Play(generator)
        case Behaviour.HANDOVER:
            if student is None:
                raise ValueError("handover needs a student")
            return Handover(student, generator)


def limit_step(step: NDArray[np.floating]) -> Float:
    """Return the step (7,) as float32 within the limits of one step; directions are kept."""
    limited = np.array(step, np.float32)
    for part, limit in ((slice(0, 3), MAX_TRANSLATION_M), (slice(3, 6), MAX_ROTATION_RAD)):
        norm = float(np.linalg.norm(limited[part]))
        if norm > limit:
            limited[part] *= limit / norm
    limited[6] = np.clip(limited[6], 0.0, 1.0)
    return limited


class Follow:
    """Does what the expert wants."""

    def act(self, wanted: Float, position: Float, objects: Sequence[Float]) -> Float:
        """Return `wanted`."""
        return wanted


class Disturb:
    """Pushes the hand away for a few steps, then lets the expert recover (after DART, Laskey et al. 2017).

    Half of the pushes are small: what decides a grasp or a touch is how the last two centimetres are corrected.
    """

    _CHANCE = 0.2
    _BURSTS = 8
    _STEPS = (1, 3)
    _CLEAN_STEPS = 4
    _START_STEPS = 4
    _PUSH = (0.01, 0.04, 0.25)
    _NUDGE = (0.003, 0.02, 0.12)
    _DROP_CHANCE = 0.06

    def __init__(self, generator: np.random.Generator) -> None:
        """Start with up to four random steps, so that episodes begin in different places."""
        self._generator = generator
        self._bursts = 0
        self._clean = 0
        self._left = int(generator.integers(self._START_STEPS + 1))
        self._starting = self._left > 0
        self._begin()

    def act(self, wanted: Float, position: Float, objects: Sequence[Float]) -> Float:
        """Return `wanted`, or within a burst `wanted` plus noise."""
        ready = not self._left and not self._clean and self._bursts < self._BURSTS
        if ready and self._generator.random() < self._CHANCE:
            self._bursts += 1
            self._left = int(self._generator.integers(*self._STEPS, endpoint=True))
            self._begin()
        if not self._left:
            self._clean = max(self._clean - 1, 0)
            return wanted
        self._left -= 1
        done = wanted.copy()
        if self._starting:
            done[:6] = 0.0
        done[:6] += self._push if self._steady else self._draw_push()
        if self._drops:
            done[6] = 1.0 - done[6]
        if not self._left:
            self._clean = self._CLEAN_STEPS
            self._starting = False
        return done

    def _begin(self) -> None:
        """Draw what the coming burst does: one steady push, or a new one at every step."""
        self._steady = bool(self._generator.random() < 0.5)
        small = not self._starting and bool(self._generator.random() < 0.5)
        self._size = self._NUDGE if small else self._PUSH
        self._push = self._draw_push()
        self._drops = not self._starting and bool(self._generator.random() < self._DROP_CHANCE)

    def _draw_push(self) -> Float:
        """Return a random translation and rotation (6,)."""
        least_m, most_m, most_rad = self._size
        translation = _direction(self._generator) * self._generator.uniform(least_m, most_m)
        rotation = _direction(self._generator) * self._generator.uniform(0.0, most_rad)
        return np.concatenate([translation, rotation]).astype(np.float32)


class Handover:
    """Lets a student act for a while, then the expert, and so on (after DAgger, Ross et al. 2011).

    The expert thereby shows the way out of those situations that the student's own mistakes lead to.
    """

    _STUDENT_STEPS = (3, 12)
    _EXPERT_STEPS = (4, 6)

    def __init__(self, student: StudentStep, generator: np.random.Generator) -> None:
        """Begin with the student."""
        self._student = student
        self._generator = generator
        self._studying = True
        self._fresh = True
        self._left = int(generator.integers(*self._STUDENT_STEPS, endpoint=True))

    def act(self, wanted: Float, position: Float, objects: Sequence[Float]) -> Float:
        """Return the student's step or `wanted`."""
        if not self._left:
            self._studying = not self._studying
            steps = self._STUDENT_STEPS if self._studying else self._EXPERT_STEPS
            self._left = int(self._generator.integers(*steps, endpoint=True))
        self._left -= 1
        fresh, self._fresh = self._fresh, not self._studying
        return self._student(fresh) if self._studying else wanted


class Play:
    """Wanders smoothly from object to object, turning the hand and closing it now and then."""

    _NEAR_M = 0.015
    _PATIENCE = 8
    _OBJECT_CHANCE = 0.8
    _SPREAD_M = 0.03
    _LOW = np.array([0.35, -0.25, 0.01])
    _HIGH = np.array([0.70, 0.25, 0.30])
    _SMOOTHING = 0.5
    _TURN_RAD = 0.08
    _PERSISTENCE = 0.7
    _RETURN = 0.1
    _SHAKE_M = 0.003

    def __init__(self, generator: np.random.Generator) -> None:
        """Start at rest with the hand open."""
        self._generator = generator
        self._velocity = np.zeros(3)
        self._turn = np.zeros(3)
        self._turned = np.zeros(3)
        self._gripper = 1.0
        self._left = 0
        self._waypoint = np.zeros(3)
        self._speed_m = 0.0

    def act(self, wanted: Float, position: Float, objects: Sequence[Float]) -> Float:
        """Return the next step towards a point near one of the objects."""
        there = np.linalg.norm(self._waypoint - position) < self._NEAR_M
        if there or self._left <= 0:
            self._choose(objects)
            if self._generator.random() < (0.5 if there else 0.15):
                self._gripper = 1.0 - self._gripper
        self._left -= 1
        towards = self._waypoint - position
        distance = float(np.linalg.norm(towards))
        towards *= min(1.0, self._speed_m / max(distance, 1e-6))
        self._velocity += (1.0 - self._SMOOTHING) * (towards - self._velocity)
        noise = self._generator.normal(0.0, self._SHAKE_M, 3)
        self._turn = (
            self._PERSISTENCE * self._turn
            + self._generator.normal(0.0, self._TURN_RAD, 3)
            - self._RETURN * self._turned
        )
        self._turned += self._turn
        return np.concatenate([self._velocity + noise, self._turn, [self._gripper]]).astype(np.float32)

    def _choose(self, objects: Sequence[Float]) -> None:
        """Draw a new point to go to, and how fast."""
        point = self._generator.uniform(self._LOW, self._HIGH)
        if objects and self._generator.random() < self._OBJECT_CHANCE:
            chosen = objects[int(self._generator.integers(len(objects)))]
            point = chosen + self._generator.normal(0.0, self._SPREAD_M, 3)
        self._waypoint = np.clip(point, self._LOW, self._HIGH)
        self._speed_m = self._generator.uniform(0.015, MAX_TRANSLATION_M)
        self._left = self._PATIENCE


def _direction(generator: np.random.Generator) -> Float:
    """Return a random unit vector (3,)."""
    vector = generator.normal(size=3)
    return (vector / np.linalg.norm(vector)).astype(np.float32)
