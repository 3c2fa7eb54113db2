"""One recorded episode, and the cameras that all episodes of a data set share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from vplanner.data import schema
from vplanner.data.schema import Field
from vplanner.errors import InputError
from vplanner.run_folder import write_json
from vplanner.types import CameraModel, Float, Image


@dataclass(frozen=True, slots=True)
class Episode:
    """`N` rows in time order; the action of a row leads to the next row, and is zero in the last one."""

    task: str
    behaviour: str
    instruction: str
    seed: int
    images: Image
    """(N, V, H, W, 3) RGB."""
    state: Float
    """(N, 15) as `schema.STATE` names it."""
    action: Float
    """(N, 7)."""
    expert_action: Float
    """(N, 7)."""
    skill: int
    source_xyz: Float
    """(N, 3) [m]."""
    target_xyz: Float
    """(N, 3) [m]."""
    progress: Float
    """(N,)."""
    success: Float
    """(N,)."""
    noisy: Float
    """(N,)."""

    def __len__(self) -> int:
        """Return the number of rows N."""
        return len(self.state)

    @property
    def succeeded(self) -> bool:
        """Whether the sub-goal is reached at the end."""
        return bool(self.success[-1] > 0.5)

    def column(self, field: Field) -> NDArray[np.float32] | NDArray[np.int64]:
        """Return the values (N, size) of one recorded field."""
        columns: dict[Field, NDArray[np.float32] | NDArray[np.int64]] = {
            schema.STATE: self.state,
            schema.ACTION: self.action,
            schema.EXPERT_ACTION: self.expert_action,
            schema.SKILL: np.full(len(self), self.skill, np.int64),
            schema.SOURCE_XYZ: self.source_xyz,
            schema.TARGET_XYZ: self.target_xyz,
            schema.PROGRESS: self.progress,
            schema.SUCCESS: self.success,
            schema.NOISY: self.noisy,
        }
        return columns[field].reshape(len(self), field.size)


@dataclass(frozen=True, slots=True)
class NamedCamera:
    """A camera's name and its nominal calibration."""

    name: str
    model: CameraModel


def save_cameras(root: Path, cameras: tuple[NamedCamera, ...], image_size: int) -> None:
    """Write the calibration beside LeRobot's own metadata."""
    entries: list[JsonValue] = [
        {
            "name": camera.name,
            "intrinsics": np.asarray(camera.model.intrinsics, float).tolist(),
            "T_base_cam": np.asarray(camera.model.T_base_cam, float).tolist(),
        }
        for camera in cameras
    ]
    write_json(root / schema.CAMERAS_PATH, {"image_size": image_size, "cameras": entries})


def load_cameras(root: Path) -> tuple[tuple[NamedCamera, ...], int]:
    """Return the cameras in view order, and the side of their square pictures in pixels.

    Raises:
        InputError: if the data set has no calibration.
    """
    path = root / schema.CAMERAS_PATH
    if not path.is_file():
        raise InputError(f"{path} is missing; a data set from `vplanner collect` has it")
    content = json.loads(path.read_text())
    cameras = tuple(
        NamedCamera(
            name=entry["name"],
            model=CameraModel(
                intrinsics=np.asarray(entry["intrinsics"], np.float32),
                T_base_cam=np.asarray(entry["T_base_cam"], np.float32),
            ),
        )
        for entry in content["cameras"]
    )
    return cameras, int(content["image_size"])
