"""Checks what robot and cameras report before anything is computed from it, and says where steps would lead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from vplanner.errors import ObservationError
from vplanner.transforms import integrate_steps, matrix_from_quat, quat_from_matrix
from vplanner.types import CameraFrame, Float, Observation, RobotState


def frame_of(observation: Observation, camera: str) -> CameraFrame:
    """The frame of the named camera. Raises `ObservationError` when there is none."""
    for frame in observation.frames:
        if frame.name == camera:
            return frame
    have = ", ".join(frame.name for frame in observation.frames) or "none"
    raise ObservationError(f"camera '{camera}' is missing; the observation has: {have}")


def check_observation(observation: Observation, views: Sequence[str], least_size: int) -> None:
    """Raise `ObservationError` unless every view is a square picture of `least_size` or more and all is finite."""
    for view in views:
        _check_frame(frame_of(observation, view), least_size)
    robot = observation.robot
    for name, value, shape in (
        ("joint_positions", robot.joint_positions, None),
        ("position", robot.position, (3,)),
        ("quat_wxyz", robot.quat_wxyz, (4,)),
        ("gripper_opening", np.asarray(robot.gripper_opening), ()),
    ):
        array = np.asarray(value)
        if shape is not None and array.shape != shape:
            raise ObservationError(f"robot.{name} has shape {array.shape}; it must be {shape}")
        if not np.isfinite(array).all():
            raise ObservationError(f"robot.{name} is not finite: {array.tolist()}")
    length = float(np.linalg.norm(robot.quat_wxyz))
    if abs(length - 1.0) > 1e-2:
        raise ObservationError(f"robot.quat_wxyz has length {length:.3f}; it must be a unit quaternion")


def _check_frame(frame: CameraFrame, least_size: int) -> None:
    image = frame.image
    if image.dtype != np.uint8:
        raise ObservationError(f"camera '{frame.name}': pixels are {image.dtype}; they must be uint8")
    if image.ndim != 3 or image.shape[2] != 3:
        raise ObservationError(f"camera '{frame.name}': picture is {image.shape}; it must be (H, W, 3) RGB")
    height, width = image.shape[:2]
    if height != width or height < least_size:
        raise ObservationError(
            f"camera '{frame.name}': picture is {width}x{height}; it must be square, {least_size}x{least_size} or more"
        )
    if not (np.isfinite(frame.camera.intrinsics).all() and np.isfinite(frame.camera.T_base_cam).all()):
        raise ObservationError(f"camera '{frame.name}': calibration is not finite")


def after_steps(observation: Observation, steps: Float) -> Observation:
    """The observation with the robot where steps (k, 7) would bring it; pictures stay as they were."""
    robot = observation.robot
    positions, rotations = integrate_steps(robot.position, matrix_from_quat(robot.quat_wxyz), steps)
    moved = RobotState(
        joint_positions=robot.joint_positions,
        position=positions[-1].astype(np.float32),
        quat_wxyz=quat_from_matrix(rotations[-1]).astype(np.float32),
        gripper_opening=float(np.clip(steps[-1, 6], 0.0, 1.0)),
    )
    return replace(observation, robot=moved)
