"""Whether a chunk can be trusted. What cannot is refused with one reason; nothing is repaired."""

from __future__ import annotations

import numpy as np

from vplanner.errors import SafetyError
from vplanner.transforms import matrix_from_quat, so3_log
from vplanner_ros.servo.config import ServoConfig
from vplanner_ros.servo.track import Track
from vplanner_ros.servo.types import Array, Chunk, TcpPose

_MOST_POINTS = 1000
_SPACING_S = 1e-3  # how far spacings may differ; messages carry nanoseconds
_SHORTEST_S, _LONGEST_S = 0.01, 2.0
_UNIT = 0.01  # how far the norm of a quaternion may be from 1
_COORDINATE_M = 100.0


def read_chunk(
    chunk: Chunk, config: ServoConfig, start: TcpPose, now: float, stamp_now: float, newest_stamp_s: float | None
) -> Track:
    """The way from the commanded pose `start` through the targets.

    `now` [s] is the steady clock, `stamp_now` [s] the clock of stamps at the same moment; `newest_stamp_s` is the stamp
    of the last chunk that was accepted.

    Raises:
        SafetyError: The chunk cannot be trusted.
    """
    _check_form(chunk, config.base_frame)
    _check_values(chunk)
    age = stamp_now - chunk.stamp_s
    _check_time(chunk, config, age, newest_stamp_s)
    rotations = matrix_from_quat(chunk.quats_wxyz)
    _check_start(TcpPose(chunk.positions[0], rotations[0]), start, config)
    times = now - age + chunk.offsets_s
    inside = np.clip(chunk.positions, config.motion.workspace_low, config.motion.workspace_high)
    openings = np.clip(chunk.openings, 0.0, 1.0)
    if times[0] > now:  # until the first target is due, go there from where the robot is
        times = np.concatenate([[now], times])
        inside = np.concatenate([start.position[None], inside])
        rotations = np.concatenate([start.R[None], rotations])
        openings = np.concatenate([openings[:1], openings])
    return Track(now, times, inside, rotations, openings)


def leaves_workspace(chunk: Chunk, config: ServoConfig) -> float:
    """How far [m] the targets lie outside the box at most."""
    inside = np.clip(chunk.positions, config.motion.workspace_low, config.motion.workspace_high)
    return float(np.linalg.norm(chunk.positions - inside, axis=1).max())


def _check_form(chunk: Chunk, base_frame: str) -> None:
    if chunk.frame != base_frame:
        raise SafetyError(f"chunk is in frame '{chunk.frame}'; it must be in '{base_frame}'")
    count = len(chunk.offsets_s)
    if not 1 <= count <= _MOST_POINTS:
        raise SafetyError(f"chunk has {count} targets; it must have 1 to {_MOST_POINTS}")
    shapes = (chunk.offsets_s.shape, chunk.positions.shape, chunk.quats_wxyz.shape, chunk.openings.shape)
    if shapes != ((count,), (count, 3), (count, 4), (count,)):
        raise SafetyError(f"chunk has arrays of shapes {shapes}; they must be (T,), (T, 3), (T, 4) and (T,)")


def _check_values(chunk: Chunk) -> None:
    for name, values in (
        ("stamp", np.asarray([chunk.stamp_s])), ("time", chunk.offsets_s), ("position", chunk.positions),
        ("quaternion", chunk.quats_wxyz), ("opening", chunk.openings),
    ):  # fmt: skip
        if not np.isfinite(values).all():
            raise SafetyError(f"{name} of target {int(np.argwhere(~np.isfinite(values))[0][0])} is not finite")
    norms = np.linalg.norm(chunk.quats_wxyz, axis=1)
    off = np.abs(norms - 1.0)
    if off.max() > _UNIT:
        k = int(off.argmax())
        raise SafetyError(f"quaternion of target {k} has norm {norms[k]:.3g}; it must be 1")
    if np.abs(chunk.positions).max() > _COORDINATE_M:
        raise SafetyError(f"a target lies {np.abs(chunk.positions).max():.3g} m away; positions are in metres")
    if chunk.openings.min() < -_UNIT or chunk.openings.max() > 1.0 + _UNIT:
        raise SafetyError(
            f"gripper opening goes from {chunk.openings.min():.3g} to {chunk.openings.max():.3g}; it must be in [0, 1]"
        )


def _check_time(chunk: Chunk, config: ServoConfig, age: float, newest_stamp_s: float | None) -> None:
    _check_spacing(chunk.offsets_s)
    timeouts = config.timeouts
    begins_in = chunk.offsets_s[0] - age
    if begins_in > timeouts.max_future:
        raise SafetyError(f"chunk begins {begins_in:.2f} s in the future; at most {timeouts.max_future} s is allowed")
    if age > timeouts.incoming_command_timeout:
        raise SafetyError(
            f"chunk is stamped {age:.2f} s ago; at most {timeouts.incoming_command_timeout} s is allowed "
            "(are the clocks of planner and executor the same?)"
        )
    if chunk.offsets_s[-1] - age <= 0.0 and len(chunk.offsets_s) > 1:
        raise SafetyError(f"the whole chunk is past; its last target was due {age - chunk.offsets_s[-1]:.2f} s ago")
    if newest_stamp_s is not None and chunk.stamp_s < newest_stamp_s:
        raise SafetyError(f"chunk is out of order: stamped {newest_stamp_s - chunk.stamp_s:.3f} s before the last one")


def _check_spacing(offsets_s: Array) -> None:
    if offsets_s[0] < 0.0:
        raise SafetyError(f"the first target is due {-offsets_s[0]:.3f} s before the stamp; it must not be")
    gaps = np.diff(offsets_s)
    if len(gaps) == 0:
        return
    if gaps.max() - gaps.min() > _SPACING_S or not _SHORTEST_S <= gaps.min() <= gaps.max() <= _LONGEST_S:
        raise SafetyError(
            f"targets are {gaps.min():.3f} to {gaps.max():.3f} s apart; they must be evenly spaced, "
            f"{_SHORTEST_S} to {_LONGEST_S} s"
        )


def _check_start(first: TcpPose, start: TcpPose, config: ServoConfig) -> None:
    tolerances = config.tolerances
    far = float(np.linalg.norm(first.position - start.position))
    turned = float(np.linalg.norm(so3_log(first.R @ start.R.T)))
    if far > tolerances.start_m or turned > tolerances.start_rad:
        raise SafetyError(
            f"chunk begins {far:.2f} m and {turned:.2f} rad from where the robot is; "
            f"at most {tolerances.start_m} m and {tolerances.start_rad} rad are allowed"
        )
