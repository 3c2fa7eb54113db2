"""`recorder_node`: writes the topics of an episode to a bag in MCAP."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import PoseArray, PoseStamped, TransformStamped, TwistStamped
from rclpy.qos import QoSProfile
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, JointState
from std_msgs.msg import Bool, Float64, String
from trajectory_msgs.msg import MultiDOFJointTrajectory

from vplanner.errors import InputError, StorageError
from vplanner_ros import qos
from vplanner_ros.bag import Bag
from vplanner_ros.diagnostics import Health
from vplanner_ros.managed import ManagedNode, NodeParameters
from vplanner_ros.parameters import parameter
from vplanner_ros.running import run

_KINDS: dict[str, Any] = {
    "diagnostic_msgs/msg/DiagnosticArray": DiagnosticArray,
    "geometry_msgs/msg/PoseArray": PoseArray,
    "geometry_msgs/msg/PoseStamped": PoseStamped,
    "geometry_msgs/msg/TransformStamped": TransformStamped,
    "geometry_msgs/msg/TwistStamped": TwistStamped,
    "rosgraph_msgs/msg/Clock": Clock,
    "sensor_msgs/msg/CameraInfo": CameraInfo,
    "sensor_msgs/msg/Image": Image,
    "sensor_msgs/msg/JointState": JointState,
    "std_msgs/msg/Bool": Bool,
    "std_msgs/msg/Float64": Float64,
    "std_msgs/msg/String": String,
    "trajectory_msgs/msg/MultiDOFJointTrajectory": MultiDOFJointTrajectory,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_STATE = {
    "/clock": (Clock, qos.CLOCK),
    "/joint_states": (JointState, qos.STATE),
    "/diagnostics": (DiagnosticArray, qos.EVENT),
    "current_pose": (PoseStamped, qos.STATE),
    "gripper/opening": (Float64, qos.STATE),
    "gripper/command": (Float64, qos.COMMAND),
    "executor_node/pose_target_cmds": (PoseStamped, qos.COMMAND),
    "executor_node/delta_twist_cmds": (TwistStamped, qos.COMMAND),
    "executor_node/status": (String, qos.LATCHED),
    "instruction": (String, qos.EVENT),
    "sub_goals": (String, qos.LATCHED),
    "chunk": (MultiDOFJointTrajectory, qos.COMMAND),
    "chunk/poses": (PoseArray, qos.STATE),
    "planner_node/status": (String, qos.LATCHED),
    "sim_node/succeeded": (Bool, qos.LATCHED),
}


@dataclass(frozen=True, slots=True)
class RecorderParameters(NodeParameters):
    """Parameters of `recorder_node`."""

    folder: str = parameter("runs", "A bag is made in here at every activation, named by the time.", fixed=True)
    views: tuple[str, ...] = parameter(
        ("front", "side"), "Cameras to record, with what is imagined of them.", fixed=True
    )
    pictures: bool = parameter(True, "Record pictures, which are nearly all of a bag's size.", fixed=True)
    extra_topics: tuple[str, ...] = parameter((), "More topics, each as name:package/msg/Type.", fixed=True)
    flush_period: float = parameter(1.0, "What is lost at most when the process is killed [s].", 0.05, 60.0, fixed=True)


class RecorderNode(ManagedNode[RecorderParameters]):
    """Takes messages as bytes, without reading them, and writes them as they come."""

    def __init__(self, **kwargs: Any) -> None:
        """A node; nothing is recorded before it is activated."""
        super().__init__("recorder_node", RecorderParameters, **kwargs)
        self._bag: Bag | None = None
        self._lock = threading.Lock()
        self._entities: list[Any] = []
        self._flushing: Any = None
        self._problem = ""
        self._count = 0
        self._told_folder: Any = None

    @property
    def bag_folder(self) -> Path | None:
        """The bag that is being written."""
        return None if self._bag is None else self._bag.folder

    def on_setup(self) -> None:
        """Find out what to record. Raises `InputError` for a topic that cannot be recorded."""
        self._topics = self._wanted(self.values)
        self._told_folder = self.create_publisher(String, "~/folder", qos.LATCHED)

    def on_begin(self) -> None:
        """Make a bag and subscribe. Raises `StorageError` when it cannot be written."""
        values = self.values
        bag = Bag(Path(values.folder) / time.strftime(f"%Y%m%d-%H%M%S-{time.time_ns() % 1_000_000_000:09d}"))
        for topic, (kind, _) in self._topics.items():
            bag.add_topic(self.resolve_topic_name(topic), _NAMES[kind])
        bag.flush()
        self._bag, self._problem, self._count = bag, "", 0
        for topic, (kind, profile) in self._topics.items():
            take = partial(self._take, self.resolve_topic_name(topic))
            patient = _patient(profile, 10 if kind is Image else 100)
            self._entities.append(self.create_subscription(kind, topic, take, patient, raw=True))
        self._flushing = self.create_timer(values.flush_period, self._flush, clock=self._steady)
        self._told_folder.publish(String(data=str(bag.folder.absolute())))
        self.get_logger().info(f"recording to {bag.folder}")

    def on_end(self) -> None:
        """Unsubscribe and close the bag. Raises `StorageError` when it cannot be written."""
        for subscription in self._entities:
            self.destroy_subscription(subscription)
        self._entities = []
        if self._flushing is not None:
            self.destroy_timer(self._flushing)
            self._flushing = None
        bag, self._bag = self._bag, None
        if bag is not None:
            self._told_folder.publish(String(data=""))
            bag.close()

    def on_teardown(self) -> None:
        """Remove the topic."""
        if self._told_folder is not None:
            self.destroy_publisher(self._told_folder)
            self._told_folder = None

    def health(self) -> Health:
        """How much is recorded, or why nothing is."""
        if self._problem:
            return Health(False, self._problem, {})
        message = "recording" if self._bag is not None else "inactive"
        return Health(True, message, {"messages": str(self._count), "bag": str(self.bag_folder or "")})

    def _wanted(self, values: RecorderParameters) -> dict[str, tuple[Any, Any]]:
        topics: dict[str, tuple[Any, Any]] = dict(_STATE)
        for view in values.views:
            topics[f"camera/{view}/color/camera_info"] = (CameraInfo, qos.IMAGE)
            topics[f"camera/{view}/extrinsics"] = (TransformStamped, qos.LATCHED)
            if values.pictures:
                topics[f"camera/{view}/color/image_raw"] = (Image, qos.IMAGE)
                topics[f"imagined/{view}"] = (Image, qos.STATE)
                topics[f"annotated/{view}"] = (Image, qos.LATCHED)
        for extra in values.extra_topics:
            name, _, kind = extra.partition(":")
            if not name or kind not in _KINDS:
                raise InputError(f"extra topic '{extra}' must be name:type; types are: {', '.join(_KINDS)}")
            topics[name] = (_KINDS[kind], qos.EVENT)
        return topics

    def _take(self, topic: str, data: bytes) -> None:
        time_s = self.now_s()  # with use_sim_time 0 before the first /clock: one bag, one clock
        with self._lock:
            if self._bag is None:
                return
            try:
                self._bag.write(topic, round(time_s * 1e9), data)
                self._count += 1
            except StorageError as error:
                self._give_up(error)

    def _flush(self) -> None:
        with self._lock:
            if self._bag is None:
                return
            try:
                self._bag.flush()
            except StorageError as error:
                self._give_up(error)

    def _give_up(self, error: StorageError) -> None:
        """Record no more; what was flushed before stays, and the robot goes on."""
        self._bag = None
        self._told_folder.publish(String(data=""))
        self._problem = f"{error}; nothing more is recorded"
        self.get_logger().error(self._problem)


def _patient(profile: Any, depth: int) -> Any:
    """The same quality of service, but with room for messages that come faster than they are written."""
    return QoSProfile(
        history=profile.history, depth=depth, reliability=profile.reliability, durability=profile.durability
    )


def main(args: Sequence[str] | None = None) -> int:
    """Run the node."""
    return run([RecorderNode], args)


if __name__ == "__main__":
    raise SystemExit(main())
