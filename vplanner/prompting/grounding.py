"""From what a vision-language model says to sub-goals: points of several cameras become places in space."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from vplanner.errors import InputError, UnusableReplyError
from vplanner.prompting.affordances import needs_target
from vplanner.prompting.replies import PlanReply, Step, Thing
from vplanner.prompting.vocabulary import Vocabulary
from vplanner.transforms import project, ray_distance, triangulate
from vplanner.types import CameraFrame, GroundedObject, GroundedPoint, SubGoal

MOST_MISS_M = 0.06
"""Rays of two cameras to one thing may miss it by so much; a finger's breadth in a small picture is a few pixels."""
_RAY_MISS_M = 0.03  # a miss that is one standard deviation


def ground_plan(
    reply: PlanReply, frames: Sequence[CameraFrame], vocabulary: Vocabulary, most_sub_goals: int
) -> list[SubGoal]:
    """The sub-goals of a reply that is no refusal.

    Raises:
        UnusableReplyError: There are none or too many, a skill is not the bundle's, a point is missing, or the points
            of the cameras do not belong to one place in front of all of them.
    """
    count = len(reply.sub_goals)
    if not 1 <= count <= most_sub_goals:
        raise UnusableReplyError(f"sub_goals: there are {count}; give 1 to {most_sub_goals}, or a refusal")
    return [_ground_step(f"sub_goals.{i}", step, frames, vocabulary) for i, step in enumerate(reply.sub_goals)]


def _ground_step(where: str, step: Step, frames: Sequence[CameraFrame], vocabulary: Vocabulary) -> SubGoal:
    if step.skill not in vocabulary.skills:
        known = ", ".join(skill.value for skill in vocabulary.skills)
        raise UnusableReplyError(f"{where}.skill: '{step.skill.value}' is no skill of this robot; they are {known}")
    source = _ground_thing(f"{where}.source", step.source, frames)
    if not needs_target(vocabulary, step.skill):
        return SubGoal(step.skill, step.text, source, source)
    if step.target is None:
        raise UnusableReplyError(f"{where}.target: '{step.skill.value}' needs one")
    return SubGoal(step.skill, step.text, source, _ground_thing(f"{where}.target", step.target, frames))


def _ground_thing(where: str, thing: Thing, frames: Sequence[CameraFrame]) -> GroundedObject:
    cameras = [frame.name for frame in frames]
    if Counter(point.camera for point in thing.points) != Counter(cameras):
        given = ", ".join(point.camera for point in thing.points) or "none"
        raise UnusableReplyError(f"{where}.points: cameras {given}; give one point for each of {', '.join(cameras)}")
    by_camera = {point.camera: GroundedPoint(point.camera, point.u, point.v) for point in thing.points}
    points = tuple(by_camera[camera] for camera in cameras)
    uv = np.array([(point.u, point.v) for point in points])
    try:
        position = triangulate([frame.camera for frame in frames], uv)
    except InputError as error:
        raise UnusableReplyError(f"{where}.points: {error}") from error
    miss = max(ray_distance(frame.camera, pixel, position) for frame, pixel in zip(frames, uv, strict=True))
    behind = any(float(project(frame.camera, position)[1]) <= 0.0 for frame in frames)
    if behind or miss > MOST_MISS_M:
        how = "lie behind a camera" if behind else f"miss each other by {100 * miss:.0f} cm"
        raise UnusableReplyError(
            f"{where}.points: the cameras' points for '{thing.label}' {how}; they must show the same thing"
        )
    confidence = float(np.exp(-0.5 * (miss / _RAY_MISS_M) ** 2))
    return GroundedObject(thing.label.lower(), points, position.astype(np.float32), confidence)
