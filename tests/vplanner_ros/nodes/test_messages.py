"""Messages and back again; and what is refused."""

from __future__ import annotations

import array
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("rclpy", reason="pip install 'vplanner[ros,dev-ros]'")

from vplanner.errors import ObservationError
from vplanner.transforms import make_pose, matrix_from_quat, so3_exp
from vplanner.types import CameraModel
from vplanner_ros import messages

pytestmark = pytest.mark.ros

reals = st.floats(-2.0, 2.0, allow_nan=False)
vectors = st.tuples(reals, reals, reals).map(np.array)
rotations = vectors.map(so3_exp)
quats = st.tuples(reals, reals, reals, reals).filter(lambda q: np.linalg.norm(q) > 0.1).map(
    lambda q: np.array(q) / np.linalg.norm(q)
)  # fmt: skip
times = st.floats(0.0, 2e9)


@given(times)
def test_stamps_keep_their_time(seconds: float) -> None:
    assert messages.seconds_of(messages.stamp_of(seconds)) == pytest.approx(seconds, abs=1e-6)


@given(times, vectors, quats)
def test_poses_keep_place_and_turn(seconds: float, position: np.ndarray, quat: np.ndarray) -> None:
    message = messages.pose_stamped(seconds, position, quat)
    assert message.pose.orientation.w == pytest.approx(quat[0])  # xyzw in the message, wxyz elsewhere
    assert message.pose.orientation.x == pytest.approx(quat[1])
    pose = messages.tcp_pose_of(message, "pose")
    np.testing.assert_allclose(pose.position, position)
    np.testing.assert_allclose(pose.quat_wxyz, quat, atol=1e-12)


@given(rotations, vectors)
def test_transforms_keep_place_and_turn(rotation: np.ndarray, position: np.ndarray) -> None:
    T = make_pose(rotation, position)
    message = messages.transform_stamped(1.0, messages.BASE_FRAME, "camera", T)
    np.testing.assert_allclose(messages.matrix_of(message, "extrinsics"), T, atol=1e-9)


@given(st.lists(reals, min_size=6, max_size=6))
def test_velocities_keep_their_order(twist: list[float]) -> None:
    message = messages.twist_stamped(1.0, twist)
    assert message.twist.angular.x == twist[3]
    np.testing.assert_allclose(messages.twist_of(message, "twist"), twist)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 5), st.sampled_from(["rgb8", "bgr8", "rgba8", "bgra8"]))
def test_pictures_keep_their_pixels_whatever_their_layout(height: int, width: int, padding: int, encoding: str) -> None:
    rng = np.random.default_rng(height + 10 * width)
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    message = messages.image_message(image, 2.5, "front_optical_frame")
    np.testing.assert_array_equal(messages.image_of(message, "camera"), image)
    channels = image if encoding.startswith("rgb") else image[..., ::-1]
    if "a" in encoding:
        channels = np.concatenate([channels, np.full((height, width, 1), 255, np.uint8)], axis=-1)
    rows = np.pad(channels.reshape(height, -1), ((0, 0), (0, padding)))
    message.encoding, message.step, message.data = encoding, rows.shape[1], array.array("B", rows.tobytes())
    np.testing.assert_array_equal(messages.image_of(message, "camera"), image)


def test_pictures_travel_as_bytes_and_are_not_copied_number_by_number() -> None:
    message = messages.image_message(np.zeros((4, 4, 3), np.uint8), 0.0, "f")
    assert isinstance(message.data, array.array) and message.data.typecode == "B"


@given(st.integers(1, 2000), st.integers(1, 2000), rotations)
def test_calibration_serves_every_resolution(width: int, height: int, rotation: np.ndarray) -> None:
    K = np.array([[1.3, 0.0, 0.52], [0.0, 1.4, 0.48], [0.0, 0.0, 1.0]], dtype=np.float32)
    T = make_pose(rotation, [1.0, 2.0, 3.0])
    camera = CameraModel(K, T.astype(np.float32))
    info = messages.camera_info(camera, width, height, 0.0, "front_optical_frame")
    assert info.k[2] == pytest.approx(0.52 * width, rel=1e-6)  # in pixels
    back = messages.camera_model_of(info, T, "camera")
    np.testing.assert_allclose(back.intrinsics, K, rtol=1e-6)


@given(st.integers(0, 6), times)
def test_chunks_keep_their_poses(count: int, seconds: float) -> None:
    rng = np.random.default_rng(count)
    quat = rng.normal(size=(count, 4))
    quat /= np.linalg.norm(quat, axis=1, keepdims=True)
    chunk = messages.PoseChunk(seconds, 0.2 * np.arange(count), rng.normal(size=(count, 3)), quat, rng.random(count))
    back = messages.chunk_of(messages.chunk_message(chunk))
    np.testing.assert_allclose(back.times_s, chunk.times_s, atol=1e-9)
    np.testing.assert_allclose(back.positions, chunk.positions)
    np.testing.assert_allclose(back.quats_wxyz, chunk.quats_wxyz, atol=1e-12)
    np.testing.assert_allclose(back.openings, chunk.openings)
    assert len(messages.pose_array(chunk).poses) == count


