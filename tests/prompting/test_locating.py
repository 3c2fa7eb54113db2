from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vplanner.prompting.locating import _ground, _peaks, resize
from vplanner.transforms import project
from vplanner.types import CameraFrame, CameraModel, Float

CELLS = 32


def camera(eye: tuple[float, float, float]) -> CameraModel:
    """Looks from `eye` at the middle of the table."""
    forward = np.array([0.5, 0.0, 0.05]) - eye
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0, 0, 1])
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(forward, right), forward], axis=1)
    pose[:3, 3] = eye
    return CameraModel(np.array([[1.3, 0, 0.5], [0, 1.3, 0.5], [0, 0, 1]], np.float32), pose.astype(np.float32))


def frames() -> list[CameraFrame]:
    picture = np.zeros((128, 128, 3), np.uint8)
    eyes = {"front": (1.2, 0.0, 0.6), "side": (0.5, 0.85, 0.6)}
    return [CameraFrame(name, picture, camera(eye)) for name, eye in eyes.items()]


HALF_CELLS = np.array([2.0, 1.0])


def heat_at(uv: Float, height: float = 12.0) -> tuple[Float, Float, Float, float]:
    """Heat, offsets, box sides and presence that a perfect network would give for a thing at `uv`."""
    rows, columns = np.mgrid[:CELLS, :CELLS]
    way = np.stack([uv[0] * CELLS - columns - 0.5, uv[1] * CELLS - rows - 0.5])
    heat = height - np.square(way).sum(0)
    half = HALF_CELLS[:, None, None]
    return heat, way, np.concatenate([half - way, half + way]), float(np.logaddexp.reduce(heat.ravel()))


@settings(max_examples=30, deadline=None)
@given(x=st.floats(0.36, 0.66), y=st.floats(-0.2, 0.2), z=st.floats(0.0, 0.2))
def test_a_point_seen_by_both_cameras_is_found_where_it_is(x: float, y: float, z: float) -> None:
    views = [_peaks(*heat_at(project(frame.camera, [x, y, z])[0])) for frame in frames()]
    found = _ground("red cube", frames(), views)
    np.testing.assert_allclose(found.position, [x, y, z], atol=1e-4)
    assert found.confidence > 0.9
    assert [point.camera for point in found.points] == ["front", "side"]
    for point, box in zip(found.points, found.boxes, strict=True):
        assert box.camera == point.camera
        sides = np.array([[box.left, box.right], [box.top, box.bottom]])
        right = np.array([[point.u], [point.v]]) + HALF_CELLS[:, None] / CELLS * np.array([-1.0, 1.0])
        np.testing.assert_allclose(sides, np.clip(right, 0.0, 1.0), atol=1e-5)


def test_of_two_peaks_the_one_is_taken_on_which_the_cameras_agree() -> None:
    front, side = frames()
    uv, other = project(front.camera, [0.5, 0.1, 0.02])[0], project(front.camera, [0.45, -0.15, 0.02])[0]
    true, false = heat_at(uv, 9.0)[0], heat_at(other, 10.0)[0]
    heat = np.maximum(true, false)
    nearer = (true >= false)[None]
    offset = np.where(nearer, heat_at(uv)[1], heat_at(other)[1])
    presence = float(np.logaddexp.reduce(heat.ravel()))
    views = [
        _peaks(heat, offset, heat_at(uv)[2], presence),
        _peaks(*heat_at(project(side.camera, [0.5, 0.1, 0.02])[0])),
    ]
    found = _ground("cube", [front, side], views)
    np.testing.assert_allclose(found.position, [0.5, 0.1, 0.02], atol=2e-3)


def test_nothing_to_see_gives_no_confidence() -> None:
    nothing = np.full((CELLS, CELLS), -20.0)
    still, box = np.zeros((2, CELLS, CELLS)), np.zeros((4, CELLS, CELLS))
    presence = float(np.logaddexp.reduce(nothing.ravel()))
    found = _ground("cube", frames(), [_peaks(nothing, still, box, presence)] * 2)
    assert found.confidence < 0.01
    assert all(0 <= value <= 1 for point in found.points for value in (point.u, point.v))


@pytest.mark.parametrize("size", [64, 128, 200, 480])
def test_pictures_of_any_size_come_to_the_size_of_the_network(size: int) -> None:
    picture = np.full((size, size, 3), 77, np.uint8)
    assert resize(picture, 128).shape == (128, 128, 3) and (resize(picture, 128) == 77).all()
