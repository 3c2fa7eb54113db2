"""Observations from picture files of the simulated cameras."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from vplanner.errors import InputError
from vplanner.sim_robot import calibration, make_env
from vplanner.types import CameraFrame, Image, Observation, RobotState


def read_pictures(files: Sequence[Path]) -> Observation:
    """One picture of each camera, in the order of the views, with the simulator's calibration and an arm at rest.

    Raises:
        InputError: A file is no picture.
        MissingDependencyError: The simulator is not installed.
    """
    images = [_read(file) for file in files]
    env = make_env("reach")
    cameras = calibration(env).items()
    frames = tuple(CameraFrame(name, image, camera) for (name, camera), image in zip(cameras, images, strict=True))
    env.close()
    robot = RobotState(
        joint_positions=np.zeros(7, dtype=np.float32),
        position=np.zeros(3, dtype=np.float32),
        quat_wxyz=np.array([1, 0, 0, 0], dtype=np.float32),
        gripper_opening=1.0,
    )
    return Observation(0.0, frames, robot)


def _read(file: Path) -> Image:
    picture = cv2.imread(str(file), cv2.IMREAD_COLOR) if file.is_file() else None
    if picture is None:
        raise InputError(f"{file}: no picture that can be read; give a PNG or JPEG file")
    return np.asarray(picture[..., ::-1], dtype=np.uint8)
