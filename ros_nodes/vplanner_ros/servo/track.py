"""The way through the targets of a chunk: where to be at a moment, how fast, and how to get onto it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vplanner.transforms import so3_exp, so3_log
from vplanner_ros.servo.config import MotionLimits
from vplanner_ros.servo.types import Array, TcpPose

_GAIN = 8.0  # [1/s] of the error that is left; larger ones overshoot when feedback is a tick or two old


@dataclass(frozen=True, slots=True)
class Reference:
    """Pose, twist [m/s], [rad/s] and gripper opening at a moment, and the way left to the end [m], [rad]."""

    pose: TcpPose
    linear: Array
    angular: Array
    opening: float
    left_m: float
    left_rad: float


@dataclass(frozen=True, slots=True)
class Track:
    """Targets due at `times_s` (K,) on the steady clock: straight lines between positions, slerp between rotations.

    The opening is that of the coming target from the one before on: fingers start to close where a step begins.
    `accepted_s` is when the chunk came.
    """

    accepted_s: float
    times_s: Array
    positions: Array
    rotations: Array
    openings: Array

    @property
    def end_s(self) -> float:
        """When the last target is due."""
        return float(self.times_s[-1])

    def at(self, now: float) -> Reference:
        """What is due at `now`; before the first target and after the last, these stand still."""
        last = len(self.times_s) - 1
        if now >= self.end_s or last == 0:
            return self._standing(last)
        if now < self.times_s[0]:
            return self._standing(0)
        k = int(np.searchsorted(self.times_s, now, side="right")) - 1
        span = float(self.times_s[k + 1] - self.times_s[k])
        share = (now - float(self.times_s[k])) / span
        moves, turns = np.diff(self.positions[k:], axis=0), self._turns(k)
        lengths, angles = np.linalg.norm(moves, axis=1), np.linalg.norm(turns, axis=1)
        pose = TcpPose(self.positions[k] + share * moves[0], so3_exp(share * turns[0]) @ self.rotations[k])
        return Reference(
            pose,
            moves[0] / span,
            turns[0] / span,
            float(self.openings[k + 1]),
            float(lengths.sum() - share * lengths[0]),
            float(angles.sum() - share * angles[0]),
        )

    def _turns(self, k: int) -> Array:
        """Rotation vectors (K-1-k, 3) from each rotation to the next, base frame."""
        return so3_log(self.rotations[k + 1 :] @ np.swapaxes(self.rotations[k:-1], -1, -2))

    def _standing(self, k: int) -> Reference:
        pose = TcpPose(self.positions[k], self.rotations[k])
        return Reference(pose, np.zeros(3), np.zeros(3), float(self.openings[k]), 0.0, 0.0)


def wished_twist(reference: Reference, pose: TcpPose, limits: MotionLimits) -> tuple[Array, Array]:
    """Twist [m/s], [rad/s] that brings `pose` onto the reference and lets it come to rest at the end, not beyond."""
    move, turn = reference.pose.position - pose.position, so3_log(reference.pose.R @ pose.R.T)
    linear = _wish(reference.linear, move, reference.left_m, limits.linear_acceleration)
    angular = _wish(reference.angular, turn, reference.left_rad, limits.rotational_acceleration)
    return shorten(linear, limits.linear), shorten(angular, limits.rotational)


def shorten(vector: Array, longest: float) -> Array:
    """`vector`, at most `longest` long."""
    length = float(np.linalg.norm(vector))
    return vector if length <= longest else vector * (longest / length)


def _wish(along: Array, error: Array, left: float, acceleration: float) -> Array:
    """Speed of the reference plus what closes `error`, both such that half the acceleration suffices to brake."""
    speed, gap = float(np.linalg.norm(along)), float(np.linalg.norm(error))
    ahead = along * min(1.0, (acceleration * left) ** 0.5 / max(speed, 1e-12))
    closing = error * (min(_GAIN * gap, (acceleration * gap) ** 0.5) / max(gap, 1e-12))
    return ahead + closing
