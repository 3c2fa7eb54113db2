"""Rotations, poses, SE(3) steps and pinhole cameras; every function works on any number of leading axes.

`R` are rotation matrices (..., 3, 3), `rotvec` rotation vectors [rad] (..., 3), `quat_wxyz` unit quaternions (..., 4),
`T` homogeneous transforms (..., 4, 4). Calculations are in float64.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vplanner.errors import InputError
from vplanner.types import CameraModel

Array = NDArray[np.float64]

_SMALL_ANGLE = 1e-4  # below it the closed forms lose digits and Taylor series are exact to float64


def hat(vector: ArrayLike) -> Array:
    """Cross-product matrix (..., 3, 3) of `vector` (..., 3)."""
    v = np.asarray(vector, dtype=np.float64)
    matrix = np.zeros((*v.shape[:-1], 3, 3))
    matrix[..., 0, 1], matrix[..., 0, 2], matrix[..., 1, 2] = -v[..., 2], v[..., 1], -v[..., 0]
    matrix[..., 1, 0], matrix[..., 2, 0], matrix[..., 2, 1] = v[..., 2], -v[..., 1], v[..., 0]
    return matrix


def _rodrigues_terms(angle: Array) -> tuple[Array, Array]:
    """sin(a)/a and (1-cos(a))/a^2, smooth through zero."""
    small = angle < _SMALL_ANGLE
    a = np.where(small, 1.0, angle)
    square = angle**2
    first = np.where(small, 1.0 - square / 6.0, np.sin(a) / a)
    second = np.where(small, 0.5 - square / 24.0, (1.0 - np.cos(a)) / a**2)
    return first[..., None, None], second[..., None, None]


def so3_exp(rotvec: ArrayLike) -> Array:
    """Rotation matrices of rotation vectors."""
    r = np.asarray(rotvec, dtype=np.float64)
    first, second = _rodrigues_terms(np.linalg.norm(r, axis=-1))
    k = hat(r)
    return np.eye(3) + first * k + second * (k @ k)


def so3_log(R: ArrayLike) -> Array:
    """Rotation vectors of length at most pi."""
    quat = quat_from_matrix(R)
    vector = quat[..., 1:]
    sine = np.linalg.norm(vector, axis=-1)
    small = sine < _SMALL_ANGLE
    # For w near 1: angle = 2*atan2(s, w), so angle/s tends to 2 + s^2/3.
    factor = np.where(small, 2.0 + sine**2 / 3.0, 2.0 * np.arctan2(sine, quat[..., 0]) / np.where(small, 1.0, sine))
    return vector * factor[..., None]


def quat_from_matrix(R: ArrayLike) -> Array:
    """Unit quaternions `wxyz` with w >= 0."""
    m = np.asarray(R, dtype=np.float64)
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    zy, xz, yx = m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1]
    sxy, sxz, syz = m[..., 0, 1] + m[..., 1, 0], m[..., 0, 2] + m[..., 2, 0], m[..., 1, 2] + m[..., 2, 1]
    # Row i is 4*q_i*q; the row of the largest component never cancels (Shepperd 1978).
    rows = np.stack(
        [
            np.stack([1 + xx + yy + zz, zy, xz, yx], axis=-1),
            np.stack([zy, 1 + xx - yy - zz, sxy, sxz], axis=-1),
            np.stack([xz, sxy, 1 - xx + yy - zz, syz], axis=-1),
            np.stack([yx, sxz, syz, 1 - xx - yy + zz], axis=-1),
        ],
        axis=-2,
    )
    largest = np.argmax(np.diagonal(rows, axis1=-2, axis2=-1), axis=-1)
    quat = np.take_along_axis(rows, largest[..., None, None], axis=-2)[..., 0, :]
    quat = quat / np.linalg.norm(quat, axis=-1, keepdims=True)
    return np.where(quat[..., :1] < 0.0, -quat, quat)


def matrix_from_quat(quat_wxyz: ArrayLike) -> Array:
    """Rotation matrices of quaternions, which are normalised first."""
    q = np.asarray(quat_wxyz, dtype=np.float64)
    q = q / np.linalg.norm(q, axis=-1, keepdims=True)
    k = hat(q[..., 1:])
    return np.eye(3) + 2.0 * q[..., :1, None] * k + 2.0 * (k @ k)


def make_pose(R: ArrayLike, position: ArrayLike) -> Array:
    """Homogeneous transforms of rotation matrices and positions [m] (..., 3)."""
    rotation, p = np.asarray(R, dtype=np.float64), np.asarray(position, dtype=np.float64)
    shape = np.broadcast_shapes(rotation.shape[:-2], p.shape[:-1])
    T = np.zeros((*shape, 4, 4))
    T[..., :3, :3], T[..., :3, 3], T[..., 3, 3] = rotation, p, 1.0
    return T


def invert_pose(T: ArrayLike) -> Array:
    """Inverse transforms."""
    pose = np.asarray(T, dtype=np.float64)
    R_inverse = np.swapaxes(pose[..., :3, :3], -1, -2)
    return make_pose(R_inverse, -(R_inverse @ pose[..., :3, 3:])[..., 0])


def screw_between(T_from: ArrayLike, T_to: ArrayLike) -> Array:
    """The twist (..., 6), translational part first, that leads from one pose to the other in unit time.

    It is told in the first pose's own axes, where it stays constant on the way (Murray, Li & Sastry 1994).
    """
    T = invert_pose(T_from) @ np.asarray(T_to, dtype=np.float64)
    rotvec = so3_log(T[..., :3, :3])
    linear = np.linalg.solve(_screw_way(rotvec), T[..., :3, 3:])[..., 0]
    return np.concatenate([linear, rotvec], axis=-1)


def along_screw(T: ArrayLike, twist: ArrayLike) -> Array:
    """Poses after following constant twists (..., 6), told in their own axes, for unit time."""
    t = np.asarray(twist, dtype=np.float64)
    way = (_screw_way(t[..., 3:]) @ t[..., :3, None])[..., 0]
    return np.asarray(np.asarray(T, dtype=np.float64) @ make_pose(so3_exp(t[..., 3:]), way))


def _screw_way(rotvec: Array) -> Array:
    """The matrices (..., 3, 3) that make the way out of a twist's translational part."""
    angle = np.linalg.norm(rotvec, axis=-1)
    small = angle < 1e-2  # below it the closed form cancels, and the series is exact to float64
    a = np.where(small, 1.0, angle)
    third = np.where(small, 1 / 6 - angle**2 / 120 + angle**4 / 5040, (a - np.sin(a)) / a**3)[..., None, None]
    k = hat(rotvec)
    return np.eye(3) + _rodrigues_terms(angle)[1] * k + third * (k @ k)


