"""The last gate before the robot: no command leaves it that is not finite, too large, or out of the workspace."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vplanner.errors import SafetyError
from vplanner.types import ActionChunk, Float, RobotState


@dataclass(frozen=True, slots=True)
class SafetyLimits:
    """Largest norms of one step [m], [rad], and the box [m] (base frame) that TCP targets stay in."""

    translation_m: float = 0.05
    rotation_rad: float = 0.35
    workspace_low: tuple[float, float, float] = (0.25, -0.40, 0.0)
    workspace_high: tuple[float, float, float] = (0.80, 0.40, 0.55)

    def outside_m(self, positions: Float) -> Float:
        """Distance [m] (...) of positions (..., 3) to the workspace box, zero inside."""
        inside = np.clip(positions, self.workspace_low, self.workspace_high)
        return np.linalg.norm(positions - inside, axis=-1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class SafeChunk:
    """The chunk that may be executed, and what had to be changed for it, in words."""

    chunk: ActionChunk
    changes: tuple[str, ...]


class SafetyFilter:
    """Clips SE(3) steps to limits and workspace."""

    def __init__(self, limits: SafetyLimits) -> None:
        """Filter with the given limits."""
        self.limits = limits

    def apply(self, chunk: ActionChunk, robot: RobotState) -> SafeChunk:
        """The chunk within limits, as seen from the measured pose.

        Raises:
            SafetyError: The chunk is malformed or not finite; send nothing.
        """
        steps = np.asarray(chunk.steps)
        if steps.ndim != 2 or steps.shape[1] != 7:
            raise SafetyError(f"command has shape {steps.shape}; it must be (T, 7)")
        if not np.isfinite(steps).all():
            bad = np.argwhere(~np.isfinite(steps))[0]
            raise SafetyError(f"command is not finite (step {bad[0]}, element {bad[1]}); nothing was sent to the robot")
        if not np.isfinite(robot.position).all():
            raise SafetyError("measured TCP position is not finite; nothing was sent to the robot")
        changes: list[str] = []
        safe = steps.astype(np.float32, copy=True)
        position = np.asarray(robot.position, dtype=np.float32)
        for index, step in enumerate(safe):
            self._shorten(step[0:3], self.limits.translation_m, f"step {index}: translation", "m", changes)
            self._shorten(step[3:6], self.limits.rotation_rad, f"step {index}: rotation", "rad", changes)
            opening = float(np.clip(step[6], 0.0, 1.0))
            if abs(opening - float(step[6])) > 1e-3:  # less is rounding, and not worth telling
                changes.append(f"step {index}: gripper opening {step[6]:.3f} brought to {opening:.0f}")
            step[6] = opening
            target = self._inside(position, position + step[0:3])
            if np.abs(target - position - step[0:3]).max() > 1e-6:
                changes.append(f"step {index}: target left the workspace, moved by {_mm(target - position - step[:3])}")
                step[0:3] = target - position
            position = target
        return SafeChunk(ActionChunk(safe, chunk.dt_s), tuple(changes))

    def _inside(self, position: Float, target: Float) -> Float:
        """`target` clamped to the box, widened where `position` is outside already so that it need not jump back."""
        low = np.minimum(self.limits.workspace_low, position)
        high = np.maximum(self.limits.workspace_high, position)
        return np.clip(target, low, high).astype(np.float32)

    def _shorten(self, vector: Float, limit: float, what: str, unit: str, changes: list[str]) -> None:
        length = float(np.linalg.norm(vector))
        if length <= limit:
            return
        if length > 1.001 * limit:  # less is rounding, and not worth telling
            changes.append(f"{what} {length:.3f} {unit} cut to {limit:.3f} {unit}")
        vector *= np.float32(limit / length * (1.0 - 1e-6))


def _mm(offset: Float) -> str:
    return f"{1000.0 * float(np.linalg.norm(offset)):.1f} mm"
