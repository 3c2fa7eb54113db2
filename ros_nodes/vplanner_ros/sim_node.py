"""`sim_node`: a simulated arm that shows itself to ROS as a real one would, with cameras, state and commands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from geometry_msgs.msg import PoseStamped, TransformStamped, TwistStamped
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, JointState
from std_msgs.msg import Bool, Float64, String
from std_srvs.srv import SetBool, Trigger

from vplanner import types
from vplanner.errors import ObservationError, PromptRefusedError, VPlannerError
from vplanner.sim_robot import VIEWS
from vplanner_ros import messages, qos
from vplanner_ros.diagnostics import Health
from vplanner_ros.managed import ManagedNode, NodeParameters
from vplanner_ros.parameters import parameter
from vplanner_ros.running import run
from vplanner_ros.scene_choice import ANY_SEED, default_scene, fitting_scene
from vplanner_ros.sim_command import Command
from vplanner_ros.sim_world import Judgement, Reading, SimWorld


@dataclass(frozen=True, slots=True)
class SimParameters(NodeParameters):
    """Parameters of `sim_node`; `task`, `seed` and `instruction` count from the next reset."""

    task: str = parameter(
        "press_button", "Kind of scene, as in `vplanner run --task`; empty: one that fits `instruction`."
    )
    seed: int = parameter(
        200_000,
        "The scene; below 100000 are those that networks were trained on; -1: the first that fits `instruction`.",
        ANY_SEED, 2**31 - 1,
    )  # fmt: skip
    instruction: str = parameter("", "Words by which a scene is chosen, where task or seed leave it open.")
    bundle: str = parameter(
        "", "Folder of the networks that choose it; empty: $VPLANNER_BUNDLE or the shipped one.", fixed=True
    )
    real_time_factor: float = parameter(
        1.0, "Seconds of simulation per second of wall clock; 0 means as fast as possible.", 0.0, 100.0, fixed=True
    )
    tick_s: float = parameter(
        0.02, "Time between two readings of the robot, and of commands [s].", 0.004, 0.1, fixed=True
    )
    camera_rate: float = parameter(
        10.0, "Pictures per second of simulated time and camera [Hz].", 0.5, 60.0, fixed=True
    )
    command_timeout: float = parameter(
        0.25, "A velocity that is not renewed for so long ends [s].", 0.02, 5.0, fixed=True
    )
    max_lead: float = parameter(
        0.0, "Time waits for commands: it runs no further ahead of the newest one [s]; 0: it waits for nobody.",
        0.0, 5.0, fixed=True,
    )  # fmt: skip
    publish_clock: bool = parameter(
        True, "Publish simulated time on /clock; other nodes need use_sim_time.", fixed=True
    )

    def __post_init__(self) -> None:
        """Raise `ValueError` when the tick is no multiple of the physics' step, or stamps cannot tell the lead."""
        steps = self.tick_s / 0.004
        if abs(steps - round(steps)) > 1e-6:
            raise ValueError(f"parameter 'tick_s' is {self.tick_s}; it must be a multiple of 0.004")
        if self.max_lead and (self.max_lead < 2.0 * self.tick_s or not self.publish_clock):
            raise ValueError(
                f"parameter 'max_lead' is {self.max_lead}; it must be 0, or twice 'tick_s' or more with 'publish_clock'"
            )


