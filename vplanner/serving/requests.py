"""What a client sends, checked: one message becomes one observation, an instruction, and perhaps a reset.

| key | value |
|---|---|
| `prompt` | the instruction, text |
| `observation/image/CAMERA` | uint8 (H, W, 3) RGB, square |
| `observation/position` | (3,) TCP in the base frame [m] |
| `observation/quat_wxyz` | (4,) unit quaternion of the TCP |
| `observation/gripper_opening` | number or (1,), in [0, 1] |
| `observation/joint_positions` | (N,) [rad] |
| `observation/time_s` | optional number [s] |
| `observation/intrinsics/CAMERA` | optional (3, 3) for an image of width 1 and height 1, instead of the bundle's |
| `observation/T_base_cam/CAMERA` | optional (4, 4), together with the former |
| `reset` | optional, true to begin the instruction anew |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vplanner.bundle import Manifest
from vplanner.errors import ObservationError
from vplanner.observation import check_observation
from vplanner.serving.refusals import RequestError
from vplanner.serving.wire import Message
from vplanner.types import CameraFrame, CameraModel, Float, Image, Observation, RobotState

_MOST_JOINTS = 32
_FURTHEST_M = 100.0
_LONGEST_PROMPT = 1000
_LARGEST_IMAGE = 4096  # [pixel]
_ROTATION_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """A checked request."""

    observation: Observation
    prompt: str
    reset: bool


class RequestReader:
    """Turns messages into requests for one bundle."""

    def __init__(self, manifest: Manifest, least_size: int) -> None:
        """Read pictures of the bundle's views, at least `least_size` [pixel] wide."""
        self._views = manifest.views
        self._least_size = least_size
        self._cameras = {
            view: CameraModel(np.array(spec.intrinsics, np.float32), np.array(spec.T_base_cam, np.float32))
            for view, spec in manifest.cameras.items()
        }
        self._needed = (
            "prompt",
            *(f"observation/{name}" for name in ("position", "quat_wxyz", "gripper_opening", "joint_positions")),
            *(f"observation/image/{view}" for view in self._views),
        )
        self._optional = (
            "reset",
            "observation/time_s",
            *(f"observation/{part}/{view}" for view in self._views for part in ("intrinsics", "T_base_cam")),
        )

    @property
    def keys(self) -> dict[str, list[str]]:
        """The keys of a request: those that it must have, and others."""
        return {"needed": list(self._needed), "optional": list(self._optional)}

    def read(self, message: Message) -> PlanRequest:
        """The request of a message.

        Raises:
            RequestError: A key is missing or unknown, or its value is of another kind or shape.
            ObservationError: A value is not finite, or otherwise nothing that can be observed.
        """
        missing = [key for key in self._needed if key not in message]
        if missing:
            raise RequestError(f"missing: {', '.join(missing)}")
        unknown = [key for key in message if key not in self._needed and key not in self._optional]
        if unknown:
            known = ", ".join((*self._needed, *self._optional))
            raise RequestError(f"unknown: {', '.join(repr(key[:60]) for key in unknown[:4])}; the keys are: {known}")
        reset = message.get("reset", False)
        if isinstance(reset, np.ndarray) and reset.shape == () and reset.dtype == np.bool_:
            reset = bool(reset)
        if not isinstance(reset, bool):
            raise RequestError(f"reset is a {type(reset).__name__}; it must be true or false")
        return PlanRequest(self._observation(message), _prompt(message["prompt"]), reset)

    def _observation(self, message: Message) -> Observation:
        joints = _array(message, "observation/joint_positions", (None,))
        if len(joints) > _MOST_JOINTS:
            raise RequestError(
                f"observation/joint_positions has {len(joints)} numbers; at most {_MOST_JOINTS} are read"
            )
        opening = _number(message, "observation/gripper_opening")
        if not -0.01 <= opening <= 1.01:  # measured openings scatter around their ends
            raise ObservationError(f"observation/gripper_opening is {opening:.3f}; it must be 0 (closed) to 1 (open)")
        position = _array(message, "observation/position", (3,))
        if np.abs(position).max() > _FURTHEST_M:
            raise ObservationError(f"observation/position is {position.tolist()}; it must be in metres")
        robot = RobotState(
            joints, position, _array(message, "observation/quat_wxyz", (4,)), min(max(opening, 0.0), 1.0)
        )
        time_s = _number(message, "observation/time_s") if "observation/time_s" in message else 0.0
        frames = tuple(
            CameraFrame(view, _image(message, f"observation/image/{view}"), self._camera(message, view))
            for view in self._views
        )
        observation = Observation(time_s, frames, robot)
        check_observation(observation, self._views, self._least_size)
        return observation

    def _camera(self, message: Message, view: str) -> CameraModel:
        """The calibration that came with the message, or that of the bundle."""
        names = [f"observation/{part}/{view}" for part in ("intrinsics", "T_base_cam")]
        given = [name in message for name in names]
        if not any(given):
            if view not in self._cameras:
                raise RequestError(f"missing: {' and '.join(names)}; the bundle has no calibration of this camera")
            return self._cameras[view]
        if not all(given):
            raise RequestError(
                f"{names[given.index(True)]} came without {names[given.index(False)]}; give both or none"
            )
        K, T = _array(message, names[0], (3, 3)), _array(message, names[1], (4, 4))
        if not (0.0 < K[0, 0] < 20.0 and 0.0 < K[1, 1] < 20.0 and np.allclose(K[2], (0, 0, 1))):
            raise ObservationError(f"{names[0]}: K must be that of an image of width 1 and height 1 (divide by pixels)")
        turned = np.abs(T[:3, :3] @ T[:3, :3].T - np.eye(3)).max() < _ROTATION_TOLERANCE
        if not (turned and np.linalg.det(T[:3, :3]) > 0.0 and np.allclose(T[3], (0, 0, 0, 1))):
            raise ObservationError(f"{names[1]} is no pose: rotation (3, 3), translation [m], last row 0 0 0 1")
        return CameraModel(K, T)


