"""The one place where messages are made and read: poses (xyzw here, wxyz elsewhere), pictures, calibration, chunks.

Every `..._of` raises `ObservationError` when a message cannot be used, and says which and why.
"""

from __future__ import annotations

import array
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from builtin_interfaces.msg import Duration
from builtin_interfaces.msg import Time as Stamp
from geometry_msgs.msg import (
    Pose,
    PoseArray,
    PoseStamped,
    Quaternion,
    Transform,
    TransformStamped,
    TwistStamped,
    Vector3,
)
from numpy.typing import ArrayLike, NDArray
from sensor_msgs.msg import CameraInfo, Image, JointState
from std_msgs.msg import Header
from trajectory_msgs.msg import MultiDOFJointTrajectory, MultiDOFJointTrajectoryPoint

from vplanner import types
from vplanner.errors import ObservationError
from vplanner.transforms import make_pose, matrix_from_quat, quat_from_matrix

BASE_FRAME = "base_link"
TCP_FRAME = "tcp"
CHUNK_JOINTS = ("tcp", "gripper")
_CHANNELS = {"rgb8": (0, 1, 2), "bgr8": (2, 1, 0), "rgba8": (0, 1, 2), "bgra8": (2, 1, 0)}

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TcpPose:
    """A measured or wanted TCP pose in the base frame: `position` (3,) [m], `quat_wxyz` (4,), at `stamp_s` [s]."""

    stamp_s: float
    position: Array
    quat_wxyz: Array


@dataclass(frozen=True, slots=True)
class PoseChunk:
    """Absolute TCP targets over time, all in the base frame.

    `times_s` (N,) count from `stamp_s` [s]; the first pose, at time 0, is where the chunk begins. `positions` (N, 3)
    [m], `quats_wxyz` (N, 4), `openings` (N,) in [0, 1]. A chunk without poses means: stop and hold.
    """

    stamp_s: float
    times_s: Array
    positions: Array
    quats_wxyz: Array
    openings: Array


def optical_frame(view: str) -> str:
    """The frame of a camera's pictures (x right, y down, z forward)."""
    return f"{view}_optical_frame"


def stamp_of(seconds: float) -> Stamp:
    """A stamp of seconds since the clock's epoch; what lies before it becomes 0."""
    whole = math.floor(max(seconds, 0.0))
    nanoseconds = min(round((max(seconds, 0.0) - whole) * 1e9), 999_999_999)
    return Stamp(sec=whole, nanosec=nanoseconds)


def seconds_of(stamp: Stamp | Duration) -> float:
    """Seconds of a stamp or duration."""
    return float(stamp.sec) + 1e-9 * float(stamp.nanosec)


def header(stamp_s: float, frame: str) -> Header:
    """A header."""
    return Header(stamp=stamp_of(stamp_s), frame_id=frame)


def quaternion_message(quat_wxyz: ArrayLike) -> Quaternion:
    """A quaternion."""
    w, x, y, z = (float(v) for v in np.asarray(quat_wxyz, dtype=np.float64))
    return Quaternion(x=x, y=y, z=z, w=w)


def quat_wxyz_of(message: Quaternion, what: str) -> Array:
    """The unit quaternion (4,) of a message about `what`; small errors of its length are mended."""
    quat = np.array([message.w, message.x, message.y, message.z], dtype=np.float64)
    length = float(np.linalg.norm(quat))
    if not np.isfinite(length) or abs(length - 1.0) > 1e-2:
        raise ObservationError(f"{what}: quaternion xyzw {[*quat[1:], quat[0]]} is not of length 1")
    return np.asarray(quat / length)


def pose_message(position: ArrayLike, quat_wxyz: ArrayLike) -> Pose:
    """A pose."""
    pose = Pose(orientation=quaternion_message(quat_wxyz))
    pose.position.x, pose.position.y, pose.position.z = (float(v) for v in np.asarray(position, dtype=np.float64))
    return pose


def pose_stamped(stamp_s: float, position: ArrayLike, quat_wxyz: ArrayLike, frame: str = BASE_FRAME) -> PoseStamped:
    """A TCP pose."""
    return PoseStamped(header=header(stamp_s, frame), pose=pose_message(position, quat_wxyz))


def tcp_pose_of(message: PoseStamped, what: str, frame: str = BASE_FRAME) -> TcpPose:
    """The pose in a message about `what`, which must be given in `frame`."""
    _check_frame(message.header.frame_id, frame, what)
    point = message.pose.position
    position = _finite(np.array([point.x, point.y, point.z], dtype=np.float64), f"{what}: position")
    return TcpPose(seconds_of(message.header.stamp), position, quat_wxyz_of(message.pose.orientation, what))


