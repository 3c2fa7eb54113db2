from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vplanner.errors import InputError
from vplanner.transforms import (
    along_screw,
    apply_step,
    hat,
    integrate_steps,
    invert_pose,
    make_pose,
    matrix_from_quat,
    pixel_rays,
    project,
    quat_from_matrix,
    screw_between,
    so3_exp,
    so3_log,
    triangulate,
)
from vplanner.types import CameraModel

vectors = arrays(np.float64, (5, 3), elements=st.floats(-1.8, 1.8))  # length below pi: the logarithm is unique
points = arrays(np.float64, (6, 3), elements=st.floats(-0.3, 0.3))


@given(vectors)
def test_rotation_logarithm_undoes_the_exponential(rotvec: np.ndarray) -> None:
    np.testing.assert_allclose(so3_log(so3_exp(rotvec)), rotvec, atol=1e-9)


@given(vectors)
def test_rotations_are_orthogonal_and_right_handed(rotvec: np.ndarray) -> None:
    R = so3_exp(rotvec)
    np.testing.assert_allclose(R @ np.swapaxes(R, -1, -2), np.broadcast_to(np.eye(3), R.shape), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(R), 1.0, atol=1e-12)


@pytest.mark.parametrize("angle", [0.0, 1e-12, 1e-7, 0.99e-4, 1.01e-4, 0.5, 3.1, np.pi - 1e-9, np.pi])
def test_rotation_logarithm_is_exact_at_every_angle(angle: float) -> None:
    axis = np.array([2.0, -1.0, 0.5]) / np.linalg.norm([2.0, -1.0, 0.5])
    R = so3_exp(angle * axis)
    np.testing.assert_allclose(so3_exp(so3_log(R)), R, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(so3_log(R)), angle, rtol=1e-9, atol=1e-15)


def test_rotation_velocity_agrees_with_finite_differences() -> None:
    rotvec, rate, dt = np.array([0.3, -0.8, 0.4]), np.array([0.5, 0.1, -0.9]), 1e-6
    numeric = (so3_exp(rate * dt) @ so3_exp(rotvec) - so3_exp(-rate * dt) @ so3_exp(rotvec)) / (2 * dt)
    np.testing.assert_allclose(numeric, hat(rate) @ so3_exp(rotvec), atol=1e-8)


@given(vectors)
def test_quaternions_and_matrices_agree(rotvec: np.ndarray) -> None:
    R = so3_exp(rotvec)
    quat = quat_from_matrix(R)
    np.testing.assert_allclose(matrix_from_quat(quat), R, atol=1e-12)
    np.testing.assert_allclose(matrix_from_quat(-2.0 * quat), R, atol=1e-12)
    assert (quat[..., 0] >= 0.0).all()


@given(vectors, vectors)
def test_the_inverse_of_a_pose_undoes_it(translation: np.ndarray, rotvec: np.ndarray) -> None:
    pose = make_pose(so3_exp(rotvec), translation)
    np.testing.assert_allclose(pose @ invert_pose(pose), np.broadcast_to(np.eye(4), (5, 4, 4)), atol=1e-12)


@given(vectors, vectors, vectors, vectors)
def test_a_screw_leads_from_one_pose_to_the_other(
    here: np.ndarray, turned: np.ndarray, way: np.ndarray, turn: np.ndarray
) -> None:
    T_from = make_pose(so3_exp(turned), here)
    T_to = T_from @ make_pose(so3_exp(turn), way)
    np.testing.assert_allclose(along_screw(T_from, screw_between(T_from, T_to)), T_to, atol=1e-7)


@given(vectors, vectors, st.floats(0.0, 1.0))
def test_a_screw_may_be_followed_in_parts(way: np.ndarray, turn: np.ndarray, share: float) -> None:
    T = make_pose(so3_exp(turn), way)
    twist = screw_between(np.eye(4), T)
    np.testing.assert_allclose(along_screw(along_screw(np.eye(4), share * twist), (1 - share) * twist), T, atol=1e-7)


def test_a_screw_about_a_far_axis_keeps_its_distance() -> None:
    twist = np.array([0.0, 0.1, 0.0, 0.0, 0.0, 1.0])  # about the axis at x = -0.1
    poses = [along_screw(np.eye(4), angle * twist) for angle in np.linspace(0.0, 3.0, 7)]
    radii = [np.hypot(pose[0, 3] + 0.1, pose[1, 3]) for pose in poses]
    np.testing.assert_allclose(radii, 0.1, atol=1e-12)


@given(vectors, vectors)
def test_a_step_moves_and_turns_in_the_base_frame(rotvec: np.ndarray, turn: np.ndarray) -> None:
    R, step = so3_exp(rotvec), np.concatenate([0.1 * turn, turn], axis=-1)
    position, next_R = apply_step(rotvec, R, step)
    np.testing.assert_allclose(position - rotvec, 0.1 * turn, atol=1e-12)
    np.testing.assert_allclose(so3_log(next_R @ np.swapaxes(R, -1, -2)), turn, atol=1e-9)


def test_steps_turn_about_the_axes_of_the_base() -> None:
    down = so3_exp([np.pi, 0.0, 0.0])
    quarter = np.array([[0.0, 0.0, 0.1, 0.0, 0.0, np.pi / 2, 1.0]] * 2)
    positions, rotations = integrate_steps(np.zeros(3), down, quarter)
    np.testing.assert_allclose(positions[-1], [0.0, 0.0, 0.2])
    np.testing.assert_allclose(rotations[-1], so3_exp([0.0, 0.0, np.pi]) @ down, atol=1e-12)
    assert integrate_steps(np.zeros(3), down, np.zeros((0, 7)))[0].shape == (0, 3)


def _camera(rotvec: list[float], position: list[float]) -> CameraModel:
    K = np.array([[1.3, 0.0, 0.5], [0.0, 1.3, 0.5], [0.0, 0.0, 1.0]])
    return CameraModel(K, make_pose(so3_exp(rotvec), position))


CAMERAS = [_camera([0.0, 0.0, 0.0], [0.0, 0.0, -1.0]), _camera([0.0, 1.2, 0.0], [-1.0, 0.1, -0.4])]


@given(points)
def test_triangulation_undoes_projection(xyz: np.ndarray) -> None:
    uv = np.stack([project(camera, xyz)[0] for camera in CAMERAS])
    np.testing.assert_allclose(triangulate(CAMERAS, uv), xyz, atol=1e-9)


@given(points)
def test_pixels_lie_on_their_rays(xyz: np.ndarray) -> None:
    for camera in CAMERAS:
        uv, depth = project(camera, xyz)
        origin, direction = pixel_rays(camera, uv)
        assert (depth > 0.0).all()
        np.testing.assert_allclose(np.cross(direction, xyz - origin), 0.0, atol=1e-12)


def test_triangulation_says_what_it_needs() -> None:
    with pytest.raises(InputError, match="two or more"):
        triangulate(CAMERAS[:1], np.full((1, 2), 0.5))
    with pytest.raises(InputError, match="parallel"):
        triangulate([CAMERAS[0], CAMERAS[0]], np.full((2, 2), 0.5))
