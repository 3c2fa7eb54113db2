"""Where a thing is, filtered over time: each camera's point counts by how sure it is (Kalman 1960, extended)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vplanner.transforms import project
from vplanner.types import CameraFrame, CameraModel, Float, GroundedObject

_SURE_UV = 0.8 / 128  # standard deviation of a point that is there for certain
_LEAST_CHANCE = 0.15
_GATE = 16.0  # squared deviations beyond which a point is of something else
_LOST_LOOKS = 3
_TOUCH_M = 0.07  # between the middles of fingers and thing
_PUSHED_M = np.array([0.012, 0.012, 0.001])
_STILL_M = np.array([0.0005, 0.0005, 0.0003])
_START_M = np.array([0.006, 0.006, 0.004])
_STEP = 1e-4


@dataclass(frozen=True, slots=True)
class Place:
    """Position (3,) [m] in the base frame with its covariance (3, 3) [m^2].

    `strange` counts the looks in a row at which the cameras agreed on somewhere else.
    """

    position: NDArray[np.float64]
    covariance: NDArray[np.float64]
    strange: int = 0


def first_place(position: Float) -> Place:
    """A place that was just triangulated."""
    return Place(np.asarray(position, np.float64), np.diag(_START_M**2))


def moved(place: Place, shift: Float, hand: Float) -> Place:
    """The place of a thing on the table after it went `shift` (3,) [m], given where the hand (3,) is now [m].

    What the hand touches may have gone further, or less far; the rest stays.
    """
    position = place.position + shift
    near = float(np.linalg.norm(position - hand)) < _TOUCH_M
    spread = np.diag(np.square(_PUSHED_M if near else _STILL_M))
    return replace(place, position=position, covariance=place.covariance + spread)


def seen(place: Place, frames: Sequence[CameraFrame], found: GroundedObject, agreed: float) -> Place:
    """The place after a look: points that fit it correct it, others are left out.

    Where the cameras agree, with a confidence of `agreed` or more, on somewhere else at several looks in a row, it is
    there.
    """
    cameras = {frame.name: frame.camera for frame in frames}
    position, covariance, used = place.position.astype(np.float64), place.covariance.astype(np.float64), 0
    for point in found.points:
        if point.confidence < _LEAST_CHANCE:
            continue
        camera = cameras[point.camera]
        slope = _slope(camera, position)
        noise = np.eye(2) * (_SURE_UV / point.confidence**2) ** 2
        miss = np.array([point.u, point.v]) - project(camera, position)[0]
        spread = slope @ covariance @ slope.T + noise
        gain = np.linalg.solve(spread, slope @ covariance).T
        if float(miss @ np.linalg.solve(spread, miss)) > _GATE:
            continue
        used += 1
        position = position + gain @ miss
        covariance = (np.eye(3) - gain @ slope) @ covariance
    strange = 0 if used or found.confidence < agreed else place.strange + 1
    if strange >= _LOST_LOOKS:
        return first_place(found.position)
    return Place(position, 0.5 * (covariance + covariance.T), strange)


def _slope(camera: CameraModel, position: NDArray[np.float64]) -> NDArray[np.float64]:
    """How the pixel moves with the position: (2, 3) [1/m], by differences."""
    ways = np.eye(3) * _STEP
    there, _ = project(camera, np.concatenate([position + ways, position - ways]))
    return np.asarray((there[:3] - there[3:]).T / (2 * _STEP))
