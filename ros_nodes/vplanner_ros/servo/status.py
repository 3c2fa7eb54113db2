"""What the executor is doing and why: one code and one sentence, after MoveIt Servo's table where it has one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Code(IntEnum):
    """Codes up to 6 mean what they mean in `moveit_msgs/ServoStatus`; those from 10 on are our own."""

    INVALID = -1
    NO_WARNING = 0
    DECELERATE_FOR_APPROACHING_SINGULARITY = 1
    HALT_FOR_SINGULARITY = 2
    DECELERATE_FOR_LEAVING_SINGULARITY = 3
    DECELERATE_FOR_COLLISION = 4
    HALT_FOR_COLLISION = 5
    JOINT_BOUND = 6
    WAITING = 10
    STALE_COMMAND = 11
    STALE_STATE = 12
    SECOND_PUBLISHER = 13
    PAUSED = 14
    EMERGENCY_STOP = 15
    CLOCK_JUMP = 16
    WORKSPACE_BOUND = 17
    INACTIVE = 18
    LATE_TICK = 19
    INCOMPATIBLE_QOS = 20
    NOT_FOLLOWING = 21


SLOWED = frozenset(
    {
        Code.NO_WARNING,
        Code.DECELERATE_FOR_APPROACHING_SINGULARITY,
        Code.DECELERATE_FOR_LEAVING_SINGULARITY,
        Code.DECELERATE_FOR_COLLISION,
        Code.WORKSPACE_BOUND,
    }
)
"""Codes under which the robot still moves; under every other one it stops or stands."""


@dataclass(frozen=True, slots=True)
class Status:
    """A code and, for people, its reason."""

    code: Code
    reason: str

    @property
    def moving(self) -> bool:
        """Whether commands are being followed, if slowly."""
        return self.code in SLOWED


FINE = Status(Code.NO_WARNING, "following the chunk")
