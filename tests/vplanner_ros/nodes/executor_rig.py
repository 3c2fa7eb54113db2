"""A robot that does what it is told and a planner in front of it, with an executor between them, on a bench."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from geometry_msgs.msg import PoseStamped, TwistStamped
from std_msgs.msg import Bool, String
from trajectory_msgs.msg import MultiDOFJointTrajectory

from vplanner.transforms import matrix_from_quat, quat_from_matrix, so3_exp
from vplanner_ros import messages, qos

from .bench import Bench, told

DOWN = np.array([0.0, 1.0, 0.0, 0.0])
PLAIN = {"arm": "none", "max_tick_gap": 5.0}  # a busy machine may keep the stream waiting for longer than a real one


class ExecutorRig:
    """Talks to an executor that runs on the bench or in a process."""

    def __init__(self, bench: Bench, clock: Any = None) -> None:
        self.bench = bench
        self.position, self.quat = np.array([0.5, 0.0, 0.3]), DOWN.copy()
        self.heard: list[tuple[float, np.ndarray]] = []  # stamp [s] and position, of pose commands
        self.twists: list[np.ndarray] = []
        self.frame = "base_link"
        self.reports = True
        self._clock = clock or (lambda: bench.probe.get_clock().now().nanoseconds * 1e-9)
        node = bench.probe
        self._pose = node.create_publisher(PoseStamped, "current_pose", qos.STATE)
        self._made: list[Any] = []
        self.chunks: Any = None
        node.create_subscription(PoseStamped, "executor_node/pose_target_cmds", self._obey, qos.COMMAND)
        node.create_subscription(TwistStamped, "executor_node/delta_twist_cmds", self._obey_twist, qos.COMMAND)
        self.statuses = bench.hear(String, "executor_node/status", qos.LATCHED)
        node.create_timer(0.02, self._report)

    def now_s(self) -> float:
        return float(self._clock())

    def open_planner(self) -> None:
        self.chunks = self.bench.talk(MultiDOFJointTrajectory, "chunk", qos.COMMAND)

    @property
    def name(self) -> str:
        return str(told(self.statuses).get("name"))

    @property
    def reason(self) -> str:
        return str(told(self.statuses).get("reason"))

    @property
    def speed(self) -> float:
        """Of the last commands [m/s]; stamps are not needed, only that poses stay the same when it stands."""
        if self.twists:
            return float(np.linalg.norm(self.twists[-1]))
        if len(self.heard) < 2:
            return 0.0
        return float(np.linalg.norm(self.heard[-1][1] - self.heard[-2][1])) / 0.02

    def wait_for(self, name: str, deadline_s: float = 60.0) -> None:
        self.bench.until(lambda: self.name == name, f"status {name} (it is {self.name}: {self.reason})", deadline_s)

    def message(self, **changes: Any) -> MultiDOFJointTrajectory:
        """A chunk that leads to and fro along x, from where the robot is now."""
        along = -1.0 if self.position[0] > 0.5 else 1.0
        k = np.arange(5)
        positions = self.position + np.outer(k, [along * 0.02, 0.0, 0.0])
        chunk = messages.PoseChunk(self.now_s(), 0.2 * k, positions, np.tile(DOWN, (5, 1)), np.ones(5))
        message = messages.chunk_message(chunk)
        if "stamp_s" in changes:
            message.header.stamp = messages.stamp_of(changes["stamp_s"])
        if "frame" in changes:
            message.header.frame_id = changes["frame"]
        if "x" in changes:
            message.points[1].transforms[0].translation.x = changes["x"]
        if "w" in changes:
            for axis in "wxyz":
                setattr(message.points[1].transforms[0].rotation, axis, changes["w"])
        return message

    def set_moving(self) -> None:
        """Send good chunks until the robot moves; what a busy machine interrupts is begun again."""
        if self.chunks is None:
            self.open_planner()
        last = [0.0]

        def moves() -> bool:
            if time.monotonic() - last[0] > 0.4:
                last[0] = time.monotonic()
                self.chunks.publish(self.message())
            return self.name == "NO_WARNING" and self.speed > 0.02

        self.bench.until(moves, f"motion (status {self.name}: {self.reason})")

    def expect_stop(self, name: str, again: Callable[[], Any] = lambda: None) -> None:
        """The named status comes, then commands stand still; `again` is repeated meanwhile."""

        def stopped() -> bool:
            again()
            return self.name == name

        self.bench.until(stopped, f"status {name} (it is {self.name}: {self.reason})")
        self.bench.until(lambda: self.speed == 0.0, "speed zero")

    def _obey(self, message: PoseStamped) -> None:
        pose = messages.tcp_pose_of(message, "command")
        self.position, self.quat = pose.position, pose.quat_wxyz
        self.heard.append((pose.stamp_s, pose.position))

    def _obey_twist(self, message: TwistStamped) -> None:
        twist = messages.twist_of(message, "command")
        self.twists.append(twist)
        self.position = self.position + 0.02 * twist[:3]
        self.quat = quat_from_matrix(so3_exp(0.02 * twist[3:]) @ matrix_from_quat(self.quat))

    def _report(self) -> None:
        if self.reports:
            self._pose.publish(messages.pose_stamped(self.now_s(), self.position, self.quat, self.frame))


def stop_button(bench: Bench) -> Callable[[bool], None]:
    publisher = bench.talk(Bool, "emergency_stop", qos.EVENT)
    return lambda pressed: publisher.publish(Bool(data=pressed))
