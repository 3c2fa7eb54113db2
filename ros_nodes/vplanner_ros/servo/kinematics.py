"""Where an arm's joints are and how they move the TCP, from a table of modified Denavit-Hartenberg parameters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vplanner.errors import InputError
from vplanner.transforms import make_pose, so3_exp
from vplanner_ros.servo.types import Array

_QUARTER = np.pi / 2


@dataclass(frozen=True)
class Arm:
    """A chain of N revolute joints.

    `table` (N, 3) has rows a [m], d [m], alpha [rad] after Craig: T = Rot_x(alpha) Trans_x(a) Rot_z(q) Trans_z(d).
    `lower`, `upper` (N,) are joint bounds [rad]; `T_last_tcp` (4, 4) leads from the last joint's frame to the TCP.
    """

    name: str
    table: Array
    lower: Array
    upper: Array
    T_last_tcp: Array

    @cached_property
    def _before_joint(self) -> Array:
        """(N, 4, 4) the constant part of each joint's transform, which its rotation about z follows."""
        a, d, alpha = self.table.T
        R = so3_exp(np.stack([alpha, np.zeros_like(alpha), np.zeros_like(alpha)], axis=-1))
        along_z = (R @ np.stack([np.zeros_like(d), np.zeros_like(d), d], axis=-1)[..., None])[..., 0]
        return make_pose(R, along_z + np.stack([a, np.zeros_like(a), np.zeros_like(a)], axis=-1))

    def frames(self, joints: Array) -> Array:
        """(N + 1, 4, 4): the frame of each joint, and the TCP's, in the base frame, at angles `joints` (N,) [rad]."""
        turns = np.zeros((len(joints), 3))
        turns[:, 2] = joints
        steps = self._before_joint @ make_pose(so3_exp(turns), np.zeros(3))
        T = np.eye(4)
        frames = []
        for step in steps:
            T = T @ step
            frames.append(T)
        return np.stack([*frames, T @ self.T_last_tcp])

    def jacobian(self, joints: Array) -> Array:
        """(6, N) from joint speeds [rad/s] to the TCP's linear [m/s] and angular [rad/s] velocity, base frame."""
        frames = self.frames(joints)
        axes, tcp = frames[:-1, :3, 2], frames[-1, :3, 3]
        return np.concatenate([np.cross(axes, tcp - frames[:-1, :3, 3]).T, axes.T])


def condition(jacobian: Array) -> float:
    """Ratio of the largest to the smallest singular value; infinite where a direction is lost."""
    values = np.linalg.svd(jacobian, compute_uv=False)
    return float(values[0] / values[-1]) if values[-1] > 1e-12 * values[0] else float("inf")


_PANDA = Arm(
    "panda",
    np.array(
        [
            [0.0, 0.333, 0.0],
            [0.0, 0.0, -_QUARTER],
            [0.0, 0.316, _QUARTER],
            [0.0825, 0.0, _QUARTER],
            [-0.0825, 0.384, -_QUARTER],
            [0.0, 0.0, _QUARTER],
            [0.088, 0.0, _QUARTER],
        ]
    ),
    np.array([-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973]),
    np.array([2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973]),
    make_pose(so3_exp([0.0, 0.0, -np.pi / 4]), [0.0, 0.0, 0.107 + 0.1034]),  # flange, hand, point between the fingers
)
ARMS = {arm.name: arm for arm in (_PANDA,)}
"""Arms whose kinematics are known, by name."""


def find_arm(name: str) -> Arm | None:
    """The arm called `name`; None for `none`, which leaves singularities and joint bounds to the robot.

    Raises:
        InputError: There is no such arm.
    """
    if name == "none":
        return None
    if name not in ARMS:
        raise InputError(f"unknown arm '{name}'; the arms are: {', '.join(ARMS)}, none")
    return ARMS[name]
