"""`gripper_adapter`: openings in 0..1 become goals of a gripper's action, for robots whose gripper has no topic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from rclpy.action import ActionClient
from std_msgs.msg import Float64

from vplanner.errors import MissingDependencyError
from vplanner_ros import qos
from vplanner_ros.diagnostics import Health
from vplanner_ros.managed import ManagedNode, NodeParameters
from vplanner_ros.parameters import parameter
from vplanner_ros.running import run


@dataclass(frozen=True, slots=True)
class GripperParameters(NodeParameters):
    """Parameters of `gripper_adapter`."""

    closed_position: float = parameter(
        0.0, "`position` of the goal that closes: a gap [m], or an angle [rad].", -4.0, 4.0, fixed=True
    )
    open_position: float = parameter(0.08, "`position` of the goal that opens.", -4.0, 4.0, fixed=True)
    max_effort: float = parameter(20.0, "Largest force [N], or torque [N m].", 0.0, 1000.0, fixed=True)
    deadband: float = parameter(0.02, "Smaller changes of the opening send no new goal.", 0.001, 1.0, fixed=True)


def next_goal(opening: float, last: float | None, deadband: float) -> float | None:
    """The opening in [0, 1] to send a goal for; None when the last goal serves, or `opening` is not a number."""
    if not -1e300 < opening < 1e300:
        return None
    wanted = min(max(opening, 0.0), 1.0)
    at_end = wanted in (0.0, 1.0) and wanted != last
    return wanted if last is None or at_end or abs(wanted - last) >= deadband else None


class GripperAdapter(ManagedNode[GripperParameters]):
    """`gripper/command` (Float64) to the action `gripper_cmd` (control_msgs/GripperCommand); remap as needed."""

    def __init__(self, **kwargs: Any) -> None:
        """A node; raises `InputError` for parameters that cannot be used."""
        super().__init__("gripper_adapter", GripperParameters, **kwargs)
        self._gripper: ActionClient[Any, Any, Any] | None = None
        self._last: float | None = None

    def on_setup(self) -> None:
        """Find the action's type. Raises `MissingDependencyError` without control_msgs, which no wheel brings."""
        try:
            self._action = import_module("control_msgs.action").GripperCommand
        except ImportError as error:
            raise MissingDependencyError(
                "control_msgs is not installed; apt install ros-$ROS_DISTRO-control-msgs, or take gripper/command "
                "(std_msgs/Float64, opening in 0..1) directly"
            ) from error
        self._gripper = ActionClient(self, self._action, "gripper_cmd")
        self._openings = self.create_subscription(Float64, "gripper/command", self._take, qos.COMMAND)

    def on_teardown(self) -> None:
        """Remove topic and client."""
        if self._gripper is None:
            return
        self.destroy_subscription(self._openings)
        self._gripper.destroy()
        self._gripper, self._last = None, None

    def health(self) -> Health:
        """Whether the gripper is there."""
        there = self._gripper is not None and self._gripper.server_is_ready()
        return Health(there or not self.running, "gripper found" if there else "no action server on gripper_cmd", {})

    def _take(self, message: Float64) -> None:
        if self._gripper is None or not self.running or not self._gripper.server_is_ready():
            return
        opening = next_goal(message.data, self._last, self.started_with.deadband)
        if opening is None:
            return
        values, goal = self.started_with, self._action.Goal()
        goal.command.position = values.closed_position + opening * (values.open_position - values.closed_position)
        goal.command.max_effort = values.max_effort
        self._gripper.send_goal_async(goal)  # a new goal takes over from the last one
        self._last = opening


def main(args: Sequence[str] | None = None) -> int:
    """Run the node."""
    return run([GripperAdapter], args)


if __name__ == "__main__":
    raise SystemExit(main())
