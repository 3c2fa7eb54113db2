"""`instruct_node`: gives one instruction to the planner and ends with it, so that a launch can be one episode."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from std_msgs.msg import Bool, String

from vplanner.errors import InputError
from vplanner_ros import qos
from vplanner_ros.parameters import declare, parameter
from vplanner_ros.texts import AT_WORK


@dataclass(frozen=True, slots=True)
class InstructParameters:
    """Parameters of `instruct_node`."""

    instruction: str = parameter("", "What to do, in words.", fixed=True)
    startup_timeout: float = parameter(600.0, "Longest wait for an active planner [s].", 1.0, 3600.0, fixed=True)

    def __post_init__(self) -> None:
        """Raise `ValueError` without an instruction."""
        if not self.instruction.strip():
            raise ValueError("parameter 'instruction' is empty; say what to do")


class InstructNode(Node):
    """Publishes the instruction once the planner is idle and listens, and follows the planner's status from then on."""

    def __init__(self, **kwargs: Any) -> None:
        """A node; raises `InputError` for a parameter that cannot be used."""
        super().__init__("instruct_node", **kwargs)
        self.parameters = declare(self, InstructParameters)
        self.ending: str | None = None
        self.reason = ""
        self._idle = self._sent = False
        self._seen_done: bool | None = None
        self._task = ""
        self._publisher = self.create_publisher(String, "instruction", qos.EVENT)
        self.create_subscription(String, "planner_node/status", self._take_status, qos.LATCHED)
        self.create_subscription(Bool, "sim_node/succeeded", self._take_verdict, qos.LATCHED)
        self.create_subscription(String, "sim_node/instruction", self._take_task, qos.LATCHED)

    @property
    def sent(self) -> bool:
        """Whether the planner was told."""
        return self._sent

    def tell(self) -> None:
        """Publish the instruction when the planner can hear it."""
        if not self._sent and self._idle and self._publisher.get_subscription_count() > 0:
            self._publisher.publish(String(data=self.parameters.instruction))
            self._sent = True
            self.get_logger().info(f"told the planner: {self.parameters.instruction}")

    def verdict(self) -> str:
        """What the planner declares, and what a simulator says of its own task."""
        told = f"{self.ending}: {self.reason}"
        if self._seen_done is None:
            return told
        return f"{told}; the simulator's task '{self._task}' is {'done' if self._seen_done else 'not done'}"

    def _take_verdict(self, message: Bool) -> None:
        self._seen_done = bool(message.data)

    def _take_task(self, message: String) -> None:
        self._task = message.data

    def _take_status(self, message: String) -> None:
        status = json.loads(message.data)
        state = status["state"]
        if not self._sent:
            self._idle = state not in AT_WORK
        elif status["instruction"] == self.parameters.instruction.strip() and state not in AT_WORK | {"idle"}:
            self.ending, self.reason = state, status["reason"]


def main(args: Sequence[str] | None = None) -> int:
    """Run the node; 0 when the planner declared the instruction carried out, 1 when not, 2 for bad parameters."""
    rclpy.init(args=None if args is None else list(args), signal_handler_options=SignalHandlerOptions.ALL)
    executor = SingleThreadedExecutor()
    try:
        node = InstructNode()
        executor.add_node(node)
        deadline = time.monotonic() + node.parameters.startup_timeout
        while rclpy.ok() and node.ending is None:
            if not node.sent and time.monotonic() > deadline:
                node.get_logger().error("no planner became active in time; see what planner_node says")
                return 1
            node.tell()
            executor.spin_once(timeout_sec=0.1)
        node.get_logger().info(node.verdict())
        return 0 if node.ending == "success" else 1
    except InputError as error:
        print(f"vplanner: {error}")
        return 2
    except (KeyboardInterrupt, ExternalShutdownException):
        return 1
    finally:
        rclpy.try_shutdown()


if __name__ == "__main__":
    raise SystemExit(main())
