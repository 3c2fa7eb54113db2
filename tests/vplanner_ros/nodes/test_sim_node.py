"""The simulated robot alone: what it shows, and how it follows commands."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="pip install 'vplanner[ros,dev-ros]'")
pytest.importorskip("mujoco")

from geometry_msgs.msg import PoseStamped, TransformStamped, TwistStamped
from rclpy.parameter import Parameter
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, JointState
from std_msgs.msg import Bool, Float64, String
from std_srvs.srv import SetBool, Trigger

from vplanner.sim_robot import calibration, make_env
from vplanner_ros import messages, qos
from vplanner_ros.messages import TcpPose
from vplanner_ros.sim_node import SimNode

from .bench import Bench

pytestmark = pytest.mark.ros


class Arm:
    """The simulated robot, seen from outside."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.node = bench.start(SimNode, autostart=True, task="press_button", seed=200_000)
        self._poses = bench.hear(PoseStamped, "current_pose", qos.STATE)
        self._openings = bench.hear(Float64, "gripper/opening", qos.STATE)
        self.pose()
        self.send_pose = bench.talk(PoseStamped, "executor_node/pose_target_cmds", qos.COMMAND)
        self.send_twist = bench.talk(TwistStamped, "executor_node/delta_twist_cmds", qos.COMMAND)
        self.send_opening = bench.talk(Float64, "gripper/command", qos.COMMAND)

    def reset(self) -> None:
        assert self.bench.call(Trigger, "sim_node/reset", Trigger.Request()).success
        self.pose()

    def pose(self) -> TcpPose:
        """One that is measured from now on."""
        del self._poses[:]
        return messages.tcp_pose_of(self.bench.until(lambda: self._poses, "a pose")[-1], "current_pose")

    def opening(self) -> float:
        del self._openings[:]
        return float(self.bench.until(lambda: self._openings, "an opening")[-1].data)


@pytest.fixture(scope="module")
def running_arm(shared_bench: Bench) -> Arm:
    return Arm(shared_bench)


@pytest.fixture
def arm(running_arm: Arm) -> Iterator[Arm]:
    running_arm.reset()
    yield running_arm


def test_cameras_show_the_scene_with_the_calibration_of_the_simulator(arm: Arm) -> None:
    bench, env = arm.bench, make_env("press_button")
    env.arrange(200_000)
    for view, camera in calibration(env).items():
        image = bench.until(lambda v=view: bench.hear(Image, f"camera/{v}/color/image_raw", qos.IMAGE), "a picture")[-1]
        info = bench.until(lambda v=view: bench.hear(CameraInfo, f"camera/{v}/color/camera_info", qos.IMAGE))[-1]
        where = bench.until(lambda v=view: bench.hear(TransformStamped, f"camera/{v}/extrinsics", qos.LATCHED))[-1]
        assert image.header.frame_id == info.header.frame_id == where.child_frame_id == f"{view}_optical_frame"
        seen = messages.camera_model_of(info, messages.matrix_of(where, "extrinsics"), view)
        np.testing.assert_allclose(seen.intrinsics, camera.intrinsics, rtol=1e-6)
        np.testing.assert_allclose(seen.T_base_cam, camera.T_base_cam, atol=1e-6)
        expected = env.render(view, 128, 128).astype(float)
        assert np.abs(messages.image_of(image, view).astype(float) - expected).mean() < 2.0


def test_it_measures_itself(arm: Arm) -> None:
    joints = arm.bench.until(lambda: arm.bench.hear(JointState, "/joint_states", qos.STATE))[-1]
    assert list(joints.name) == [f"joint{i}" for i in range(1, 8)]
    assert 0.0 <= arm.opening() <= 1.0


def test_it_goes_to_a_pose_and_stays_there_when_nobody_speaks(arm: Arm) -> None:
    start = arm.pose()
    goal = start.position + [0.04, -0.05, 0.03]
    arm.send_pose.publish(messages.pose_stamped(0.0, goal, start.quat_wxyz))
    arm.bench.until(lambda: np.linalg.norm(arm.pose().position - goal) < 0.012, "the pose is reached")
    reached = arm.pose()
    settled = arm.bench.until(lambda: (p := arm.pose()).stamp_s > reached.stamp_s + 1.0 and p, "it has settled")
    later = arm.bench.until(lambda: (p := arm.pose()).stamp_s > settled.stamp_s + 0.5 and p, "it has stood for a while")
    assert np.linalg.norm(later.position - goal) < 0.012
    assert np.linalg.norm(later.position - settled.position) < 0.001


