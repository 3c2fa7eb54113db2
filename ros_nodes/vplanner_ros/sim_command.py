"""What the simulated robot was told last, and the waiting for whoever tells it. No ROS."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np

from vplanner.transforms import Array, matrix_from_quat, so3_exp

_LATE_S = 1.0  # of wall clock: so long a tick waits for a command
_ABSENT_S = 5.0  # of wall clock without any: there is nobody to wait for


class Command:
    """What the robot was told last: an absolute pose, or a velocity that holds for a while."""

    def __init__(self, timeout_s: float) -> None:
        """A velocity ends `timeout_s` [s] after it came; a pose is kept."""
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._came_s = 0.0
        self.forget()

    def forget(self) -> None:
        """Hold still, with the gripper as opened at the start."""
        with self._lock:
            self._pose: tuple[Array, Array] | None = None
            self._twist: tuple[Array, float] | None = None
            self._opening = 1.0
            self._stamp_s: float | None = None

    def came(self, stamp_s: float) -> None:
        """A command came that was given at `stamp_s` [s] of simulated time."""
        with self._changed:
            self._stamp_s, self._came_s = stamp_s, time.monotonic()
            self._changed.notify_all()

    def await_since(self, since_s: float) -> None:
        """Wait for a command that was given at `since_s` [s] of simulated time or later, where somebody sends any.

        Not for ever: a message may have been lost, and whoever sent commands may be gone.
        """
        with self._changed:
            if self._changed.wait_for(lambda: self._stamp_s is None or self._stamp_s >= since_s, _LATE_S):
                return
            if time.monotonic() - self._came_s > _ABSENT_S:
                self._stamp_s = None

    def set_pose(self, position: Array, quat_wxyz: Array) -> None:
        """Go to a pose in the base frame."""
        with self._lock:
            self._pose, self._twist = (position, matrix_from_quat(quat_wxyz)), None

    def set_twist(self, twist: Array, now_s: float) -> None:
        """Move with a velocity (6,) [m/s, rad/s] in the base frame."""
        with self._lock:
            self._twist = (twist, now_s)

    def set_opening(self, opening: float) -> None:
        """Open the gripper so far, in [0, 1]."""
        with self._lock:
            self._opening = float(np.clip(opening, 0.0, 1.0))

    def next(self, start: Callable[[], tuple[Array, Array]], now_s: float, dt_s: float) -> tuple[
        tuple[Array, Array] | None, float
    ]:  # fmt: skip
        """Pose to aim at for the next `dt_s` [s] (None: hold), and opening; velocities begin at the pose of `start`."""
        with self._lock:
            if self._twist is not None:
                twist, since = self._twist
                position, rotation = self._pose or start()
                if now_s - since <= self._timeout_s:
                    self._pose = position + twist[:3] * dt_s, so3_exp(twist[3:] * dt_s) @ rotation
                else:
                    self._twist = None
            return self._pose, self._opening