class SimNode(ManagedNode[SimParameters]):
    """MuJoCo behind the topics of a robot."""

    def __init__(self, **kwargs: Any) -> None:
        """A node; nothing is simulated before it is configured."""
        super().__init__("sim_node", SimParameters, **kwargs)
        self._world: SimWorld | None = None
        self._refused = 0

    def on_setup(self) -> None:
        """Build the scene and all topics."""
        values = self.values
        self._command = Command(values.command_timeout)
        world = SimWorld(
            values.tick_s,
            1.0 / values.camera_rate,
            values.real_time_factor,
            values.max_lead,
            self._command,
            self._on_tick,
            self._on_pictures,
            self._on_judgement,
        )
        world.arrange(*self._scene())
        self._cameras = world.cameras
        self._joint_names = world.joint_names
        self._make_publishers()
        self._entities: list[Any] = [
            self.create_subscription(PoseStamped, "executor_node/pose_target_cmds", self._take_pose, qos.COMMAND),
            self.create_subscription(TwistStamped, "executor_node/delta_twist_cmds", self._take_twist, qos.COMMAND),
            self.create_subscription(Float64, "gripper/command", self._take_opening, qos.COMMAND),
        ]
        self._served: list[Any] = [
            self.create_service(Trigger, "~/reset", self._reset),
            self.create_service(SetBool, "~/set_pause", self._set_pause),
        ]
        self._world = world
        self._tell_scene()

    def on_begin(self) -> None:
        """Let time run."""
        assert self._world is not None
        self._world.start()

    def on_end(self) -> None:
        """Let time stand still."""
        if self._world is not None:
            self._world.stop()

    def on_teardown(self) -> None:
        """Remove the topics."""
        if self._world is None:
            return
        self._world = None
        for subscription in self._entities:
            self.destroy_subscription(subscription)
        for service in self._served:
            self.destroy_service(service)
        for publisher in self._publishers_made:
            self.destroy_publisher(publisher)

    def health(self) -> Health:
        """How fast time runs, and what was left out."""
        world = self._world
        if world is None:
            return Health(True, "not configured", {})
        if world.failure is not None:
            return Health(False, f"simulation failed: {type(world.failure).__name__}: {world.failure}", {})
        figures = {
            "simulated time [s]": f"{world.time_s:.2f}",
            "real-time factor": f"{world.real_time_factor:.2f}",
            "pictures left out": str(world.dropped),
            "commands refused": str(self._refused),
        }
        return Health(True, "running" if self.running else "standing still", figures)

    def _make_publishers(self) -> None:
        publish = self.create_publisher
        self._clock_topic = publish(Clock, "/clock", qos.CLOCK) if self.values.publish_clock else None
        self._joints = publish(JointState, "/joint_states", qos.STATE)
        self._pose = publish(PoseStamped, "current_pose", qos.STATE)
        self._gripper = publish(Float64, "gripper/opening", qos.STATE)
        self._succeeded = publish(Bool, "~/succeeded", qos.LATCHED)
        self._instruction = publish(String, "~/instruction", qos.LATCHED)
        self._images = {view: publish(Image, f"camera/{view}/color/image_raw", qos.IMAGE) for view in VIEWS}
        self._infos = {view: publish(CameraInfo, f"camera/{view}/color/camera_info", qos.IMAGE) for view in VIEWS}
        self._extrinsics = {view: publish(TransformStamped, f"camera/{view}/extrinsics", qos.LATCHED) for view in VIEWS}
        shared = [self._joints, self._pose, self._gripper, self._succeeded, self._instruction]
        per_view = [*self._images.values(), *self._infos.values(), *self._extrinsics.values()]
        self._publishers_made = [*shared, *per_view] + ([] if self._clock_topic is None else [self._clock_topic])

    def _tell_scene(self) -> None:
        """Publish what stays until the next reset."""
        assert self._world is not None
        self._instruction.publish(String(data=self._world.instruction))
        self._succeeded.publish(Bool(data=False))
        for view, camera in self._cameras.items():
            frame = messages.optical_frame(view)
            self._extrinsics[view].publish(
                messages.transform_stamped(self._world.time_s, messages.BASE_FRAME, frame, camera.T_base_cam)
            )

    def _scene(self) -> tuple[str, int]:
        """Task and seed; where no scene fits the instruction, any: the planner will say what is missing in it."""
        values = self.values
        if values.instruction.strip() and (not values.task or values.seed == ANY_SEED):
            try:
                task, seed = fitting_scene(values.instruction, values.task, values.seed, values.bundle)
            except PromptRefusedError as error:
                self.get_logger().warning(str(error))
            else:
                self.get_logger().info(f"scene: {task}, seed {seed}")
                return task, seed
        return default_scene(values.task, values.seed)

    def _stamp_s(self, simulated_s: float) -> float:
        return simulated_s if self._clock_topic is not None else self.now_s()

    def _on_tick(self, reading: Reading) -> None:
        stamp_s = self._stamp_s(reading.time_s)
        if self._clock_topic is not None:
            self._clock_topic.publish(Clock(clock=messages.stamp_of(stamp_s)))
        self._joints.publish(messages.joint_state(stamp_s, self._joint_names, reading.joints))
        self._gripper.publish(Float64(data=reading.opening))
        self._pose.publish(messages.pose_stamped(stamp_s, reading.position, reading.quat_wxyz))

    def _on_pictures(self, simulated_s: float, pictures: dict[str, types.Image]) -> None:
        # Without /clock the stamp is that of the publishing, a few milliseconds after the drawing.
        stamp_s = self._stamp_s(simulated_s)
        for view, image in pictures.items():
            frame = messages.optical_frame(view)
            height, width = image.shape[:2]
            self._infos[view].publish(messages.camera_info(self._cameras[view], width, height, stamp_s, frame))
            self._images[view].publish(messages.image_message(image, stamp_s, frame))

    def _on_judgement(self, judgement: Judgement) -> None:
        self._succeeded.publish(Bool(data=judgement.success))

    def _take_pose(self, message: PoseStamped) -> None:
        try:
            pose = messages.tcp_pose_of(message, "pose_target_cmds")
        except ObservationError as error:
            self._refuse(str(error))
            return
        self._command.set_pose(pose.position, pose.quat_wxyz)
        self._command.came(pose.stamp_s)  # last: it wakes the thread that waits for what was set

    def _take_twist(self, message: TwistStamped) -> None:
        try:
            twist = messages.twist_of(message, "delta_twist_cmds")
        except ObservationError as error:
            self._refuse(str(error))
            return
        if self._world is not None:
            self._command.set_twist(twist, self._world.time_s)
            self._command.came(messages.seconds_of(message.header.stamp))

    def _take_opening(self, message: Float64) -> None:
        if np.isfinite(message.data):
            self._command.set_opening(message.data)
        else:
            self._refuse(f"gripper/command is {message.data}; it must be in 0..1")

    def _refuse(self, reason: str) -> None:
        self._refused += 1
        self.get_logger().warning(reason, throttle_duration_sec=1.0)

    def _reset(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        assert self._world is not None
        try:
            self._world.arrange(*self._scene())
        except VPlannerError as error:
            response.success, response.message = False, str(error)
            return response
        self._tell_scene()
        response.success, response.message = True, self._world.instruction
        return response

    def _set_pause(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        assert self._world is not None
        self._world.pause(request.data)
        response.success = True
        return response


def main(args: Sequence[str] | None = None) -> int:
    """Run the node."""
    return run([SimNode], args)


if __name__ == "__main__":
    raise SystemExit(main())
