"""Where a camera is, from poses of the robot and of the board: solves A_i X = Z B_i, then refines it in pixels.

A camera that stands still looks at a board in the gripper: A = T_base_tcp, B = T_cam_board, so that X = T_tcp_board and
Z = T_base_cam. A camera on the hand looks at a board that lies still: with A = T_tcp_base, X = T_base_board and
Z = T_tcp_cam.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vplanner.calibration.board import Sighting
from vplanner.calibration.intrinsics import Intrinsics
from vplanner.errors import InputError
from vplanner.transforms import Array, invert_pose, make_pose, so3_exp, so3_log

LEAST_POSES = 5
_LEAST_TURN_RAD = 0.1  # about a second axis, root mean square
_ITERATIONS = 30


@dataclass(frozen=True, slots=True)
class HandEye:
    """The camera's pose Z, the board's pose X (4, 4), and how far corners are off [px], over all and per picture."""

    Z: Array
    X: Array
    error_px: float
    errors_px: tuple[float, ...]


def find_hand_eye(
    A: Sequence[Array], B: Sequence[Array], sightings: Sequence[Sighting], camera: Intrinsics, most_error_px: float
) -> HandEye:
    """Solve for camera and board.

    Raises:
        InputError: The poses are too few, turn about one axis only, or do not fit the pictures.
    """
    if len(A) < LEAST_POSES:
        raise InputError(f"there are {len(A)} pictures with board and pose; {LEAST_POSES} or more are needed")
    _check_turns(A)
    X, Z = _closed_form(A, B)
    X, Z, residuals = _refine(A, X, Z, sightings, camera)
    errors = tuple(float(np.sqrt(np.mean(np.sum(part**2, axis=1)))) for part in residuals)
    total = float(np.sqrt(np.mean(np.sum(np.concatenate(residuals) ** 2, axis=1))))
    if total > most_error_px:
        order = np.argsort(errors)[::-1][:3]
        worst = ", ".join(f"{sightings[i].name} ({errors[i]:.1f} px)" for i in order)
        raise InputError(
            f"poses and pictures contradict each other: corners are off by {total:.2f} px, "
            f"more than {most_error_px:g}; worst are {worst}. Did the robot stand still, and did board or camera slip?"
        )
    return HandEye(Z, X, total, errors)


def _check_turns(A: Sequence[Array]) -> None:
    """Turns about two axes are needed: along a single one the camera's position would be free."""
    middle = _rotation(np.sum([pose[:3, :3] for pose in A], axis=0))
    turns = np.stack([so3_log(middle.T @ pose[:3, :3]) for pose in A])
    strength = np.linalg.svd(turns - turns.mean(axis=0), compute_uv=False) / np.sqrt(len(turns))
    if strength[1] < _LEAST_TURN_RAD:
        raise InputError(
            f"the hand turned about one axis only (about a second one by {np.degrees(strength[1]):.1f} degrees, "
            f"root mean square, where {np.degrees(_LEAST_TURN_RAD):.0f} are needed); tilt it about two, by 20 degrees"
        )


def _closed_form(A: Sequence[Array], B: Sequence[Array]) -> tuple[Array, Array]:
    """Rotations from the strongest singular vectors of a sum of Kronecker products (Shah 2013), then positions."""
    K = sum(np.kron(b[:3, :3], a[:3, :3]) for a, b in zip(A, B, strict=True))
    u, _, vt = np.linalg.svd(K)
    R_Z, R_X = (_rotation(np.reshape(vector, (3, 3), order="F")) for vector in (u[:, 0], vt[0]))
    rows = [np.hstack([a[:3, :3], -np.eye(3)]) for a in A]
    right = [R_Z @ b[:3, 3] - a[:3, 3] for a, b in zip(A, B, strict=True)]
    t = np.linalg.lstsq(np.concatenate(rows), np.concatenate(right), rcond=None)[0]
    return make_pose(R_X, t[:3]), make_pose(R_Z, t[3:])


def _rotation(matrix: Array) -> Array:
    """The nearest rotation to a multiple of `matrix`, of either sign."""
    u, _, vt = np.linalg.svd(matrix * np.sign(np.linalg.det(matrix)))
    return np.asarray(u @ vt)


def _refine(
    A: Sequence[Array], X: Array, Z: Array, sightings: Sequence[Sighting], camera: Intrinsics
) -> tuple[Array, Array, list[Array]]:
    """Least squares of the corners' distances over both poses (Levenberg and Marquardt, numerical derivatives)."""

    def moved(pose: Array, step: Array) -> Array:
        return make_pose(so3_exp(step[3:]) @ pose[:3, :3], pose[:3, 3] + step[:3])

    def residuals(step: Array) -> list[Array]:
        board, eye = moved(X, step[:6]), invert_pose(moved(Z, step[6:]))
        return [
            camera.project(eye @ a @ board, sighting) - sighting.pixels
            for a, sighting in zip(A, sightings, strict=True)
        ]

    def flat(step: Array) -> Array:
        return np.concatenate(residuals(step)).ravel()

    step, damping = np.zeros(12), 1e-4
    now = flat(step)
    for _ in range(_ITERATIONS):
        J = np.stack([(flat(step + 1e-6 * axis) - now) / 1e-6 for axis in np.eye(12)], axis=1)
        H = J.T @ J
        change = np.linalg.solve(H + damping * np.diag(np.diag(H) + 1e-12), -J.T @ now)
        tried = flat(step + change)
        if tried @ tried < now @ now:
            step, damping = step + change, damping / 5
            settled = now @ now - tried @ tried < 1e-10 * (now @ now)
            now = tried
            if settled:
                break
        else:
            damping *= 10
    return moved(X, step[:6]), moved(Z, step[6:]), residuals(step)
