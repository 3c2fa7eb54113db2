"""The filter of places: sure cameras count, strange points do not, and what really went elsewhere is found again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vplanner.prompting.places import first_place, moved, seen
from vplanner.transforms import project
from vplanner.types import CameraFrame, CameraModel, GroundedObject, GroundedPoint


def frames() -> list[CameraFrame]:
    """Two cameras that look at the middle of the table, from the front and from the side."""
    picture, made = np.zeros((8, 8, 3), np.uint8), []
    for name, eye in {"front": (1.2, 0.0, 0.6), "side": (0.5, 0.85, 0.6)}.items():
        forward = np.array([0.5, 0.0, 0.05]) - eye
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, [0, 0, 1])
        right /= np.linalg.norm(right)
        pose = np.eye(4)
        pose[:3, :3] = np.stack([right, np.cross(forward, right), forward], axis=1)
        pose[:3, 3] = eye
        K = np.array([[1.3, 0, 0.5], [0, 1.3, 0.5], [0, 0, 1]], np.float32)
        made.append(CameraFrame(name, picture, CameraModel(K, pose.astype(np.float32))))
    return made


TRUE = np.array([0.5, 0.05, 0.02])
FAR = np.array([0.2, 0.5, 0.4])


def found(
    places: dict[str, np.ndarray], chances: dict[str, float], cameras: list[CameraFrame], confidence: float = 0.9
) -> GroundedObject:
    """A thing whose point in each camera is where that camera would see the given place."""
    points = tuple(
        GroundedPoint(f.name, *map(float, project(f.camera, places[f.name])[0]), chances[f.name]) for f in cameras
    )
    return GroundedObject("red cube", points, places["front"].astype(np.float32), confidence)


@settings(max_examples=30, deadline=None)
@given(dx=st.floats(-0.01, 0.01), dy=st.floats(-0.01, 0.01))
def test_looks_lead_to_where_the_cameras_see_it_and_make_it_surer(dx: float, dy: float) -> None:
    cameras = frames()
    place = first_place(TRUE + [dx, dy, 0.0])
    look = found(dict.fromkeys(("front", "side"), TRUE), dict.fromkeys(("front", "side"), 0.95), cameras)
    before = np.trace(place.covariance)
    for _ in range(5):
        place = seen(place, cameras, look, 0.6)
    assert np.linalg.norm(place.position - TRUE) < 0.002
    assert np.trace(place.covariance) < before
    np.testing.assert_allclose(place.covariance, place.covariance.T)
    assert np.linalg.eigvalsh(place.covariance).min() > 0


def test_the_camera_that_sees_it_well_counts_more() -> None:
    cameras = frames()
    shifted = TRUE + [0.0, 0.012, 0.0]
    for sure, where in (("front", shifted), ("side", TRUE)):
        places = {"front": shifted, "side": TRUE}
        chances = dict.fromkeys(("front", "side"), 0.2) | {sure: 0.95}
        place = first_place(TRUE + [0.0, 0.006, 0.0])
        for _ in range(6):
            place = seen(place, cameras, found(places, chances, cameras), 2.0)
        others = TRUE if sure == "front" else shifted
        assert abs(place.position[1] - where[1]) < abs(place.position[1] - others[1])


def test_points_of_something_else_are_left_out_until_the_cameras_agree_on_them_for_long() -> None:
    cameras = frames()
    away = TRUE + [0.08, -0.1, 0.0]
    agreed = found(dict.fromkeys(("front", "side"), away), dict.fromkeys(("front", "side"), 0.9), cameras)
    unsure = found(dict.fromkeys(("front", "side"), away), dict.fromkeys(("front", "side"), 0.9), cameras, 0.3)
    place = first_place(TRUE)
    for _ in range(10):
        place = seen(place, cameras, unsure, 0.6)
    np.testing.assert_allclose(place.position, TRUE)
    positions = []
    for _ in range(3):
        place = seen(place, cameras, agreed, 0.6)
        positions.append(place.position)
    np.testing.assert_allclose(positions[0], TRUE)
    np.testing.assert_allclose(positions[-1], away, atol=1e-6)


@pytest.mark.parametrize(("hand", "least_m"), [(TRUE + [0.03, 0.0, 0.0], 0.01), (FAR, 0.0)])
def test_what_the_hand_touches_is_less_sure(hand: np.ndarray, least_m: float) -> None:
    place = first_place(TRUE)
    after = moved(place, np.array([0.02, 0.0, 0.0]), hand)
    np.testing.assert_allclose(after.position, TRUE + [0.02, 0.0, 0.0])
    grown = np.sqrt(np.diag(after.covariance - place.covariance))
    assert grown[0] >= least_m and (grown[0] < 0.001) == (least_m == 0.0)
