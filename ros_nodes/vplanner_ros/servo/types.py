"""What goes into the executor's core and what comes out. SI units, frame `base_link`, quaternions `wxyz`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vplanner_ros.servo.status import Status

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Targets as they came, not yet trusted.

    Pose k (`positions` (T, 3) [m], `quats_wxyz` (T, 4)) and gripper opening `openings` (T,) are due at
    `stamp_s + offsets_s[k]` [s] on the clock of stamps.
    """

    stamp_s: float
    frame: str
    offsets_s: Array
    positions: Array
    quats_wxyz: Array
    openings: Array


@dataclass(frozen=True, slots=True)
class TcpPose:
    """Where the TCP is measured to be: `position` (3,) [m], rotation `R` (3, 3), both in the base frame."""

    position: Array
    R: Array


@dataclass(frozen=True, slots=True)
class Command:
    """One message to the robot: the pose to be at, and the twist that leads there.

    `linear` [m/s] and `angular` [rad/s] (3,) are in the base frame; `opening` in [0, 1] is None until a chunk
    named one.
    """

    position: Array
    quat_wxyz: Array
    linear: Array
    angular: Array
    opening: float | None


@dataclass(frozen=True, slots=True)
class Output:
    """What one tick gives; without `command` nothing may be sent. `standing` means that commanded speed is zero.

    Without a command it stands, too; what was to be said about that was said.
    """

    command: Command | None
    status: Status
    standing: bool