def twist_stamped(stamp_s: float, twist: ArrayLike, frame: str = BASE_FRAME) -> TwistStamped:
    """A velocity (6,) of the TCP: linear [m/s], angular [rad/s]."""
    message = TwistStamped(header=header(stamp_s, frame))
    values = [float(v) for v in np.asarray(twist, dtype=np.float64)]
    linear, angular = message.twist.linear, message.twist.angular
    linear.x, linear.y, linear.z, angular.x, angular.y, angular.z = values
    return message


def twist_of(message: TwistStamped, what: str, frame: str = BASE_FRAME) -> Array:
    """The velocity (6,) [m/s, rad/s] in a message about `what`, which must be given in `frame`."""
    _check_frame(message.header.frame_id, frame, what)
    linear, angular = message.twist.linear, message.twist.angular
    values = np.array([linear.x, linear.y, linear.z, angular.x, angular.y, angular.z], dtype=np.float64)
    return _finite(values, f"{what}: velocity")


def joint_state(stamp_s: float, names: Sequence[str], positions: ArrayLike) -> JointState:
    """Joint angles [rad]."""
    values = array.array("d", np.asarray(positions, dtype=np.float64).tobytes())
    return JointState(header=header(stamp_s, BASE_FRAME), name=list(names), position=values)


def joint_positions_of(message: JointState, names: Sequence[str]) -> types.Float:
    """Angles of the named joints [rad]; of all, in their order, when no name is given."""
    if not names:
        return np.asarray(message.position, dtype=np.float32)
    index = {name: i for i, name in enumerate(message.name)}
    missing = [name for name in names if name not in index]
    if missing or len(message.position) != len(message.name):
        have = ", ".join(message.name)
        raise ObservationError(f"joint_states: no angle of {', '.join(missing) or 'some joints'}; it has: {have}")
    return np.array([message.position[index[name]] for name in names], dtype=np.float32)


def image_message(image: types.Image, stamp_s: float, frame: str) -> Image:
    """A picture uint8 (H, W, 3) RGB. Its bytes go through `array.array`: numpy arrays are copied number by number."""
    height, width = image.shape[:2]
    message = Image(header=header(stamp_s, frame), height=height, width=width, encoding="rgb8", step=3 * width)
    data = array.array("B")
    data.frombytes(np.ascontiguousarray(image, dtype=np.uint8).data)
    message.data = data
    return message


def image_of(message: Image, what: str) -> types.Image:
    """The picture uint8 (H, W, 3) RGB in a message from `what`; rows may be padded."""
    channels = _CHANNELS.get(message.encoding)
    if channels is None:
        valid = ", ".join(_CHANNELS)
        raise ObservationError(f"{what}: encoding '{message.encoding}' is not read; it must be one of {valid}")
    depth = 4 if "a" in message.encoding else 3
    height, width, step = int(message.height), int(message.width), int(message.step)
    if height == 0 or width == 0 or step < depth * width:
        raise ObservationError(f"{what}: {width}x{height} pixels of {message.encoding} do not fit rows of {step} bytes")
    pixels = np.frombuffer(message.data, dtype=np.uint8)
    if pixels.size != height * step:
        raise ObservationError(f"{what}: {pixels.size} bytes for {height} rows of {step}; the picture is cut off")
    rows = pixels.reshape(height, step)[:, : depth * width].reshape(height, width, depth)
    return np.ascontiguousarray(rows[..., list(channels)])


def camera_info(camera: types.CameraModel, width: int, height: int, stamp_s: float, frame: str) -> CameraInfo:
    """Calibration of an ideal pinhole at a resolution."""
    K = np.asarray(camera.intrinsics, dtype=np.float64) * np.array([[width], [height], [1.0]])
    info = CameraInfo(header=header(stamp_s, frame), width=width, height=height, distortion_model="plumb_bob")
    info.d = [0.0] * 5
    info.k = K.ravel()
    info.r = np.eye(3).ravel()
    info.p = np.hstack([K, np.zeros((3, 1))]).ravel()
    return info


def camera_model_of(info: CameraInfo, T_base_cam: ArrayLike, what: str) -> types.CameraModel:
    """The pinhole of `what`, for pictures of any resolution; the picture must be rectified."""
    if info.width == 0 or info.height == 0:
        raise ObservationError(f"{what}: camera_info is for {info.width}x{info.height} pixels")
    if np.abs(np.asarray(info.d, dtype=np.float64)).sum() > 1e-9:
        raise ObservationError(f"{what}: camera_info has lens distortion; give rectified pictures (image_proc)")
    K = _finite(np.asarray(info.k, dtype=np.float64).reshape(3, 3), f"{what}: camera_info.k")
    if K[0, 0] <= 0.0 or K[1, 1] <= 0.0 or K[2, 2] != 1.0:
        raise ObservationError(f"{what}: camera_info.k {K.ravel().tolist()} is no camera matrix; is it calibrated?")
    unit = K / np.array([[info.width], [info.height], [1.0]])
    return types.CameraModel(unit.astype(np.float32), np.asarray(T_base_cam, dtype=np.float32))


