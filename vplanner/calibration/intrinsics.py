"""Focal lengths, centre and distortion of a camera from many views of the board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from vplanner.calibration.board import Sighting
from vplanner.errors import InputError
from vplanner.transforms import Array, make_pose

LEAST_PICTURES = 8
_MOST_UNCERTAIN = 0.02  # of the focal length, one standard deviation
_LEAST_TILT_RAD = 0.15  # root mean square
_LEAST_COVERED = 0.3  # of the width and of the height


@dataclass(frozen=True, slots=True)
class Intrinsics:
    """A pinhole camera with distortion.

    Attributes:
        size: Width and height [px].
        K: (3, 3) [px].
        distortion: k1, k2, p1, p2, k3 of ROS's plumb_bob model; k3 is left zero.
        error_px: Root mean square distance of corners from where they should be.
    """

    size: tuple[int, int]
    K: Array
    distortion: Array
    error_px: float

    def project(self, T_cam_board: Array, sighting: Sighting) -> Array:
        """Pixels (N, 2) at which the corners of a sighting should be."""
        rotation, _ = cv2.Rodrigues(T_cam_board[:3, :3])
        pixels, _ = cv2.projectPoints(sighting.points, rotation, T_cam_board[:3, 3], self.K, self.distortion)
        return np.reshape(pixels, (-1, 2)).astype(np.float64)


def find_intrinsics(
    sightings: Sequence[Sighting], size: tuple[int, int], most_error_px: float
) -> tuple[Intrinsics, list[Array]]:
    """The camera, and T_cam_board (4, 4) of every sighting.

    Raises:
        InputError: The pictures are too few, show too little of the image or too little tilt, or contradict each other.
    """
    if len(sightings) < LEAST_PICTURES:
        raise InputError(f"the board was found in {len(sightings)} pictures; {LEAST_PICTURES} or more are needed")
    seen = np.concatenate([sighting.pixels for sighting in sightings])
    covered = (seen.max(axis=0) - seen.min(axis=0)) / size
    if covered.min() < _LEAST_COVERED:
        raise InputError(
            f"the board was only in {covered[0]:.0%} of the width and {covered[1]:.0%} of the height of the image; "
            f"move it through all of it, {_LEAST_COVERED:.0%} at least"
        )
    error, K, distortion, rotations, translations, spread, _, errors = cv2.calibrateCameraExtended(
        [sighting.points.astype(np.float32) for sighting in sightings],
        [sighting.pixels.astype(np.float32) for sighting in sightings],
        size,
        np.eye(3),
        np.zeros(5),
        flags=cv2.CALIB_FIX_K3,
    )
    if error > most_error_px:
        worst = sightings[int(np.argmax(errors))].name
        raise InputError(
            f"corners are off by {error:.2f} px, more than {most_error_px:g}; worst is {worst}: "
            "is it blurred, is the board bent, are the board's numbers right?"
        )
    poses = [
        make_pose(cv2.Rodrigues(rotation)[0], np.ravel(translation))
        for rotation, translation in zip(rotations, translations, strict=True)
    ]
    normals = np.stack([pose[:3, 2] for pose in poses])
    tilt = float(np.sqrt(np.sum(np.var(normals, axis=0))))  # [rad] for small angles
    uncertain = float(np.max(np.ravel(spread)[:2] / np.array([K[0, 0], K[1, 1]])))
    if tilt < _LEAST_TILT_RAD or not uncertain <= _MOST_UNCERTAIN:
        raise InputError(
            f"the focal length is uncertain by {uncertain:.1%} ({_MOST_UNCERTAIN:.0%} is allowed), and the board was "
            f"tilted by {np.degrees(tilt):.0f} degrees; tilt it more, to all sides, by 20 to 45 degrees"
        )
    return Intrinsics(size, np.asarray(K, np.float64), np.ravel(distortion)[:5].astype(np.float64), float(error)), poses
