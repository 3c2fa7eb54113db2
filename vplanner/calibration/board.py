"""The ChArUco board: a chessboard whose white squares carry markers, so that a part of it in view is enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vplanner.errors import InputError
from vplanner.types import Image

_DICTIONARY = cv2.aruco.DICT_5X5_250
_MOST_MARKERS = 250
_LEAST_CORNERS = 8


@dataclass(frozen=True, slots=True)
class BoardSpec:
    """Squares across and down, and the edges of squares and markers [m], as measured on the print."""

    columns: int = 7
    rows: int = 5
    square_m: float = 0.035
    marker_m: float = 0.026

    def check(self) -> None:
        """Raise `InputError` for a board that there cannot be."""
        if self.columns < 3 or self.rows < 3 or self.columns * self.rows // 2 > _MOST_MARKERS:
            raise InputError(
                f"a board of {self.columns} x {self.rows} squares cannot be made; "
                f"give 3 x 3 or more, with at most {2 * _MOST_MARKERS} squares"
            )
        if not 0.0 < self.marker_m < self.square_m:
            raise InputError(
                f"markers of {self.marker_m} m do not fit squares of {self.square_m} m; give 0 < marker < square"
            )


@dataclass(frozen=True, slots=True)
class Sighting:
    """Corners of the board in one picture: `points` (N, 3) [m] in the board's frame, `pixels` (N, 2)."""

    name: str
    points: NDArray[np.float64]
    pixels: NDArray[np.float64]


def draw_board(spec: BoardSpec, pixels_per_m: float = 8000.0) -> Image:
    """A picture (H, W) to print, with half a square of white around the board. Raises `InputError` for a bad `spec`."""
    board = _board(spec)
    margin = round(0.5 * spec.square_m * pixels_per_m)
    size = tuple(round(n * spec.square_m * pixels_per_m) + 2 * margin for n in (spec.columns, spec.rows))
    return np.asarray(board.generateImage(size, marginSize=margin), np.uint8)


def find_board(spec: BoardSpec, picture: Image, name: str) -> Sighting | None:
    """The board's corners in a picture (H, W) or (H, W, 3); None when too few of them can be seen."""
    board = _board(spec)
    corners, ids, _, _ = cv2.aruco.CharucoDetector(board).detectBoard(picture)
    if ids is None or len(ids) < _LEAST_CORNERS:
        return None
    points = np.asarray(board.getChessboardCorners(), np.float64)[np.ravel(ids)]
    if np.linalg.matrix_rank(points - points.mean(axis=0), tol=1e-6) < 2:
        return None  # corners on one line say nothing of the board's pose
    return Sighting(name, points, np.reshape(corners, (-1, 2)).astype(np.float64))


def _board(spec: BoardSpec) -> Any:
    spec.check()
    dictionary = cv2.aruco.getPredefinedDictionary(_DICTIONARY)
    return cv2.aruco.CharucoBoard((spec.columns, spec.rows), spec.square_m, spec.marker_m, dictionary)