def test_joint_angles_are_found_by_name() -> None:
    message = messages.joint_state(1.0, ["a", "b", "c"], [0.1, 0.2, 0.3])
    np.testing.assert_allclose(messages.joint_positions_of(message, ["c", "a"]), [0.3, 0.1])
    with pytest.raises(ObservationError, match="no angle of d; it has: a, b, c"):
        messages.joint_positions_of(message, ["a", "d"])


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_numbers_that_are_not_finite_are_refused(bad: float) -> None:
    with pytest.raises(ObservationError, match="pose: position is not finite"):
        messages.tcp_pose_of(messages.pose_stamped(0.0, [0.0, bad, 0.0], [1.0, 0.0, 0.0, 0.0]), "pose")
    with pytest.raises(ObservationError, match="twist: velocity is not finite"):
        messages.twist_of(messages.twist_stamped(0.0, [0, 0, 0, bad, 0, 0]), "twist")
    chunk = messages.PoseChunk(0.0, np.zeros(1), np.full((1, 3), bad), np.array([[1.0, 0.0, 0.0, 0.0]]), np.zeros(1))
    with pytest.raises(ObservationError, match="chunk: positions is not finite"):
        messages.chunk_of(messages.chunk_message(chunk))


@pytest.mark.parametrize("quat", [[0.0, 0.0, 0.0, 0.0], [2.0, 0.0, 0.0, 0.0], [math.nan, 0.0, 0.0, 1.0]])
def test_quaternions_that_are_no_rotations_are_refused(quat: list[float]) -> None:
    with pytest.raises(ObservationError, match="is not of length 1"):
        messages.tcp_pose_of(messages.pose_stamped(0.0, [0.0, 0.0, 0.0], quat), "pose")


@pytest.mark.parametrize("frame", ["", "world", "tcp"])
def test_other_frames_are_refused(frame: str) -> None:
    with pytest.raises(ObservationError, match=f"is in frame '{frame}'; it must be in 'base_link'"):
        messages.tcp_pose_of(messages.pose_stamped(0.0, [0, 0, 0], [1, 0, 0, 0], frame), "pose")


def test_pictures_that_do_not_fit_are_refused() -> None:
    message = messages.image_message(np.zeros((4, 6, 3), np.uint8), 0.0, "f")
    message.encoding = "mono16"
    with pytest.raises(ObservationError, match="encoding 'mono16' is not read"):
        messages.image_of(message, "camera")
    message = messages.image_message(np.zeros((4, 6, 3), np.uint8), 0.0, "f")
    message.data = message.data[:-1]
    with pytest.raises(ObservationError, match="71 bytes for 4 rows of 18; the picture is cut off"):
        messages.image_of(message, "camera")
    message.step = 17
    with pytest.raises(ObservationError, match="do not fit rows of 17 bytes"):
        messages.image_of(message, "camera")


def test_cameras_that_are_not_calibrated_are_refused() -> None:
    camera = CameraModel(np.eye(3, dtype=np.float32), np.eye(4, dtype=np.float32))
    info = messages.camera_info(camera, 10, 10, 0.0, "f")
    info.k = np.zeros(9)
    with pytest.raises(ObservationError, match="is no camera matrix"):
        messages.camera_model_of(info, np.eye(4), "camera")
    info = messages.camera_info(camera, 10, 10, 0.0, "f")
    info.d = [0.1, 0.0, 0.0, 0.0, 0.0]
    with pytest.raises(ObservationError, match="lens distortion"):
        messages.camera_model_of(info, np.eye(4), "camera")


def test_chunks_that_go_back_in_time_or_steer_other_joints_are_refused() -> None:
    quat = np.tile([1.0, 0.0, 0.0, 0.0], (2, 1))
    back = messages.PoseChunk(0.0, np.array([0.2, 0.2]), np.zeros((2, 3)), quat, np.zeros(2))
    with pytest.raises(ObservationError, match="do not rise"):
        messages.chunk_of(messages.chunk_message(back))
    message = messages.chunk_message(back)
    message.joint_names = ["tcp"]
    with pytest.raises(ObservationError, match=r"joints are \['tcp'\]"):
        messages.chunk_of(message)


def test_rotation_matrices_mean_the_same_on_both_sides() -> None:
    quat = np.array([0.5, 0.5, 0.5, 0.5])
    message = messages.pose_stamped(0.0, [0, 0, 0], quat)
    np.testing.assert_allclose(matrix_from_quat(messages.tcp_pose_of(message, "p").quat_wxyz), matrix_from_quat(quat))
