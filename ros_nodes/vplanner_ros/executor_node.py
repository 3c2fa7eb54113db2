"""`executor_node`: chunks of TCP targets come in, a steady stream of safe commands goes out to the robot."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from geometry_msgs.msg import PoseStamped, TwistStamped
from rclpy.clock import ClockType, JumpThreshold, TimeJump
from rclpy.duration import Duration
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.qos import qos_policy_name_from_kind
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool, Float64, String
from std_srvs.srv import SetBool, Trigger
from trajectory_msgs.msg import MultiDOFJointTrajectory

from vplanner.errors import InputError, ObservationError, SafetyError
from vplanner.transforms import matrix_from_quat
from vplanner_ros import messages, qos
from vplanner_ros.diagnostics import Health
from vplanner_ros.executor_parameters import ExecutorParameters, config_of
from vplanner_ros.managed import ManagedNode
from vplanner_ros.running import run
from vplanner_ros.servo import Chunk, Code, Executor, Output, Status, TcpPose, find_arm
from vplanner_ros.servo.clock_watch import ClockWatch
from vplanner_ros.servo.passing_time import PassingTime
from vplanner_ros.stream import Stream, uninterrupted

_STATUS_S = 0.1
_SLACK_S = 0.2


class ExecutorNode(ManagedNode[ExecutorParameters]):
    """Messages around `vplanner_ros.servo.Executor`, which decides everything.

    One thread ticks the core and publishes commands at an even pace, so that it goes on while callbacks are slow. The
    core's time is the steady clock, with `use_sim_time` the simulated one: motion and all timeouts count seconds of the
    robot's own world, however fast or slowly it runs. A lock guards the core and its time.
    """

    def __init__(self, **kwargs: Any) -> None:
        """A node; raises `InputError` for parameters that do not fit together."""
        super().__init__("executor_node", ExecutorParameters, **kwargs)
        self._lock = threading.Lock()
        self._core: Executor | None = None
        self._stream: Stream | None = None
        self._told = Status(Code.INACTIVE, "the executor is not configured")

    def on_setup(self) -> None:
        """Make the core and all topics."""
        values = self.values
        self._config = config_of(values)
        arm = find_arm(values.arm)
        if arm is not None and len(values.joint_names) != len(arm.lower):
            raise InputError(f"joint_names has {len(values.joint_names)} names; {arm.name} has {len(arm.lower)} joints")
        core = Executor(self._config, arm)
        self._silent = True
        self._clock_watch = ClockWatch()
        self._ticked_s = -1.0
        self._time = PassingTime(self.now_s if self._simulated else time.monotonic)
        self._make_topics(values.command_type, needs_joints=arm is not None)
        self._core, self._stream = core, Stream(values.publish_period, self._tick)

    def on_begin(self) -> None:
        """Stream commands from the robot's own pose on."""
        assert self._core is not None and self._stream is not None
        with self._lock:
            self._core.activate()
        self._stream.start()

    def on_end(self) -> None:
        """Stop smoothly, then end the stream."""
        if self._core is None or self._stream is None:
            return
        with uninterrupted():
            with self._lock:
                self._core.deactivate()
            end_s = time.monotonic() + self._config.motion.stop_s + self._config.timeouts.max_tick_gap + _SLACK_S
            while self._stream.running and not self._silent and time.monotonic() < end_s:
                time.sleep(self.values.publish_period / 2)
            self._stream.stop()
            with self._lock:
                self._tell(Status(Code.INACTIVE, "the executor is not active"))

    def on_teardown(self) -> None:
        """Remove the topics."""
        if self._core is None:
            return
        self._jumps.unregister()
        for entity, destroy in self._made:
            destroy(entity)
        self._core = self._stream = None

    def health(self) -> Health:
        """What the executor does, and how even its stream is."""
        stream = self._stream
        if stream is None:
            return Health(True, "not configured", {})
        if stream.failure is not None:
            return Health(False, f"the stream ended: {type(stream.failure).__name__}: {stream.failure}", {})
        p50, p99 = stream.gap_s()
        figures = {"period p50 [ms]": f"{1e3 * p50:.2f}", "period p99 [ms]": f"{1e3 * p99:.2f}"}
        well = self._told.moving or self._told.code in (Code.WAITING, Code.PAUSED, Code.INACTIVE)
        return Health(well, f"{self._told.code.name}: {self._told.reason}", figures)

    @property
    def _simulated(self) -> bool:
        """Whether somebody publishes the time on /clock."""
        clock = self.get_clock()
        return bool(clock.clock_type == ClockType.ROS_TIME and clock.ros_time_is_active)

    def _make_topics(self, command_type: str, needs_joints: bool) -> None:
        pose = command_type == "pose"
        kind, topic = (PoseStamped, "~/pose_target_cmds") if pose else (TwistStamped, "~/delta_twist_cmds")
        self._command = self.create_publisher(kind, topic, qos.COMMAND)
        self._opening = self.create_publisher(Float64, "gripper/command", qos.COMMAND)
        self._status = self.create_publisher(String, "~/status", qos.LATCHED)
        events = SubscriptionEventCallbacks(incompatible_qos=self._on_incompatible_qos)
        self._chunks = self.create_subscription(
            MultiDOFJointTrajectory, "chunk", self._on_chunk, qos.COMMAND, event_callbacks=events
        )
        subscriptions = [
            self._chunks,
            self.create_subscription(PoseStamped, "current_pose", self._on_pose, qos.STATE),
            self.create_subscription(Bool, "emergency_stop", self._on_emergency_stop, qos.EVENT),
        ]
        if needs_joints:
            subscriptions.append(self.create_subscription(JointState, "/joint_states", self._on_joints, qos.STATE))
        services = [
            self.create_service(SetBool, "~/pause", self._on_pause),
            self.create_service(Trigger, "~/clear", self._on_clear),
        ]
        timer = self.create_timer(_STATUS_S, self._look, clock=self._steady)
        publishers = [self._command, self._opening, self._status]
        self._made: list[tuple[Any, Callable[[Any], Any]]] = [
            *((entity, self.destroy_timer) for entity in [timer]),
            *((entity, self.destroy_service) for entity in services),
            *((entity, self.destroy_subscription) for entity in subscriptions),
            *((entity, self.destroy_publisher) for entity in publishers),
        ]
        threshold = JumpThreshold(
            min_forward=Duration(seconds=self._config.timeouts.incoming_command_timeout),
            min_backward=Duration(nanoseconds=-1), on_clock_change=False,
        )  # fmt: skip
        self._jumps = self.get_clock().create_jump_callback(threshold, post_callback=self._on_jump)

    # The stream's thread --------------------------------------------------------------------------------------------

    def _tick(self, _: float) -> None:
        with self._lock:
            if self._core is None:
                return
            now = self._time.now()
            if now == self._ticked_s:
                return  # simulated time stands still, and so does the robot
            self._ticked_s = now
            out = self._core.tick(now)
            self._silent = out.command is None
            if out.status != self._told:
                self._tell(out.status)
        self._send(out)

    def _send(self, out: Output) -> None:
        command, stamp_s = out.command, self.now_s()
        if command is None:
            return
        if self._config.measured_start:
            self._command.publish(messages.twist_stamped(stamp_s, [*command.linear, *command.angular]))
        else:
            self._command.publish(messages.pose_stamped(stamp_s, command.position, command.quat_wxyz))
        if command.opening is not None:
            self._opening.publish(Float64(data=command.opening))

    def _tell(self, status: Status) -> None:
        """Publish a status, and log it when the code is another one."""
        if status.code is not self._told.code:
            self.get_logger().info(f"{status.code.name}: {status.reason}")
        self._told = status
        content = {"code": int(status.code), "name": status.code.name, "reason": status.reason}
        self._status.publish(String(data=json.dumps(content)))

    # Callbacks ------------------------------------------------------------------------------------------------------

    def _on_chunk(self, message: MultiDOFJointTrajectory) -> None:
        assert self._core is not None
        try:
            came = messages.chunk_of(message)
        except ObservationError as error:
            with self._lock:
                self._core.refuse(str(error))
            return
        chunk = Chunk(came.stamp_s, messages.BASE_FRAME, came.times_s, came.positions, came.quats_wxyz, came.openings)
        with self._lock:
            self._core.offer(chunk, self._time.now(), self.now_s())

    def _on_pose(self, message: PoseStamped) -> None:
        assert self._core is not None
        try:
            pose = messages.tcp_pose_of(message, "current_pose")
        except ObservationError as error:  # then it goes stale, which stops the robot
            self.get_logger().warning(str(error), throttle_duration_sec=1.0)
            return
        with self._lock:
            self._core.robot.measured(TcpPose(pose.position, matrix_from_quat(pose.quat_wxyz)), self._time.now())

    def _on_joints(self, message: JointState) -> None:
        assert self._core is not None
        try:
            joints = messages.joint_positions_of(message, self.started_with.joint_names)
        except ObservationError as error:
            self.get_logger().warning(str(error), throttle_duration_sec=1.0)
            return
        with self._lock:
            self._core.robot.joints_measured(joints.astype(float), self._time.now())

    def _on_emergency_stop(self, message: Bool) -> None:
        assert self._core is not None
        with self._lock:
            self._core.emergency_stop(message.data)

    def _on_pause(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        assert self._core is not None
        with self._lock:
            self._core.pause(request.data)
        response.success, response.message = True, "paused" if request.data else "waiting for a chunk"
        return response

    def _on_clear(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        assert self._core is not None
        try:
            with self._lock:
                self._core.clear()
        except SafetyError as error:
            response.success, response.message = False, str(error)
            return response
        response.success, response.message = True, "the emergency stop is cleared"
        return response

    def _on_incompatible_qos(self, event: Any) -> None:
        policy = qos_policy_name_from_kind(event.last_policy_kind)
        reason = f"a publisher of 'chunk' offers another {policy} than is needed; use reliable, volatile"
        self.get_logger().warning(reason)
        assert self._core is not None
        with self._lock:
            self._core.incompatible_publisher(reason)

    def _on_jump(self, jump: TimeJump) -> None:
        self._jumped(jump.delta.nanoseconds * 1e-9)

    def _jumped(self, by_s: float) -> None:
        with self._lock:
            if self._core is not None:
                self._core.clock_jumped(by_s)

    def _look(self) -> None:
        """Ten times a second: who else publishes, whether the clock was set, and the status once more."""
        assert self._core is not None
        jump = None if self._simulated else self._clock_watch.jump_s(time.monotonic(), self.now_s())
        if jump is not None:
            self._jumped(jump)
        counts = self.count_publishers(self._chunks.topic_name), self.count_publishers(self._command.topic_name)
        with self._lock:
            self._core.publishers(*counts)
            self._tell(self._told)


def main(args: Sequence[str] | None = None) -> int:
    """Run the node."""
    return run([ExecutorNode], args)


if __name__ == "__main__":
    raise SystemExit(main())
