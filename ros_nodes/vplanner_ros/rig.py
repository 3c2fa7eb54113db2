"""Subscribes to cameras and robot state and keeps `Senses` up to date."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from geometry_msgs.msg import PoseStamped, TransformStamped
from sensor_msgs.msg import CameraInfo, Image, JointState
from std_msgs.msg import Float64

from vplanner.errors import InputError, ObservationError
from vplanner.transforms import Array, make_pose, matrix_from_quat
from vplanner_ros import messages, qos
from vplanner_ros.managed import ManagedNode, NodeParameters
from vplanner_ros.parameters import parameter
from vplanner_ros.senses import Patience, Senses


@dataclass(frozen=True, slots=True)
class RigParameters(NodeParameters):
    """Parameters of nodes that look at cameras and robot."""

    bundle: str = parameter("", "Folder of the networks; empty: $VPLANNER_BUNDLE or the shipped one.", fixed=True)
    threads: int = parameter(0, "Threads of the networks; 0: one per physical core.", 0, 256, fixed=True)
    joint_names: tuple[str, ...] = parameter((), "Joints of the arm in /joint_states; none: all of them.", fixed=True)
    extrinsics_file: str = parameter(
        "", "YAML file with position and quat_wxyz of every camera in base_link; empty: they come by topic.", fixed=True
    )
    image_transport_best_effort: bool = parameter(
        False, "Subscribe to pictures with best effort, for cameras that offer nothing else.", fixed=True
    )
    camera_timeout: float = parameter(
        2.0, "A camera is silent after so long without a picture [s].", 0.1, 60.0, fixed=True
    )
    state_timeout: float = parameter(
        1.0, "The robot is silent after so long without its state [s].", 0.1, 60.0, fixed=True
    )
    max_age: float = parameter(
        1.0, "Stamps may differ so much from this node's clock; more is stale [s].", 0.05, 60.0, fixed=True
    )
    max_camera_skew: float = parameter(
        0.15, "Pictures of one observation may be so far apart [s].", 0.001, 5.0, fixed=True
    )


class Rig:
    """The subscriptions of one node."""

    def __init__(self, node: ManagedNode[Any], values: RigParameters, views: Sequence[str]) -> None:
        """Subscribe. Raises `InputError` when the file of extrinsics cannot be used."""
        self._node = node
        self._names = values.joint_names
        patience = Patience(values.camera_timeout, values.state_timeout, values.max_age, values.max_camera_skew)
        self.senses = Senses(views, patience, node.now_s)
        self._extrinsics = read_extrinsics(Path(values.extrinsics_file), views) if values.extrinsics_file else {}
        self._infos: dict[str, CameraInfo] = {}
        self._shapes: dict[str, tuple[int, int]] = {}
        image_qos = qos.SENSOR if values.image_transport_best_effort else qos.IMAGE
        subscribe = node.create_subscription
        self._subscriptions: list[Any] = [
            subscribe(PoseStamped, "current_pose", self._guarded("current_pose", self._take_pose), qos.STATE),
            subscribe(JointState, "/joint_states", self._guarded("/joint_states", self._take_joints), qos.STATE),
            subscribe(Float64, "gripper/opening", self._guarded("gripper/opening", self._take_opening), qos.STATE),
        ]
        for view in views:
            image, info = f"camera/{view}/color/image_raw", f"camera/{view}/color/camera_info"
            where = f"camera/{view}/extrinsics"
            self._subscriptions += [
                subscribe(Image, image, self._guarded(image, partial(self._take_image, view)), image_qos),
                subscribe(CameraInfo, info, self._guarded(info, partial(self._take_info, view)), image_qos),
            ]
            if view not in self._extrinsics:
                take = self._guarded(where, partial(self._take_extrinsics, view))
                self._subscriptions.append(subscribe(TransformStamped, where, take, qos.LATCHED))

    def close(self) -> None:
        """Unsubscribe."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions = []

    def _guarded(self, topic: str, take: Callable[[Any], None]) -> Callable[[Any], None]:
        """`take`, whose errors become the reason why there is no observation until a good message comes."""

        def guarded(message: Any) -> None:
            try:
                take(message)
            except ObservationError as error:
                self.senses.put_fault(topic, str(error))
            else:
                self.senses.put_fault(topic, None)

        return guarded

    def _take_pose(self, message: PoseStamped) -> None:
        pose = messages.tcp_pose_of(message, "current_pose")
        self.senses.put_pose(pose.stamp_s, pose.position, pose.quat_wxyz)

    def _take_joints(self, message: JointState) -> None:
        joints = messages.joint_positions_of(message, self._names)
        self.senses.put_joints(messages.seconds_of(message.header.stamp), joints)

    def _take_opening(self, message: Float64) -> None:
        if not 0.0 <= message.data <= 1.0:
            raise ObservationError(f"gripper/opening is {message.data}; it must be in 0..1")
        self.senses.put_opening(float(message.data))

    def _take_image(self, view: str, message: Image) -> None:
        what = f"camera '{view}'"
        image = messages.image_of(message, what)
        info = self._infos.get(view)
        size = f"{image.shape[1]}x{image.shape[0]}"
        if info is not None and (info.height, info.width) != image.shape[:2]:
            raise ObservationError(f"{what}: picture is {size}, its camera_info is for {info.width}x{info.height}")
        if self._shapes.setdefault(view, image.shape[:2]) != image.shape[:2]:
            height, width = self._shapes[view]
            raise ObservationError(f"{what}: picture is {size}; it was {width}x{height} before")
        self.senses.put_picture(view, messages.seconds_of(message.header.stamp), image)

    def _take_info(self, view: str, message: CameraInfo) -> None:
        known = self._infos.get(view)
        self._infos[view] = message
        if known is None or known.k.tolist() != message.k.tolist():
            self._calibrate(view)

    def _take_extrinsics(self, view: str, message: TransformStamped) -> None:
        self._extrinsics[view] = messages.matrix_of(message, f"camera/{view}/extrinsics")
        self._calibrate(view)

    def _calibrate(self, view: str) -> None:
        if view in self._infos and view in self._extrinsics:
            camera = messages.camera_model_of(self._infos[view], self._extrinsics[view], f"camera '{view}'")
            self.senses.put_camera(view, camera)


def read_extrinsics(path: Path, views: Sequence[str]) -> dict[str, Array]:
    """T_base_cam (4, 4) of every view: `{front: {position: [x, y, z], quat_wxyz: [w, x, y, z]}, ...}` in YAML.

    Raises `InputError` when the file cannot be read, or lacks a view.
    """
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        poses = {
            view: make_pose(matrix_from_quat(content[view]["quat_wxyz"]), np.asarray(content[view]["position"], float))
            for view in views
        }
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path}: {type(error).__name__}: {error}; it must give position and quat_wxyz of: {', '.join(views)}"
        ) from error
    if not all(np.isfinite(pose).all() for pose in poses.values()):
        raise InputError(f"{path}: a pose is not finite, or a quaternion is zero")
    return poses
