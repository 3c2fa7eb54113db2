"""Pictures of a ChArUco board, rendered ray by ray for known cameras and poses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from vplanner.calibration.board import BoardSpec, draw_board, find_board
from vplanner.calibration.intrinsics import Intrinsics
from vplanner.transforms import Array, invert_pose, make_pose, quat_from_matrix, so3_exp
from vplanner.types import Image

BOARD = BoardSpec(6, 5, 0.03, 0.022)
WIDTH, HEIGHT = 480, 360
_FINER = 2  # rays per pixel and axis


@dataclass(frozen=True, slots=True)
class Setup:
    """A camera, where it is, and where the board is fixed: on the hand, or on the table for a camera on the hand."""

    camera: Intrinsics
    T_parent_cam: Array
    T_other_board: Array
    T_base_tcp: list[Array]
    on_hand: bool

    def T_cam_board(self, T_base_tcp: Array) -> Array:
        hand = invert_pose(T_base_tcp) if self.on_hand else T_base_tcp
        return invert_pose(self.T_parent_cam) @ hand @ self.T_other_board


def make_setup(seed: int, pictures: int, on_hand: bool, tilt: float = 0.6) -> Setup:
    """Random camera, mounts and poses, chosen so that the board is before the camera in every picture."""
    rng = np.random.default_rng(seed)
    focal = rng.uniform(420, 560)
    centre = np.array([WIDTH, HEIGHT]) / 2 + rng.uniform(-12, 12, 2)
    K = np.array([[focal, 0, centre[0]], [0, focal * rng.uniform(0.99, 1.01), centre[1]], [0, 0, 1]])
    distortion = np.array(
        [*rng.uniform(-0.12, 0.12, 1), *rng.uniform(-0.05, 0.05, 1), *rng.uniform(-1e-3, 1e-3, 2), 0.0]
    )
    camera = Intrinsics((WIDTH, HEIGHT), K, distortion, 0.0)
    T_parent_cam = make_pose(so3_exp(rng.uniform(-1.5, 1.5, 3)), rng.uniform(-0.8, 0.8, 3))
    T_other_board = make_pose(so3_exp(rng.uniform(-1.5, 1.5, 3)), rng.uniform(-0.2, 0.2, 3))
    middle = np.array([BOARD.columns, BOARD.rows, 0]) * BOARD.square_m / 2
    hands: list[Array] = []
    for index in range(pictures):
        around = 2 * np.pi * index / pictures
        axis = np.array([np.cos(around), np.sin(around), rng.uniform(-0.5, 0.5)])
        R = so3_exp(tilt * rng.uniform(0.7, 1.0) * axis)
        depth = rng.uniform(0.26, 0.36)
        offset = rng.uniform(-1, 1, 2) * depth * 0.5 * np.array([WIDTH, HEIGHT]) / focal * 0.55
        T_cam_board = make_pose(R, np.array([*offset, depth]) - R @ middle)
        hand = T_parent_cam @ T_cam_board @ invert_pose(T_other_board)
        hands.append(invert_pose(hand) if on_hand else hand)
    return Setup(camera, T_parent_cam, T_other_board, hands, on_hand)


def render(setup: Setup, T_base_tcp: Array) -> Image:
    """One picture (H, W): the ray of each finer pixel meets the board's plane, and the print is read there."""
    sheet = draw_board(BOARD, 6000.0)
    flat = find_board(BOARD, sheet, "flat")
    assert flat is not None
    # Where a point of the board lies on the sheet, whatever the board's axes are: an affine map, from the sheet itself.
    points = np.column_stack([flat.points[:, :2], np.ones(len(flat.points))])
    to_sheet = np.linalg.lstsq(points, flat.pixels, rcond=None)[0]
    v, u = np.mgrid[0 : HEIGHT * _FINER, 0 : WIDTH * _FINER].astype(np.float64)
    pixels = (np.stack([u, v], axis=-1).reshape(-1, 1, 2) + 0.5) / _FINER - 0.5
    rays = cv2.undistortPoints(pixels, setup.camera.K, setup.camera.distortion).reshape(-1, 2)
    T = invert_pose(setup.T_cam_board(T_base_tcp))
    directions = np.column_stack([rays, np.ones(len(rays))]) @ T[:3, :3].T
    distance = -T[2, 3] / directions[:, 2]
    met = T[:2, 3] + distance[:, None] * directions[:, :2]
    where = (np.column_stack([met, np.ones(len(met))]) @ to_sheet).astype(np.float32)
    size = (HEIGHT * _FINER, WIDTH * _FINER)
    fine = cv2.remap(
        sheet, where[:, 0].reshape(size), where[:, 1].reshape(size), cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT,
        borderValue=200,
    )  # fmt: skip
    return np.asarray(cv2.resize(fine, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def write_set(setup: Setup, folder: Path) -> None:
    """The pictures and poses.json, as a person would bring them."""
    folder.mkdir(parents=True, exist_ok=True)
    poses = {}
    for index, hand in enumerate(setup.T_base_tcp):
        name = f"{index:02d}.png"
        cv2.imwrite(str(folder / name), render(setup, hand))
        quat = quat_from_matrix(hand[:3, :3])
        poses[name] = {"position": hand[:3, 3].tolist(), "quat_wxyz": quat.tolist()}
    (folder / "poses.json").write_text(json.dumps(poses))
