"""Measures a running executor from outside: how evenly commands come, and how soon after a chunk one moves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import rclpy
from geometry_msgs.msg import PoseStamped
from rclpy.executors import SingleThreadedExecutor
from std_msgs.msg import String
from trajectory_msgs.msg import MultiDOFJointTrajectory

from vplanner.errors import InputError
from vplanner_ros import messages, qos
from vplanner_ros.messages import PoseChunk
from vplanner_ros.servo import Code

_HOME = np.array([0.5, 0.0, 0.3])
_DOWN = np.array([0.0, 1.0, 0.0, 0.0])
_STEP_M = 0.01
_DT_S = 0.1
_READY_S = 30.0
_ATTEMPTS = 5
_PATIENT = ("max_tick_gap:=5.0", "state_timeout:=5.0")  # a busy machine is to be measured, not refused


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, 99th percentile and maximum [ms]."""

    p50: float
    p99: float
    most: float


@dataclass(frozen=True, slots=True)
class StreamReport:
    """What was measured.

    `sent_ms` and `received_ms` lie between commands, by their stamps and on arrival; `latency_ms` from the sending of a
    chunk to the arrival of the first command that moves.
    """

    commands: int
    chunks: int
    sent_ms: Spread
    received_ms: Spread
    latency_ms: Spread


@dataclass(frozen=True, slots=True)
class _Arrival:
    at_s: float
    stamp_s: float
    position: messages.Array


class EchoRobot:
    """A robot that is at once where it is told to be, says so at 50 Hz, and keeps every command that came.

    It also plays the planner: `send` sends chunks.
    """

    def __init__(self, context: Any) -> None:
        """A node in `context`; `spin` runs it."""
        self.node = rclpy.create_node("echo_robot", context=context)
        self._executor = SingleThreadedExecutor(context=context)
        self._executor.add_node(self.node)
        self.position, self.quat_wxyz = _HOME.copy(), _DOWN.copy()
        self.arrivals: list[_Arrival] = []
        self.status: dict[str, Any] = {}
        node = self.node
        self._pose = node.create_publisher(PoseStamped, "current_pose", qos.STATE)
        self._chunk = node.create_publisher(MultiDOFJointTrajectory, "chunk", qos.COMMAND)
        node.create_subscription(PoseStamped, "executor_node/pose_target_cmds", self._obey, qos.COMMAND)
        node.create_subscription(String, "executor_node/status", self._hear, qos.LATCHED)
        node.create_timer(0.02, self._report)

    def close(self) -> None:
        """Remove the node."""
        self._executor.shutdown()
        self.node.destroy_node()

    def now_s(self) -> float:
        """The clock of stamps [s]."""
        return float(self.node.get_clock().now().nanoseconds) * 1e-9

    def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Run until `condition` holds, at most `seconds` [s]; whether it does."""
        end_s = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end_s:
                return False
            self._executor.spin_once(timeout_sec=0.02)
        return True

    def send(self, step_m: float) -> None:
        """Send a chunk of two steps along x from where the robot is."""
        k = np.arange(3)
        positions = self.position + np.outer(k, [step_m, 0.0, 0.0])
        chunk = PoseChunk(self.now_s(), _DT_S * k.astype(float), positions, np.tile(_DOWN, (3, 1)), np.ones(3))
        self._chunk.publish(messages.chunk_message(chunk))

    def _obey(self, message: PoseStamped) -> None:
        pose = messages.tcp_pose_of(message, "pose_target_cmds")
        self.position, self.quat_wxyz = pose.position, pose.quat_wxyz
        self.arrivals.append(_Arrival(time.monotonic(), pose.stamp_s, pose.position))

    def _hear(self, message: String) -> None:
        self.status = json.loads(message.data)

    def _report(self) -> None:
        self._pose.publish(messages.pose_stamped(self.now_s(), self.position, self.quat_wxyz))


def own_domain() -> int:
    """A ROS domain of this process; above 101 its ports are those that the system gives to anybody."""
    return 1 + os.getpid() % 101


def measure_stream(chunks: int, attach: bool) -> StreamReport:
    """Send `chunks` chunks, each from standstill, and time the commands.

    With `attach` the executor must run in this ROS domain, with `command_type` pose and nobody else who sends chunks;
    otherwise one is started in a domain of its own.

    Raises:
        InputError: No executor is ready, or it does not follow; the message carries its reason.
    """
    domain = None if attach else own_domain()
    context = rclpy.Context()
    context.init(domain_id=domain)
    robot = EchoRobot(context)
    try:
        if domain is None:
            return _measure(robot, chunks)
        with _executor(domain):
            return _measure(robot, chunks)
    finally:
        robot.close()
        context.shutdown()


@contextmanager
def _executor(domain: int) -> Iterator[None]:
    words = [sys.executable, "-m", "vplanner_ros.executor_node", "--ros-args", "--log-level", "warn"]
    for setting in ("autostart:=true", "arm:=none", *_PATIENT):
        words += ["-p", setting]
    process = subprocess.Popen(words, env={**os.environ, "ROS_DOMAIN_ID": str(domain)})
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=5.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _measure(robot: EchoRobot, chunks: int) -> StreamReport:
    waits = (Code.WAITING, Code.STALE_COMMAND)
    if not robot.until(lambda: bool(robot.arrivals) and robot.status.get("code") in waits, _READY_S):
        told = robot.status.get("reason", "no status came on executor_node/status")
        raise InputError(f"no executor is ready within {_READY_S:g} s: {told}")
    robot.arrivals.clear()
    latencies = []
    for k in range(chunks):
        latencies.append(_latency_s(robot, _STEP_M if k % 2 == 0 else -_STEP_M))
        robot.until(lambda: False, 2 * _DT_S + 0.3)  # until it stands again
    arrivals = [arrival.at_s for arrival in robot.arrivals]
    stamps = [arrival.stamp_s for arrival in robot.arrivals]
    return StreamReport(
        len(arrivals), chunks, _spread(np.diff(stamps)), _spread(np.diff(arrivals)), _spread(np.array(latencies))
    )


def _latency_s(robot: EchoRobot, step_m: float) -> float:
    """Send a chunk; time until a command moves."""
    for _ in range(_ATTEMPTS):  # a chunk that a stop took away is sent again
        start, count = robot.position, len(robot.arrivals)

        def first(start: messages.Array = start, count: int = count) -> _Arrival | None:
            return next((a for a in robot.arrivals[count:] if np.abs(a.position - start).max() > 1e-9), None)

        sent_s = time.monotonic()
        robot.send(step_m)
        robot.until(lambda: first() is not None, 2.0)
        if (moved := first()) is not None:
            return moved.at_s - sent_s
    raise InputError(f"the executor does not follow: {robot.status.get('name')}: {robot.status.get('reason')}")


def _spread(seconds: messages.Array) -> Spread:
    p50, p99, most = (round(1e3 * float(v), 3) for v in np.percentile(seconds, [50, 99, 100]))
    return Spread(p50, p99, most)
