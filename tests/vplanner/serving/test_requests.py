from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vplanner.bundle import Manifest, load_bundle
from vplanner.errors import ObservationError, VPlannerError
from vplanner.serving.refusals import RequestError
from vplanner.serving.requests import RequestReader
from vplanner.serving.wire import Message, pack, unpack
from vplanner.types import Observation

from .conftest import changed

EYE = np.eye(4)


@pytest.fixture
def manifest(bundle_folder: Path) -> Manifest:
    return load_bundle(bundle_folder).manifest


@pytest.fixture
def reader(manifest: Manifest) -> RequestReader:
    return RequestReader(manifest, 64)


def test_a_request_says_what_was_observed(reader: RequestReader, message: Message, observation: Observation) -> None:
    request = reader.read(unpack(pack(message)))
    assert (request.prompt, request.reset) == ("put the cube in the bowl", False)
    seen = request.observation
    for one, other in zip(seen.frames, observation.frames, strict=True):
        assert one.name == other.name
        assert np.array_equal(one.image, other.image)
        assert np.array_equal(one.camera.intrinsics, other.camera.intrinsics)
        assert np.array_equal(one.camera.T_base_cam, other.camera.T_base_cam)
    for name in ("position", "quat_wxyz", "joint_positions", "gripper_opening"):
        assert np.array_equal(getattr(seen.robot, name), getattr(observation.robot, name))


@pytest.mark.parametrize("kind", ["<f8", "<f2", ">f4"])
def test_numbers_may_have_any_width(reader: RequestReader, message: Message, kind: str) -> None:
    other = changed(message, observation__position=np.array([0.5, 0.0, 0.25], kind), reset=np.bool_(True))
    request = reader.read(unpack(pack(other)))
    assert request.reset
    assert request.observation.robot.position.tolist() == [0.5, 0.0, 0.25]
    assert request.observation.robot.position.dtype == np.float32


def test_calibration_is_the_bundles_where_none_comes(manifest: Manifest, message: Message) -> None:
    K, T = [[1.3, 0, 0.5], [0, 1.3, 0.5], [0, 0, 1]], EYE.tolist()
    known = {view: {"intrinsics": K, "T_base_cam": T} for view in manifest.views}
    calibrated = Manifest.model_validate({**manifest.model_dump(), "cameras": known})
    bare = {key: value for key, value in message.items() if "intrinsics" not in key and "T_base_cam" not in key}
    frames = RequestReader(calibrated, 64).read(bare).observation.frames
    assert all(np.allclose(frame.camera.intrinsics, K) for frame in frames)
    with pytest.raises(RequestError, match="the bundle has no calibration"):
        RequestReader(manifest, 64).read(bare)


@pytest.mark.parametrize(
    ("changes", "error", "reason"),
    [
        ({"prompt": None}, RequestError, "missing: prompt"),
        ({"prompt": " "}, RequestError, "prompt has 1 characters"),
        ({"prompt": "x" * 1001}, RequestError, "prompt has 1001 characters"),
        ({"prompt": b"go"}, RequestError, "prompt is a bytes"),
        ({"observation__image__front": None}, RequestError, "missing: observation/image/front"),
        ({"observation__image__frnt": 1}, RequestError, "unknown: 'observation/image/frnt'; the keys are: prompt"),
        ({"observation__image__front": np.zeros((64, 64, 3))}, RequestError, r"is float64 \(64, 64, 3\)"),
        ({"observation__image__front": np.full((64, 64, 3), np.nan, "f4")}, RequestError, "must be uint8"),
        ({"observation__image__front": np.zeros((3, 64, 64), np.uint8)}, RequestError, r"\(H, W, 3\) RGB"),
        ({"observation__image__front": np.zeros((64, 80, 3), np.uint8)}, ObservationError, "must be square"),
        ({"observation__image__front": np.zeros((32, 32, 3), np.uint8)}, ObservationError, "64x64 or more"),
        ({"observation__image__front": np.zeros((5000, 1, 3), np.uint8)}, RequestError, "at most 4096 pixels"),
        ({"observation__image__front": [[1]]}, RequestError, "is a list"),
        ({"observation__position": np.array([0.5, np.nan, 0.2])}, ObservationError, "position is not finite"),
        ({"observation__position": np.array([0.5, 1e300, 0.2])}, ObservationError, "position is not finite"),
        ({"observation__position": np.array([500, 0, 200])}, ObservationError, "must be in metres"),
        ({"observation__position": np.zeros(4)}, RequestError, r"has shape \(4,\); it must be \(3\)"),
        ({"observation__position": np.zeros(3, bool)}, RequestError, "must be an array of numbers"),
        ({"observation__position": "here"}, RequestError, "is a str"),
        ({"observation__position": [0.5, "x", 0.2]}, RequestError, "is a list"),
        ({"observation__quat_wxyz": np.zeros(4)}, ObservationError, "unit quaternion"),
        ({"observation__joint_positions": np.zeros(33)}, RequestError, "at most 32"),
        ({"observation__gripper_opening": 2.0}, ObservationError, "gripper_opening is 2.000"),
        ({"observation__gripper_opening": np.zeros(2)}, RequestError, "must be one number"),
        ({"observation__gripper_opening": float("nan")}, ObservationError, "not finite"),
        ({"observation__gripper_opening": True}, RequestError, "is a bool"),
        ({"observation__time_s": float("inf")}, ObservationError, "not finite"),
        ({"observation__intrinsics__front": None}, RequestError, "came without"),
        ({"observation__intrinsics__front": 600.0 * np.eye(3)}, ObservationError, "divide by pixels"),
        ({"observation__T_base_cam__front": 2.0 * EYE}, ObservationError, "is no pose"),
        ({"observation__T_base_cam__front": np.diag([1.0, 1.0, -1.0, 1.0])}, ObservationError, "is no pose"),
        ({"reset": 1}, RequestError, "reset is a int"),
    ],
)
def test_what_is_wrong_is_named(
    reader: RequestReader, message: Message, changes: dict[str, Any], error: type[VPlannerError], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        reader.read(changed(message, **changes))
