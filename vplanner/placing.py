"""A grounded thing at another place, with its points where the cameras see that."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vplanner.observation import frame_of
from vplanner.transforms import project
from vplanner.types import GroundedObject, GroundedPoint, Observation


def placed(observation: Observation, thing: GroundedObject, position: NDArray[np.floating]) -> GroundedObject:
    """The thing at another place (3,) [m], with its points where the cameras see that."""
    points = tuple(
        replace(_project(observation, point.camera, position), confidence=point.confidence) for point in thing.points
    )
    return replace(thing, points=points, position=position.astype(np.float32))


def _project(observation: Observation, camera: str, position: NDArray[np.floating]) -> GroundedPoint:
    uv, _ = project(frame_of(observation, camera).camera, position)
    u, v = np.clip(uv, 0.0, 1.0).tolist()
    return GroundedPoint(camera, u, v)
