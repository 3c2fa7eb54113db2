"""Rotation vectors, matrices and quaternions (wxyz), float64."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def exp_so3(vector: Array) -> Array:
    """Rotation matrix (3, 3) of a rotation vector (3,) [rad]."""
    angle = float(np.linalg.norm(vector))
    quat, matrix = np.empty(4), np.empty(9)
    mujoco.mju_axisAngle2Quat(quat, vector / angle if angle > 1e-12 else np.array([1.0, 0, 0]), angle)
    mujoco.mju_quat2Mat(matrix, quat)
    return matrix.reshape(3, 3)


def log_so3(matrix: Array) -> Array:
    """Rotation vector (3,) [rad] of a rotation matrix, of norm at most pi."""
    vector = np.empty(3)
    mujoco.mju_quat2Vel(vector, to_quat_wxyz(matrix), 1.0)
    return vector


def to_quat_wxyz(matrix: Array) -> Array:
    """Unit quaternion (4,) with positive w of a rotation matrix."""
    quat = np.empty(4)
    mujoco.mju_mat2Quat(quat, np.ascontiguousarray(matrix).reshape(9))
    return quat if quat[0] >= 0 else -quat


DOWN: Array = np.diag([1.0, -1.0, -1.0])  # TCP looking down, its x forward; the fingers close along y
