"""Where things are from one look to the next: hands hide what they hold, push, or reach for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vplanner.placing import placed
from vplanner.transforms import matrix_from_quat
from vplanner.types import Float, GroundedObject, GroundedPoint, Observation, RobotState

LEAST_CONFIDENCE = 0.35
JUMP_M = 0.06
SURE = 0.6
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


def apart_m(one: GroundedObject, other: GroundedObject) -> float:
    """Distance of two places [m]."""
    return float(np.linalg.norm(one.position - other.position))


def carried(observation: Observation, thing: GroundedObject, before: RobotState) -> GroundedObject:
    """Where a thing is if the hand, which was seen `before`, holds it: the fingers hide what they hold."""
    now = observation.robot
    inside = float(np.linalg.norm(thing.position - before.position)) < _HELD_M
    if not (inside and _HELD_OPENING[0] < now.gripper_opening < _HELD_OPENING[1]):
        return thing
    turned = matrix_from_quat(now.quat_wxyz) @ matrix_from_quat(before.quat_wxyz).T
    position = (now.position + turned @ (thing.position - before.position)).astype(np.float32)
    return placed(observation, replace(thing, boxes=()), position)


def pushed(observation: Observation, thing: GroundedObject, before: RobotState) -> GroundedObject:
    """Where a thing on the table is if the hand, which was seen `before`, has run into it since: it slides ahead."""
    now = observation.robot
    way, rise = (now.position - before.position)[:2], float(now.position[2] - before.position[2])
    length = float(np.linalg.norm(way))
    if length < max(_LEAST_WAY_M, abs(rise)) or abs(float(thing.position[2] - now.position[2])) > _PUSH_HALF_M:
        return thing
    way = way / length
    ahead, aside = _along(thing.position[:2] - now.position[:2], way)
    if not (-length < ahead < _TOUCH_M and abs(aside) < _PUSH_HALF_M):
        return thing
    position = thing.position.copy()
    position[:2] += (_TOUCH_M - ahead) * way
    return placed(observation, replace(thing, boxes=()), position)


def _along(vector: Float, way: Float) -> tuple[float, float]:
    """The parts of `vector` (2,) along the unit vector `way` (2,) and to its left."""
    return float(vector @ way), float(way[0] * vector[1] - way[1] * vector[0])


def first_met(observation: Observation, old: GroundedObject, new: GroundedObject) -> GroundedObject:
    """The new place, however far away, where it is seen at all; else the old one."""
    return new if new.confidence >= LEAST_CONFIDENCE else replace(old, confidence=new.confidence)


def followed(observation: Observation, old: GroundedObject, new: GroundedObject) -> GroundedObject:
    """The new place when it is sure, a mixture when it is less sure, the old one when it would be a wild jump."""
    if new.confidence >= SURE:
        return new
    if new.confidence < LEAST_CONFIDENCE or apart_m(old, new) > JUMP_M:
        return replace(old, confidence=new.confidence, boxes=())
    share = (new.confidence - LEAST_CONFIDENCE) / (SURE - LEAST_CONFIDENCE)
    position = (old.position + share * (new.position - old.position)).astype(np.float32)
    return placed(observation, replace(new, label=old.label), position)


def steadied(observation: Observation, old: GroundedObject, new: GroundedObject) -> GroundedObject:
    """The place of what is not acted on: it hardly ever moves, but a hand beside it hides and distorts it."""
    shift = new.position - old.position
    if float(np.linalg.norm(shift)) > _MOVED_M:
        return new
    beside = float(np.linalg.norm(observation.robot.position - old.position)) < _BESIDE_M
    gain = _GAIN_BESIDE if beside else _GAIN
    points = tuple(
        GroundedPoint(now.camera, was.u + gain * (now.u - was.u), was.v + gain * (now.v - was.v), now.confidence)
        for was, now in zip(old.points, new.points, strict=True)
    )
    return replace(new, points=points, position=(old.position + gain * shift).astype(np.float32))
