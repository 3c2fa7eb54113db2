"""Limits and timeouts of the executor, under the names that MoveIt Servo gives to them where it has them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields

from vplanner.errors import InputError
from vplanner.safety import SafetyLimits

_BOX = SafetyLimits()


@dataclass(frozen=True, slots=True)
class MotionLimits:
    """Bounds of the commanded motion: norms of speed and acceleration, linear and angular, and the box of the TCP.

    `gripper` bounds the speed of the opening [1/s].
    """

    linear: float = 0.25  # [m/s]
    rotational: float = 1.75  # [rad/s]
    linear_acceleration: float = 1.0  # [m/s^2]
    rotational_acceleration: float = 7.0  # [rad/s^2]
    gripper: float = 4.0
    workspace_low: tuple[float, float, float] = _BOX.workspace_low
    workspace_high: tuple[float, float, float] = _BOX.workspace_high

    def __post_init__(self) -> None:
        """Raise `InputError` for a bound that is not positive and finite, or for an empty box."""
        _check_positive(self, ("linear", "rotational", "linear_acceleration", "rotational_acceleration", "gripper"))
        box = (*self.workspace_low, *self.workspace_high)
        ordered = all(low < high for low, high in zip(self.workspace_low, self.workspace_high, strict=True))
        if not (all(map(math.isfinite, box)) and ordered):
            raise InputError(
                f"workspace {self.workspace_low} to {self.workspace_high} is no box; every low must be below its high"
            )

    @property
    def stop_s(self) -> float:
        """Longest time from the decision to stop until speed zero [s]."""
        return max(self.linear / self.linear_acceleration, self.rotational / self.rotational_acceleration)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Ages and gaps [s] at which the executor stops; `max_future` bounds how far ahead a chunk may begin."""

    incoming_command_timeout: float = 1.0
    state_timeout: float = 0.5
    max_future: float = 0.5
    max_tick_gap: float = 0.2
    settle: float = 0.5

    def __post_init__(self) -> None:
        """Raise `InputError` for one that is not positive and finite."""
        _check_positive(self, tuple(item.name for item in fields(self)))


@dataclass(frozen=True, slots=True)
class Tolerances:
    """Distances [m] and angles [rad] of the robot from its command.

    Beyond `following_*` the robot does not follow, and a chunk may not begin further away than `start_*`. A robot that
    stands further than `held_*` from the pose it is told to hold was moved by other means, and is held where it is.
    """

    following_m: float = 0.10
    following_rad: float = 0.5
    start_m: float = 0.25
    start_rad: float = 1.0
    held_m: float = 0.01
    held_rad: float = 0.05

    def __post_init__(self) -> None:
        """Raise `InputError` for one that is not positive and finite."""
        _check_positive(self, tuple(item.name for item in fields(self)))


@dataclass(frozen=True, slots=True)
class JointLimits:
    """When singularities (condition number of the Jacobian) and joint bounds slow or halt the robot.

    `joint_limit_margins` [rad] are one for all joints, or one for each.
    """

    lower_singularity_threshold: float = 17.0
    hard_stop_singularity_threshold: float = 30.0
    leaving_singularity_threshold_multiplier: float = 2.0
    joint_limit_margins: tuple[float, ...] = (0.1,)

    def __post_init__(self) -> None:
        """Raise `InputError` unless 1 < lower < hard stop, multiplier >= 1 and margins >= 0."""
        lower, hard = self.lower_singularity_threshold, self.hard_stop_singularity_threshold
        if not 1.0 < lower < hard < math.inf:
            raise InputError(f"singularity thresholds are {lower} and {hard}; they must be 1 < lower < hard stop")
        if not 1.0 <= self.leaving_singularity_threshold_multiplier < math.inf:
            multiplier = self.leaving_singularity_threshold_multiplier
            raise InputError(f"leaving_singularity_threshold_multiplier is {multiplier}; it must be 1 or more")
        margins = self.joint_limit_margins
        if not margins or not all(0.0 <= margin < math.inf for margin in margins):
            raise InputError(f"joint_limit_margins are {list(margins)} rad; they must be 0 or more")


@dataclass(frozen=True, slots=True)
class ServoConfig:
    """Everything that the core is told once.

    With `measured_start` the pose that errors are taken from is the measured one, as robots that take twists need.
    """

    motion: MotionLimits = field(default_factory=MotionLimits)
    timeouts: Timeouts = field(default_factory=Timeouts)
    tolerances: Tolerances = field(default_factory=Tolerances)
    joints: JointLimits = field(default_factory=JointLimits)
    base_frame: str = "base_link"
    measured_start: bool = False


def _check_positive(config: object, names: tuple[str, ...]) -> None:
    for name in names:
        value = getattr(config, name)
        if not 0.0 < value < math.inf:
            raise InputError(f"{name} is {value}; it must be positive and finite")