def _prompt(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= _LONGEST_PROMPT:
        said = f"has {len(value)} characters" if isinstance(value, str) else f"is a {type(value).__name__}"
        raise RequestError(f"prompt {said}; it must be text of 1 to {_LONGEST_PROMPT} characters")
    return value


def _image(message: Message, key: str) -> Image:
    value = message[key]
    if not isinstance(value, np.ndarray):
        raise RequestError(f"{key} is a {type(value).__name__}; it must be an array uint8 (H, W, 3)")
    if value.dtype != np.uint8 or value.ndim != 3 or value.shape[2] != 3:
        raise RequestError(f"{key} is {value.dtype} {value.shape}; it must be uint8 (H, W, 3) RGB")
    if max(value.shape) > _LARGEST_IMAGE:
        raise RequestError(
            f"{key} is {value.shape[1]}x{value.shape[0]}; at most {_LARGEST_IMAGE} pixels a side are read"
        )
    return value


def _array(message: Message, key: str, shape: Sequence[int | None]) -> Float:
    """An array or list of finite numbers; None in `shape` is any length."""
    value = message[key]
    if isinstance(value, list) and all(type(item) in (int, float) for item in value):
        value = np.array(value, np.float64)
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "iuf":
        said = value.dtype if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
        raise RequestError(f"{key} is {said}; it must be an array of numbers")
    if value.ndim != len(shape) or any(
        want is not None and have != want for have, want in zip(value.shape, shape, strict=True)
    ):
        wanted = ", ".join("N" if want is None else str(want) for want in shape)
        raise RequestError(f"{key} has shape {value.shape}; it must be ({wanted})")
    with np.errstate(over="ignore"):
        array = np.ascontiguousarray(value, np.float32)
    if not np.isfinite(array).all():
        raise ObservationError(f"{key} is not finite")
    return array


def _number(message: Message, key: str) -> float:
    """A finite number, alone or as an array of one."""
    value = message[key]
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf" and value.shape in ((), (1,)):
        value = value.reshape(()).item()
    if type(value) not in (int, float):
        said = f"{value.dtype} {value.shape}" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
        raise RequestError(f"{key} is {said}; it must be one number")
    if not np.isfinite(value):
        raise ObservationError(f"{key} is not finite")
    return float(value)