def test_a_velocity_ends_when_it_is_not_renewed(arm: Arm) -> None:
    start = arm.pose()
    twist = [0.0, 0.1, 0.0, 0.0, 0.0, 0.0]
    arm.send_twist.publish(messages.twist_stamped(0.0, twist))
    arm.bench.until(lambda: arm.pose().stamp_s > start.stamp_s + 2.0, "two seconds of simulated time")
    moved = arm.pose().position - start.position
    assert 0.01 < moved[1] < 0.06  # a quarter of a second of 0.1 m/s, not two


def test_the_gripper_closes_and_opens(arm: Arm) -> None:
    arm.send_opening.publish(Float64(data=0.0))
    arm.bench.until(lambda: arm.opening() < 0.1, "closed")
    arm.send_opening.publish(Float64(data=1.0))
    arm.bench.until(lambda: arm.opening() > 0.9, "open")


def test_commands_that_cannot_be_used_move_nothing(arm: Arm) -> None:
    start = arm.pose()
    up = start.position + [0.0, 0.0, 0.1]
    for message in (
        messages.pose_stamped(0.0, [np.nan, 0.0, 0.0], start.quat_wxyz),
        messages.pose_stamped(0.0, up, [0.0, 0.0, 0.0, 0.0]),
        messages.pose_stamped(0.0, up, start.quat_wxyz, frame="world"),
    ):
        refused = int(arm.node.health().figures["commands refused"])
        arm.send_pose.publish(message)
        arm.bench.until(lambda n=refused: int(arm.node.health().figures["commands refused"]) > n, "it is refused")
    refused = int(arm.node.health().figures["commands refused"])
    arm.send_opening.publish(Float64(data=float("nan")))
    arm.bench.until(lambda: int(arm.node.health().figures["commands refused"]) > refused, "it is refused")
    assert np.linalg.norm(arm.pose().position - start.position) < 0.003


def test_a_reset_shows_another_scene_and_time_never_runs_back(arm: Arm) -> None:
    bench = arm.bench
    clock = bench.hear(Clock, "/clock", qos.CLOCK)
    said = bench.hear(String, "sim_node/instruction", qos.LATCHED)
    bench.until(lambda: said and clock)
    before = said[-1].data
    arm.node.set_parameters([Parameter("seed", value=200_003), Parameter("task", value="pick_place")])
    answer = bench.call(Trigger, "sim_node/reset", Trigger.Request())
    assert answer.success and answer.message != before
    bench.until(lambda: said[-1].data == answer.message, "the new instruction")
    heard = len(clock)
    bench.until(lambda: len(clock) > heard + 5, "time goes on")
    stamps = [messages.seconds_of(tick.clock) for tick in clock]
    assert stamps == sorted(stamps)
    succeeded = bench.hear(Bool, "sim_node/succeeded", qos.LATCHED)
    assert not bench.until(lambda: succeeded)[-1].data
    arm.node.set_parameters([Parameter("task", value="juggle")])
    refused = bench.call(Trigger, "sim_node/reset", Trigger.Request())
    assert not refused.success and "unknown task 'juggle'" in refused.message
    arm.node.set_parameters([Parameter("seed", value=200_000), Parameter("task", value="press_button")])


def test_time_stands_still_while_paused(arm: Arm) -> None:
    bench = arm.bench
    assert bench.call(SetBool, "sim_node/set_pause", SetBool.Request(data=True)).success
    clock = bench.hear(Clock, "/clock", qos.CLOCK)
    bench.run_for(0.3)
    heard = len(clock)
    bench.run_for(0.5)
    assert len(clock) == heard
    assert bench.call(SetBool, "sim_node/set_pause", SetBool.Request(data=False)).success
    bench.until(lambda: len(clock) > heard, "time goes on")


def test_inactive_it_is_quiet_and_can_be_activated_again(arm: Arm) -> None:
    bench = arm.bench
    arm.node.trigger_deactivate()
    poses = bench.hear(PoseStamped, "current_pose", qos.STATE)
    bench.run_for(0.3)
    heard = len(poses)
    bench.run_for(0.5)
    assert len(poses) == heard
    arm.node.trigger_activate()
    bench.until(lambda: len(poses) > heard, "it is back")