def transform_stamped(stamp_s: float, parent: str, child: str, T: ArrayLike) -> TransformStamped:
    """A homogeneous transform (4, 4)."""
    pose = np.asarray(T, dtype=np.float64)
    x, y, z = (float(v) for v in pose[:3, 3])
    transform = Transform(
        translation=Vector3(x=x, y=y, z=z), rotation=quaternion_message(quat_from_matrix(pose[:3, :3]))
    )
    return TransformStamped(header=header(stamp_s, parent), child_frame_id=child, transform=transform)


def matrix_of(message: TransformStamped, what: str) -> Array:
    """The homogeneous transform (4, 4) in a message about `what`, which must start from the base frame."""
    _check_frame(message.header.frame_id, BASE_FRAME, what)
    moved, turned = message.transform.translation, message.transform.rotation
    position = _finite(np.array([moved.x, moved.y, moved.z], dtype=np.float64), f"{what}: translation")
    return make_pose(matrix_from_quat(quat_wxyz_of(turned, what)), position)


def chunk_message(chunk: PoseChunk) -> MultiDOFJointTrajectory:
    """TCP targets as the executor takes them: per point the pose, then the gripper opening in x."""
    points = []
    rows = zip(chunk.times_s, chunk.positions, chunk.quats_wxyz, chunk.openings, strict=True)
    for time_s, position, quat, opening in rows:
        x, y, z = (float(v) for v in position)
        tcp = Transform(translation=Vector3(x=x, y=y, z=z), rotation=quaternion_message(quat))
        gripper = Transform(translation=Vector3(x=float(opening)))
        since = stamp_of(float(time_s))
        points.append(
            MultiDOFJointTrajectoryPoint(
                transforms=[tcp, gripper], time_from_start=Duration(sec=since.sec, nanosec=since.nanosec)
            )
        )
    return MultiDOFJointTrajectory(
        header=header(chunk.stamp_s, BASE_FRAME), joint_names=list(CHUNK_JOINTS), points=points
    )


def chunk_of(message: MultiDOFJointTrajectory) -> PoseChunk:
    """The TCP targets in a message. Times must rise; openings and positions must be finite."""
    _check_frame(message.header.frame_id, BASE_FRAME, "chunk")
    if tuple(message.joint_names) != CHUNK_JOINTS:
        raise ObservationError(f"chunk: joints are {list(message.joint_names)}; they must be {list(CHUNK_JOINTS)}")
    if any(len(point.transforms) != len(CHUNK_JOINTS) for point in message.points):
        raise ObservationError("chunk: every point must have two transforms, for tcp and gripper")
    moved = [[point.transforms[0].translation, point.transforms[1].translation] for point in message.points]
    times = np.array([seconds_of(point.time_from_start) for point in message.points], dtype=np.float64)
    positions = np.array([[tcp.x, tcp.y, tcp.z] for tcp, _ in moved], dtype=np.float64).reshape(-1, 3)
    quats = [quat_wxyz_of(point.transforms[0].rotation, f"chunk: pose {i}") for i, point in enumerate(message.points)]
    openings = np.array([gripper.x for _, gripper in moved], dtype=np.float64)
    for name, values in (("times", times), ("positions", positions), ("openings", openings)):
        _finite(values, f"chunk: {name}")
    if len(times) and (times[0] < 0.0 or (np.diff(times) <= 0.0).any()):
        raise ObservationError(f"chunk: times {times.tolist()} do not rise from 0 or later")
    return PoseChunk(seconds_of(message.header.stamp), times, positions, np.reshape(quats, (-1, 4)), openings)


def pose_array(chunk: PoseChunk) -> PoseArray:
    """The poses of a chunk, for people to look at."""
    poses = [pose_message(p, q) for p, q in zip(chunk.positions, chunk.quats_wxyz, strict=True)]
    return PoseArray(header=header(chunk.stamp_s, BASE_FRAME), poses=poses)


def _check_frame(given: str, wanted: str, what: str) -> None:
    if given != wanted:
        raise ObservationError(f"{what}: is in frame '{given}'; it must be in '{wanted}'")


def _finite(values: Array, what: str) -> Array:
    if not np.isfinite(values).all():
        raise ObservationError(f"{what} is not finite: {values.tolist()}")
    return values
