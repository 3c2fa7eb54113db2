"""Motion that can always be stopped in time: the one place where commanded speed and position change.

Whatever is wished for, a step keeps three promises. Speed and its change stay within their norms. Braking at once,
along the present direction, would end inside the workspace. And so a stop takes no longer than the limits say.
"""

from __future__ import annotations

import numpy as np

from vplanner.transforms import matrix_from_quat, quat_from_matrix, so3_exp
from vplanner_ros.servo.config import MotionLimits
from vplanner_ros.servo.track import shorten
from vplanner_ros.servo.types import Array, TcpPose

_HALVINGS = 16
_ROUNDING = 1e-12


class Governor:
    """Commanded pose and twist."""

    def __init__(self, limits: MotionLimits, pose: TcpPose) -> None:
        """Stand at `pose`."""
        self._limits = limits
        self.linear: Array = np.zeros(3)
        self.angular: Array = np.zeros(3)
        self.anchor(pose)

    @property
    def standing(self) -> bool:
        """Whether speed is zero."""
        return not (self.linear.any() or self.angular.any())

    def anchor(self, pose: TcpPose) -> None:
        """Go on from another pose, with the speed of before."""
        self.position = np.asarray(pose.position, dtype=np.float64)
        self.quat_wxyz = quat_from_matrix(pose.R)
        self.R = matrix_from_quat(self.quat_wxyz)

    def freeze(self) -> None:
        """Take note that the robot stands; for gaps in which nothing was commanded."""
        self.linear, self.angular = np.zeros(3), np.zeros(3)

    def step(self, linear: Array, angular: Array, dt_s: float) -> None:
        """Move for `dt_s` [s], as near to the wished twist ([m/s], [rad/s]) as the promises allow."""
        limits = self._limits
        wished = _toward(self.linear, shorten(linear, limits.linear), limits.linear_acceleration * dt_s)
        self.linear = self._stoppable(wished, dt_s)
        self.angular = _toward(self.angular, shorten(angular, limits.rotational), limits.rotational_acceleration * dt_s)
        self.position = self.position + self.linear * dt_s
        self.quat_wxyz = quat_from_matrix(so3_exp(self.angular * dt_s) @ self.R)
        self.R = matrix_from_quat(self.quat_wxyz)

    def _stoppable(self, wished: Array, dt_s: float) -> Array:
        """The velocity nearest to `wished`, on the way there from braking, after which braking ends in the box.

        A robot that is outside already may not go further out.
        """
        braking = _toward(self.linear, np.zeros(3), self._limits.linear_acceleration * dt_s)
        rest = self._rest(braking, dt_s)
        low = np.minimum(np.minimum(self._limits.workspace_low, self.position), rest) - _ROUNDING
        high = np.maximum(np.maximum(self._limits.workspace_high, self.position), rest) + _ROUNDING

        def stays(velocity: Array) -> bool:
            end = self._rest(velocity, dt_s)
            return bool((end >= low).all() and (end <= high).all())

        if stays(wished):
            return wished
        share, part = 0.0, 0.5
        for _ in range(_HALVINGS):
            if stays(braking + (share + part) * (wished - braking)):
                share += part
            part /= 2.0
        return braking + share * (wished - braking)

    def _rest(self, velocity: Array, dt_s: float) -> Array:
        """Where the TCP comes to rest when it moves at `velocity` for `dt_s` and brakes then.

        Braking by steps of any length needs less way than braking continuously, v^2 / 2a.
        """
        speed = float(np.linalg.norm(velocity))
        return self.position + velocity * (dt_s + speed / (2.0 * self._limits.linear_acceleration))


def _toward(vector: Array, goal: Array, most: float) -> Array:
    """`vector` moved toward `goal` by at most `most`; exactly `goal` when that is within reach."""
    change = goal - vector
    length = float(np.linalg.norm(change))
    return goal if length <= most else vector + change * (most / length)
