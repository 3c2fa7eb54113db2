"""The executor as a node: every fault that messages can carry ends in a stop with a reason, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from .bench import Bench

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="pip install 'vplanner[ros,dev-ros]'")

from geometry_msgs.msg import PoseStamped  # noqa: E402
from lifecycle_msgs.msg import Transition  # noqa: E402
from lifecycle_msgs.srv import ChangeState  # noqa: E402
from rclpy.qos import QoSProfile, ReliabilityPolicy  # noqa: E402
from rosgraph_msgs.msg import Clock  # noqa: E402
from sensor_msgs.msg import JointState  # noqa: E402
from std_msgs.msg import Float64  # noqa: E402
from std_srvs.srv import SetBool, Trigger  # noqa: E402
from trajectory_msgs.msg import MultiDOFJointTrajectory  # noqa: E402

from vplanner_ros import messages, qos  # noqa: E402
from vplanner_ros.executor_node import ExecutorNode  # noqa: E402

from .executor_rig import PLAIN, ExecutorRig, stop_button  # noqa: E402


@pytest.fixture
def rig(bench: Bench) -> Iterator[ExecutorRig]:
    """An executor that runs in this process; the robot is known to it."""
    rig = ExecutorRig(bench)
    bench.start(ExecutorNode, autostart=True, **PLAIN)
    rig.wait_for("WAITING")
    yield rig


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"x": float("nan")}, "not finite"),
        ({"x": float("inf")}, "not finite"),
        ({"w": 0.0}, "quaternion"),
        ({"frame": "world"}, "in frame 'world'"),
        ({"frame": ""}, "in frame ''"),
        ({"age_s": 5.0}, "s ago"),
        ({"age_s": -5.0}, "in the future"),
    ],
)
def test_a_chunk_that_cannot_be_trusted_stops_the_robot_and_a_good_one_moves_it_again(
    rig: ExecutorRig, changes: dict[str, Any], told: str
) -> None:
    rig.set_moving()
    changes = dict(changes)
    age_s = changes.pop("age_s", None)

    def spoil() -> None:
        rig.chunks.publish(rig.message(**changes) if age_s is None else rig.message(stamp_s=rig.now_s() - age_s))

    rig.expect_stop("INVALID", spoil)
    assert told in rig.reason
    rig.set_moving()


def test_when_chunks_cease_the_robot_stops_by_itself(rig: ExecutorRig) -> None:
    rig.set_moving()
    rig.expect_stop("STALE_COMMAND")
    rig.wait_for("WAITING")
    assert "the last stop was STALE_COMMAND" in rig.reason


def test_when_the_robot_falls_silent_or_speaks_of_another_frame_it_is_stopped(rig: ExecutorRig) -> None:
    rig.set_moving()
    rig.reports = False
    rig.expect_stop("STALE_STATE")
    assert "current_pose is" in rig.reason
    rig.reports = True
    rig.set_moving()
    rig.frame = "world"
    rig.expect_stop("STALE_STATE")
    rig.frame = "base_link"
    rig.set_moving()


def test_pause_and_resume(rig: ExecutorRig, bench: Bench) -> None:
    rig.set_moving()
    assert bench.call(SetBool, "executor_node/pause", SetBool.Request(data=True)).success
    rig.expect_stop("PAUSED", lambda: rig.chunks.publish(rig.message()))
    assert bench.call(SetBool, "executor_node/pause", SetBool.Request(data=False)).success
    rig.wait_for("WAITING")
    rig.set_moving()


def test_emergency_stop_is_latched_until_it_is_cleared(rig: ExecutorRig, bench: Bench) -> None:
    rig.set_moving()
    press = stop_button(bench)
    press(True)
    rig.expect_stop("EMERGENCY_STOP")
    refused = bench.call(Trigger, "executor_node/clear", Trigger.Request())
    assert not refused.success
    assert "send false first" in refused.message
    press(False)
    bench.until(lambda: bench.call(Trigger, "executor_node/clear", Trigger.Request()).success, "cleared")
    rig.wait_for("WAITING")
    rig.set_moving()


def test_a_second_planner_stops_the_robot_until_it_leaves(rig: ExecutorRig, bench: Bench) -> None:
    rig.set_moving()
    second = bench.probe.create_publisher(MultiDOFJointTrajectory, "chunk", qos.COMMAND)
    rig.expect_stop("SECOND_PUBLISHER")
    assert "2 publishers on chunk" in rig.reason
    bench.probe.destroy_publisher(second)
    rig.wait_for("WAITING")
    rig.set_moving()


def test_with_a_second_commander_the_executor_stops_and_falls_silent(rig: ExecutorRig, bench: Bench) -> None:
    rig.set_moving()
    second = bench.probe.create_publisher(PoseStamped, "executor_node/pose_target_cmds", qos.COMMAND)
    rig.expect_stop("SECOND_PUBLISHER")
    assert "the command topic" in rig.reason
    count = [0]

    def silent() -> bool:
        before, count[0] = count[0], len(rig.heard)
        bench.run_for(0.5)
        return len(rig.heard) == count[0] == before

    bench.until(silent, "silence")
    bench.probe.destroy_publisher(second)
    rig.wait_for("WAITING")
    rig.set_moving()


def test_a_planner_whose_qos_does_not_fit_is_told(rig: ExecutorRig, bench: Bench) -> None:
    best_effort = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
    publisher = bench.probe.create_publisher(MultiDOFJointTrajectory, "chunk", best_effort)
    rig.wait_for("INCOMPATIBLE_QOS")
    assert "RELIABILITY" in rig.reason
    bench.probe.destroy_publisher(publisher)
    rig.set_moving()


def test_deactivating_stops_first_and_then_sends_nothing(bench: Bench) -> None:
    rig = ExecutorRig(bench)
    bench.spawn("vplanner_ros.executor_node", autostart=True, **PLAIN)
    rig.wait_for("WAITING")

    def change(transition: int) -> None:
        request = ChangeState.Request(transition=Transition(id=transition))
        assert bench.call(ChangeState, "executor_node/change_state", request).success

    rig.set_moving()
    change(Transition.TRANSITION_DEACTIVATE)
    rig.wait_for("INACTIVE")
    bench.run_for(0.2)
    assert rig.speed == 0.0  # it stood before it fell silent
    count = len(rig.heard)
    bench.run_for(0.5)
    assert len(rig.heard) == count
    change(Transition.TRANSITION_ACTIVATE)
    rig.wait_for("WAITING")
    rig.set_moving()


def test_twists_move_the_robot_too_and_end_at_zero(bench: Bench) -> None:
    rig = ExecutorRig(bench)
    bench.start(ExecutorNode, autostart=True, command_type="twist", **PLAIN)
    rig.wait_for("WAITING")
    rig.set_moving()
    rig.expect_stop("STALE_COMMAND")
    assert not rig.twists[-1].any()
    assert max(float(np.linalg.norm(t[:3])) for t in rig.twists) <= 0.25 + 1e-9


def test_the_gripper_is_told_its_opening(rig: ExecutorRig, bench: Bench) -> None:
    openings = bench.hear(Float64, "gripper/command", qos.COMMAND)
    rig.set_moving()
    bench.until(lambda: bool(openings), "an opening")
    assert openings[-1].data == 1.0


def test_joints_are_needed_when_the_arm_is_known_and_a_bound_halts_it(bench: Bench) -> None:
    rig = ExecutorRig(bench)
    bench.start(ExecutorNode, autostart=True, arm="panda", max_tick_gap=5.0)
    bench.until(lambda: "joint_states never came" in rig.reason, "joints to be missed")
    joints = bench.probe.create_publisher(JointState, "/joint_states", qos.STATE)
    names = [f"joint{i}" for i in range(1, 8)]
    angles = np.array([0.0, -0.3, 0.0, -2.2, 0.0, 2.0, np.pi / 4])
    bench.probe.create_timer(0.02, lambda: joints.publish(messages.joint_state(rig.now_s(), names, angles)))
    rig.wait_for("WAITING")
    rig.set_moving()
    angles[:] = [0.0, 1.0, 0.0, -0.15, 0.0, 1.3, 0.0]  # elbow stretched, within its margin and past the threshold
    bench.until(
        lambda: (rig.chunks.publish(rig.message()), rig.name in {"HALT_FOR_SINGULARITY", "JOINT_BOUND"})[1],
        "a halt by the joints",
    )


def test_when_simulated_time_jumps_back_the_robot_stops_and_chunks_of_the_new_time_are_taken(bench: Bench) -> None:
    sim_s = [1000.0]
    clock = bench.probe.create_publisher(Clock, "/clock", qos.CLOCK)

    def run_time() -> None:
        sim_s[0] += 0.02
        clock.publish(Clock(clock=messages.stamp_of(sim_s[0])))

    bench.probe.create_timer(0.02, run_time)
    rig = ExecutorRig(bench, clock=lambda: sim_s[0])
    bench.start(ExecutorNode, autostart=True, use_sim_time=True, **PLAIN)
    rig.wait_for("WAITING")
    rig.set_moving()
    sim_s[0] = 10.0
    rig.expect_stop("CLOCK_JUMP")
    assert "the clock jumped by -" in rig.reason
    rig.set_moving()
