"""Pictures and poses in, calibrations out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, FiniteFloat, TypeAdapter, ValidationError

from vplanner.calibration.intrinsics import Intrinsics
from vplanner.errors import InputError
from vplanner.run_folder import write_whole
from vplanner.transforms import Array, make_pose, matrix_from_quat, quat_from_matrix
from vplanner.types import CameraModel, Image

_KINDS = frozenset({".png", ".jpg", ".jpeg"})
PARENTS = ("base_link", "tcp")


class Pose(BaseModel):
    """A pose in a file: [m] and a quaternion of any length but zero."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    position: tuple[FiniteFloat, FiniteFloat, FiniteFloat]
    quat_wxyz: tuple[FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat]

    def matrix(self) -> Array:
        """(4, 4)."""
        return make_pose(matrix_from_quat(self.quat_wxyz), self.position)


class _Camera(Pose):
    parent: str
    image_width: int
    image_height: int
    camera_matrix: list[FiniteFloat]


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What is known of one camera; `T_parent_cam` (4, 4) in `base_link` or, for a camera on the hand, in `tcp`."""

    view: str
    parent: str
    intrinsics: Intrinsics
    T_parent_cam: Array
    error_px: float
    pictures: int


def read_pictures(folder: Path) -> dict[str, Image]:
    """Grey pictures (H, W) by file name. Raises `InputError` when there are none, or their sizes differ."""
    if not folder.is_dir():
        raise InputError(f"{folder}: is not a folder of pictures")
    pictures: dict[str, Image] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in _KINDS:
            picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
            if picture is None:
                raise InputError(f"{path}: is no picture that can be read")
            pictures[path.name] = np.asarray(picture, np.uint8)
    if not pictures:
        raise InputError(f"{folder}: there are no pictures in it ({', '.join(sorted(_KINDS))})")
    shapes = {picture.shape: name for name, picture in pictures.items()}
    if len(shapes) > 1:
        sizes = ", ".join(f"{name} is {shape[1]}x{shape[0]}" for shape, name in shapes.items())
        raise InputError(f"{folder}: the pictures differ in size: {sizes}")
    return pictures


def read_poses(path: Path) -> dict[str, Array]:
    """T_base_tcp (4, 4) by picture: `{"a.png": {"position": [x, y, z], "quat_wxyz": [w, x, y, z]}, ...}` in JSON.

    Raises `InputError` when the file cannot be read so.
    """
    try:
        poses = TypeAdapter(dict[str, Pose]).validate_python(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(
            f"{path}: {where}: {first['msg']}; give position [m] and quat_wxyz for every picture"
        ) from error
    for name, pose in poses.items():
        if np.linalg.norm(pose.quat_wxyz) < 1e-6:
            raise InputError(f"{path}: {name}: quat_wxyz is zero")
    return {name: pose.matrix() for name, pose in poses.items()}


def write_calibration(path: Path, camera: Calibrated) -> Path:
    """Put the camera into the file of cameras, beside others that are there; returns ROS's camera_info file beside it.

    Raises:
        InputError: The file is there and holds no cameras.
        StorageError: It cannot be written.
    """
    content = _content(path) if path.exists() else {}
    quat = quat_from_matrix(camera.T_parent_cam[:3, :3])
    content[camera.view] = {
        "parent": camera.parent,
        "position": _rounded(camera.T_parent_cam[:3, 3]),
        "quat_wxyz": _rounded(quat),
        "image_width": camera.intrinsics.size[0],
        "image_height": camera.intrinsics.size[1],
        "camera_matrix": _rounded(camera.intrinsics.K),
        "distortion_coefficients": _rounded(camera.intrinsics.distortion),
        "reprojection_error_px": round(camera.error_px, 4),
        "pictures": camera.pictures,
    }
    info = path.with_name(f"{path.stem}_{camera.view}_camera_info.yaml")
    _write(
        path, content, "# Cameras, by `vplanner calibrate`: pose in the frame `parent` ([m], wxyz), OpenCV's axes.\n"
    )
    _write(info, _camera_info(camera), "# For camera drivers (camera_info_url).\n")
    return info


def read_cameras(path: Path) -> dict[str, CameraModel]:
    """The cameras of a file that stand in the base's frame; pictures are taken to be rectified.

    Raises `InputError` when the file cannot be read.
    """
    models: dict[str, CameraModel] = {}
    for view, content in _content(path).items():
        try:
            camera = _Camera.model_validate(content)
        except ValidationError as error:
            first = error.errors()[0]
            raise InputError(f"{path}: {view}.{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
        if camera.parent == PARENTS[0]:
            unit = np.diag([1.0 / camera.image_width, 1.0 / camera.image_height, 1.0])
            K = unit @ np.reshape(camera.camera_matrix, (3, 3))
            models[view] = CameraModel(K.astype(np.float32), camera.matrix().astype(np.float32))
    return models


def _content(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    if not isinstance(content, dict) or not all(isinstance(value, Mapping) for value in content.values()):
        raise InputError(f"{path}: holds no cameras; give another file, or none")
    return content


def _camera_info(camera: Calibrated) -> dict[str, Any]:
    """ROS's format; the projection matrix is that of rectified pictures with the same focal lengths."""
    K = camera.intrinsics.K
    projection = np.hstack([K, np.zeros((3, 1))])

    def matrix(values: Array) -> dict[str, Any]:
        return {"rows": values.shape[0], "cols": values.shape[1], "data": _rounded(values)}

    return {
        "image_width": camera.intrinsics.size[0],
        "image_height": camera.intrinsics.size[1],
        "camera_name": camera.view,
        "camera_matrix": matrix(K),
        "distortion_model": "plumb_bob",
        "distortion_coefficients": matrix(camera.intrinsics.distortion[None]),
        "rectification_matrix": matrix(np.eye(3)),
        "projection_matrix": matrix(projection),
    }


def _rounded(values: Array) -> list[float]:
    return [round(float(value), 9) for value in np.ravel(values)]


def _write(path: Path, content: dict[str, Any], title: str) -> None:
    write_whole(path, title + yaml.safe_dump(content, sort_keys=False, default_flow_style=None))
