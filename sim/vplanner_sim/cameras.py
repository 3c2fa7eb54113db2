"""Where the cameras are, and their pinhole models."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class CameraSpec:
    """A camera on the world or on a robot body; it stands at `eye` and looks at `target` [m], `fovy_deg` high."""

    name: str
    mount: str
    eye: tuple[float, float, float]
    target: tuple[float, float, float]
    up: tuple[float, float, float]
    fovy_deg: float


@dataclass(frozen=True, slots=True)
class SimCamera:
    """Pinhole camera, OpenCV's convention: K (3, 3) for a unit-size square image, pose (4, 4) in the base frame [m]."""

    name: str
    intrinsics: NDArray[np.float64]
    T_base_cam: NDArray[np.float64]


CAMERAS: dict[str, CameraSpec] = {
    spec.name: spec
    for spec in (
        CameraSpec("front", "world", (1.22, 0.0, 0.62), (0.5, 0.0, 0.1), (0, 0, 1), 38.0),
        CameraSpec("side", "world", (0.52, 0.85, 0.62), (0.52, 0.0, 0.1), (0, 0, 1), 38.0),
        CameraSpec("wrist", "hand", (0.07, 0.0, 0.02), (0.015, 0.0, 0.16), (1, 0, 0), 70.0),
    )
}


def look_at(spec: CameraSpec) -> NDArray[np.float64]:
    """Rotation (3, 3) of a MuJoCo camera (x right, y up, looking along -z) for `spec`, in the frame of its mount."""
    back = np.asarray(spec.eye, float) - np.asarray(spec.target, float)
    back /= np.linalg.norm(back)
    right = np.cross(np.asarray(spec.up, float), back)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(back, right), back], axis=1)


def camera_xml(spec: CameraSpec) -> str:
    """MJCF of one camera."""
    R = look_at(spec)
    axes = " ".join(f"{v:.9g}" for v in (*R[:, 0], *R[:, 1]))
    pos = " ".join(f"{v:.9g}" for v in spec.eye)
    return f'<camera name="{spec.name}" pos="{pos}" xyaxes="{axes}" fovy="{spec.fovy_deg}"/>'


def pinhole(
    fovy_rad: float, position: NDArray[np.float64], R_mujoco: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """K for a unit-size square image, and T_base_cam, from a MuJoCo camera's field of view and pose."""
    f = 0.5 / np.tan(fovy_rad / 2)
    K = np.array([[f, 0, 0.5], [0, f, 0.5], [0, 0, 1.0]])
    T = np.eye(4)
    T[:3, :3] = R_mujoco @ np.diag([1.0, -1.0, -1.0])  # OpenCV looks along +z with y down
    T[:3, 3] = position
    return K, T


def nominal_camera(model: mujoco.MjModel, data: mujoco.MjData, name: str) -> SimCamera:
    """Calibration of a camera as designed (world mounts) or as the kinematics place it now (robot mounts)."""
    spec = CAMERAS[name]
    R, p = look_at(spec), np.asarray(spec.eye, float)
    if spec.mount != "world":
        body = model.body(spec.mount).id
        R_body = data.xmat[body].reshape(3, 3)
        R, p = R_body @ R, R_body @ p + data.xpos[body]
    K, T = pinhole(np.deg2rad(spec.fovy_deg), p, R)
    return SimCamera(name, K, T)
