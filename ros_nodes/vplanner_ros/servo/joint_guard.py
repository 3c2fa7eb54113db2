"""Slows and halts motion that leads into a singularity or past a joint's bounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vplanner.errors import InputError
from vplanner_ros.servo.config import JointLimits
from vplanner_ros.servo.kinematics import Arm, condition
from vplanner_ros.servo.status import FINE, Code, Status
from vplanner_ros.servo.types import Array

_AHEAD_RAD = 0.01  # small, or a look ahead would land beyond the singularity
_DAMPING = 1e-4  # of the pseudo-inverse, relative to the largest squared singular value
_STILL = 1e-3  # [rad/s]


@dataclass(frozen=True, slots=True)
class Allowance:
    """The share in [0, 1] of the wished speed that is allowed, and why."""

    share: float
    status: Status


ALL = Allowance(1.0, FINE)


class JointGuard:
    """Judges wished twists by the measured joints.

    How the joints would move is estimated with the damped pseudo-inverse; a robot with a redundant joint may choose
    otherwise, and keeps its own limits in any case.
    """

    def __init__(self, arm: Arm, limits: JointLimits) -> None:
        """Guard `arm`. Raises `InputError` when there are not as many margins as joints, nor one for all."""
        self._arm = arm
        self._limits = limits
        margins, count = limits.joint_limit_margins, len(arm.lower)
        if len(margins) not in (1, count):
            raise InputError(f"joint_limit_margins has {len(margins)} numbers; {arm.name} needs 1 or {count}")
        self._margins = np.broadcast_to(margins, (count,))

    def judge(self, joints: Array, twist: Array) -> Allowance:
        """What is allowed of `twist` (6,) ([m/s], [rad/s], base frame) at angles `joints` (N,) [rad]."""
        jacobian = self._arm.jacobian(joints)
        square = jacobian @ jacobian.T
        damping = _DAMPING * float(np.trace(square)) * np.eye(6)
        speeds = jacobian.T @ np.linalg.solve(square + damping, twist)
        bound = self._bound(joints, speeds)
        return bound if bound is not None else self._singularity(jacobian, joints, speeds)

    def _bound(self, joints: Array, speeds: Array) -> Allowance | None:
        margin, arm = self._margins, self._arm
        into = ((joints > arm.upper - margin) & (speeds > _STILL)) | (
            (joints < arm.lower + margin) & (speeds < -_STILL)
        )
        if not into.any():
            return None
        i = int(into.argmax())
        reason = (
            f"joint {i + 1} is at {joints[i]:.3f} rad, within {margin[i]:g} rad of its bounds "
            f"{arm.lower[i]:.3f} to {arm.upper[i]:.3f}, and would move further"
        )
        return Allowance(0.0, Status(Code.JOINT_BOUND, reason))

    def _singularity(self, jacobian: Array, joints: Array, speeds: Array) -> Allowance:
        limits = self._limits
        lower, hard = limits.lower_singularity_threshold, limits.hard_stop_singularity_threshold
        number = condition(jacobian)
        if number <= lower:
            return ALL
        ahead = joints + speeds * (_AHEAD_RAD / max(float(np.linalg.norm(speeds)), _STILL))
        approaching = condition(self._arm.jacobian(ahead)) > number
        told = f"condition number of the Jacobian is {number:.1f}"
        if approaching and number >= hard:
            return Allowance(0.0, Status(Code.HALT_FOR_SINGULARITY, f"{told}; at {hard:g} the robot halts"))
        if approaching:
            share = 1.0 - (number - lower) / (hard - lower)
            code = Code.DECELERATE_FOR_APPROACHING_SINGULARITY
            return Allowance(share, Status(code, f"{told}; {share:.0%} of the speed is left"))
        # On the way out the same slope reaches further, and the robot must never be too slow to get away.
        reach = (hard - lower) * limits.leaving_singularity_threshold_multiplier
        share = max(0.1, 1.0 - (number - lower) / reach)
        code = Code.DECELERATE_FOR_LEAVING_SINGULARITY
        return Allowance(share, Status(code, f"{told} and falls; {share:.0%} of the speed is allowed"))
