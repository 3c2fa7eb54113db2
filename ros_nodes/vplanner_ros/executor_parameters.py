"""Parameters of `executor_node`, under the names of MoveIt Servo's where it has them, and the core's configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vplanner.errors import InputError
from vplanner_ros.managed import NodeParameters
from vplanner_ros.parameters import parameter
from vplanner_ros.servo import ARMS, JointLimits, MotionLimits, ServoConfig, Timeouts, Tolerances

_MOTION, _TIMES, _FAR, _JOINTS = MotionLimits(), Timeouts(), Tolerances(), JointLimits()


def _fixed(default: Any, description: str, low: float | None = None, high: float | None = None, name: str = "") -> Any:
    """Limits are set when the node starts, so that nobody loosens them under a moving robot."""
    return parameter(default, description, low, high, fixed=True, name=name)


@dataclass(frozen=True, slots=True)
class ExecutorParameters(NodeParameters):
    """Parameters of `executor_node`."""

    command_type: str = parameter(
        "pose", "pose: PoseStamped on ~/pose_target_cmds; twist: TwistStamped on ~/delta_twist_cmds.",
        choices=("pose", "twist"), fixed=True,
    )  # fmt: skip
    publish_period: float = _fixed(0.02, "Time between two commands [s].", 0.002, 0.02)
    arm: str = parameter(
        "panda", "Kinematics for singularities and joint bounds; none leaves them to the robot.",
        choices=(*ARMS, "none"), fixed=True,
    )  # fmt: skip
    joint_names: tuple[str, ...] = _fixed(
        tuple(f"joint{i}" for i in range(1, 8)), "Names of the arm's joints on joint_states, from the base on."
    )
    incoming_command_timeout: float = _fixed(
        _TIMES.incoming_command_timeout, "Stop when no chunk came for so long; refuse older ones [s].", 0.05, 10.0
    )
    state_timeout: float = _fixed(
        _TIMES.state_timeout, "Stop when pose or joints were not heard for so long [s].", 0.05, 10.0
    )
    max_future: float = _fixed(_TIMES.max_future, "Refuse chunks that begin later than that from now [s].", 0.01, 10.0)
    max_tick_gap: float = _fixed(
        _TIMES.max_tick_gap, "After such a gap in its own stream the executor begins anew [s].", 0.05, 5.0
    )
    linear: float = _fixed(_MOTION.linear, "Largest speed [m/s].", 0.001, 2.0, "scale.linear")
    rotational: float = _fixed(_MOTION.rotational, "Largest turning speed [rad/s].", 0.01, 6.0, "scale.rotational")
    linear_acceleration: float = _fixed(
        _MOTION.linear_acceleration, "Largest acceleration [m/s^2]; with scale.linear it sets the time of a stop.",
        0.01, 20.0, "acceleration.linear",
    )  # fmt: skip
    rotational_acceleration: float = _fixed(
        _MOTION.rotational_acceleration, "Largest turning acceleration [rad/s^2].", 0.1, 100.0,
        "acceleration.rotational",
    )  # fmt: skip
    gripper: float = _fixed(_MOTION.gripper, "Largest change of the opening [1/s].", 0.1, 50.0, "scale.gripper")
    workspace_low: tuple[float, ...] = _fixed(
        _MOTION.workspace_low, "Corner of the box that the TCP stays in [m].", name="workspace.low"
    )
    workspace_high: tuple[float, ...] = _fixed(
        _MOTION.workspace_high, "Opposite corner of the box [m].", name="workspace.high"
    )
    following_m: float = _fixed(
        _FAR.following_m, "Stop when the robot is further from its command [m].", 0.001, 1.0, "following.linear"
    )
    following_rad: float = _fixed(
        _FAR.following_rad, "Stop when the robot is turned further from its command [rad].", 0.01, 3.1,
        "following.rotational",
    )  # fmt: skip
    lower_singularity_threshold: float = _fixed(
        _JOINTS.lower_singularity_threshold, "Slow down from this condition number of the Jacobian on.", 1.0, 1e4
    )
    hard_stop_singularity_threshold: float = _fixed(
        _JOINTS.hard_stop_singularity_threshold, "Halt from this condition number on.", 1.0, 1e4
    )
    leaving_singularity_threshold_multiplier: float = _fixed(
        _JOINTS.leaving_singularity_threshold_multiplier, "How much less the way out is slowed.", 1.0, 100.0
    )
    joint_limit_margins: tuple[float, ...] = _fixed(
        _JOINTS.joint_limit_margins, "Halt so far before joint bounds, one for all or one for each [rad]."
    )


def config_of(values: ExecutorParameters) -> ServoConfig:
    """The core's configuration. Raises `InputError` for values that do not fit together."""
    low, high = (_corner(name, getattr(values, name)) for name in ("workspace_low", "workspace_high"))
    return ServoConfig(
        motion=MotionLimits(
            values.linear, values.rotational, values.linear_acceleration, values.rotational_acceleration,
            values.gripper, low, high,
        ),
        timeouts=Timeouts(
            values.incoming_command_timeout, values.state_timeout, values.max_future, values.max_tick_gap
        ),
        tolerances=Tolerances(values.following_m, values.following_rad),
        joints=JointLimits(
            values.lower_singularity_threshold, values.hard_stop_singularity_threshold,
            values.leaving_singularity_threshold_multiplier, values.joint_limit_margins,
        ),
        measured_start=values.command_type == "twist",
    )  # fmt: skip


def _corner(name: str, values: tuple[float, ...]) -> tuple[float, float, float]:
    if len(values) != 3:
        raise InputError(f"{name.replace('_', '.')} has {len(values)} numbers; it must have 3")
    return values[0], values[1], values[2]