def apply_step(position: ArrayLike, R: ArrayLike, step: ArrayLike) -> tuple[Array, Array]:
    """Pose after an SE(3) step (..., >= 6): the translation is added, the rotation multiplied from the left."""
    s = np.asarray(step, dtype=np.float64)
    return np.asarray(position, dtype=np.float64) + s[..., :3], so3_exp(s[..., 3:6]) @ np.asarray(R, dtype=np.float64)


def integrate_steps(position: ArrayLike, R: ArrayLike, steps: ArrayLike) -> tuple[Array, Array]:
    """Positions (T, 3) and rotations (T, 3, 3) after each of `steps` (T, >= 6), from one pose (3,), (3, 3)."""
    p, rotation = np.asarray(position, dtype=np.float64), np.asarray(R, dtype=np.float64)
    positions, rotations = [], []
    for step in np.asarray(steps, dtype=np.float64):
        p, rotation = apply_step(p, rotation, step)
        positions.append(p)
        rotations.append(rotation)
    return np.reshape(positions, (-1, 3)), np.reshape(rotations, (-1, 3, 3))


def project(camera: CameraModel, points: ArrayLike) -> tuple[Array, Array]:
    """Pixels (..., 2) as fractions of the image and depths [m] (...) of points (..., 3) in the base frame.

    Points behind the camera have a negative depth; their pixels mean nothing.
    """
    T_cam_base = invert_pose(camera.T_base_cam)
    in_camera = np.asarray(points, dtype=np.float64) @ T_cam_base[:3, :3].T + T_cam_base[:3, 3]
    homogeneous = in_camera @ np.asarray(camera.intrinsics, dtype=np.float64).T
    depth = homogeneous[..., 2]
    safe = np.where(np.abs(depth) < 1e-9, 1e-9, depth)
    return homogeneous[..., :2] / safe[..., None], depth


def pixel_rays(camera: CameraModel, uv: ArrayLike) -> tuple[Array, Array]:
    """Camera centre (3,) and unit directions (..., 3), both in the base frame, of pixels (..., 2) in [0, 1]."""
    pixels = np.asarray(uv, dtype=np.float64)
    homogeneous = np.concatenate([pixels, np.ones((*pixels.shape[:-1], 1))], axis=-1)
    T_base_cam = np.asarray(camera.T_base_cam, dtype=np.float64)
    directions = homogeneous @ np.linalg.inv(np.asarray(camera.intrinsics, dtype=np.float64)).T @ T_base_cam[:3, :3].T
    return T_base_cam[:3, 3], directions / np.linalg.norm(directions, axis=-1, keepdims=True)


def ray_distance(camera: CameraModel, uv: ArrayLike, point: ArrayLike) -> float:
    """How far [m] the ray of the pixel `uv` (2,) in [0, 1] passes by `point` (3,) in the base frame."""
    origin, direction = pixel_rays(camera, uv)
    return float(np.linalg.norm(np.cross(np.asarray(point, dtype=np.float64) - origin, direction)))


def triangulate(cameras: Sequence[CameraModel], uv: ArrayLike) -> Array:
    """Points (..., 3) [m] in the base frame with the least squared distance to the rays of pixels (V, ..., 2).

    Raises `InputError` when fewer than two cameras see the point, or when their rays are parallel.
    """
    pixels = np.asarray(uv, dtype=np.float64)
    if len(cameras) < 2 or len(cameras) != len(pixels):
        raise InputError(f"triangulation got {len(cameras)} cameras and {len(pixels)} views; give two or more of each")
    normal = np.zeros((*pixels.shape[1:-1], 3, 3))
    right = np.zeros((*pixels.shape[1:-1], 3))
    for camera, view in zip(cameras, pixels, strict=True):
        origin, direction = pixel_rays(camera, view)
        across = np.eye(3) - direction[..., :, None] * direction[..., None, :]
        normal = normal + across
        right = right + across @ origin
    if np.any(np.linalg.cond(normal) > 1e8):
        raise InputError("triangulation got parallel rays; the cameras must look at the point from different sides")
    return np.asarray(np.linalg.solve(normal, right[..., None])[..., 0], dtype=np.float64)
