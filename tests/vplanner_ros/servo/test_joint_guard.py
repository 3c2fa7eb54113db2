"""The arm's table agrees with the simulated arm, its Jacobian with finite differences, and the guard with both."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vplanner.transforms import so3_log
from vplanner_ros.servo import ARMS, Code, JointLimits, ServoConfig
from vplanner_ros.servo.joint_guard import JointGuard
from vplanner_ros.servo.kinematics import condition

from .servo_rig import Rig

PANDA = ARMS["panda"]
HOME = np.array([0.0, -0.3, 0.0, -2.2, 0.0, 2.0, np.pi / 4])
angles = arrays(np.float64, 7, elements=st.floats(-1.5, 1.5)).map(lambda q: HOME + 0.4 * q)


@given(angles)
def test_jacobian_agrees_with_finite_differences(q: np.ndarray) -> None:
    jacobian, h = PANDA.jacobian(q), 1e-6
    for i in range(7):
        step = np.zeros(7)
        step[i] = h
        ahead, behind = PANDA.frames(q + step)[-1], PANDA.frames(q - step)[-1]
        np.testing.assert_allclose(jacobian[:3, i], (ahead[:3, 3] - behind[:3, 3]) / (2 * h), atol=1e-6)
        np.testing.assert_allclose(jacobian[3:, i], so3_log(ahead[:3, :3] @ behind[:3, :3].T) / (2 * h), atol=1e-6)


def test_the_table_is_that_of_the_simulated_arm() -> None:
    mujoco = pytest.importorskip("mujoco")
    from vplanner_sim.panda import arm_xml

    model = mujoco.MjModel.from_xml_string(
        f"<mujoco><compiler angle='radian'/><worldbody>{arm_xml(gripper=False)}</worldbody></mujoco>"
    )
    data = mujoco.MjData(model)
    np.testing.assert_allclose(model.jnt_range[:, 0], PANDA.lower)
    np.testing.assert_allclose(model.jnt_range[:, 1], PANDA.upper)
    for q in np.random.default_rng(0).uniform(PANDA.lower, PANDA.upper, (20, 7)):
        data.qpos[:] = q
        mujoco.mj_kinematics(model, data)
        tcp = PANDA.frames(q)[-1]
        np.testing.assert_allclose(tcp[:3, 3], data.site("tcp").xpos, atol=1e-6)
        np.testing.assert_allclose(tcp[:3, :3], data.site("tcp").xmat.reshape(3, 3), atol=1e-6)


def test_a_free_arm_is_not_slowed() -> None:
    guard = JointGuard(PANDA, JointLimits())
    assert condition(PANDA.jacobian(HOME)) < JointLimits().lower_singularity_threshold
    for twist in np.eye(6) * 0.2:
        assert guard.judge(HOME, twist).share == 1.0


def outward(q: np.ndarray) -> np.ndarray:
    """The twist along the line from shoulder to TCP, which stretches the arm."""
    frames = PANDA.frames(q)
    along = frames[-1, :3, 3] - frames[0, :3, 3]
    return np.concatenate([0.2 * along / np.linalg.norm(along), np.zeros(3)])


def stretched(bend: float) -> np.ndarray:
    """An arm reaching forward with its elbow bent by `bend` [rad]; at zero it is straight and singular."""
    return np.array([0.3, 0.9, 0.2, -bend, 0.3, 1.2, 0.4])


def test_the_nearer_a_singularity_the_slower_until_the_robot_halts_and_the_way_back_is_free() -> None:
    limits = JointLimits(joint_limit_margins=(0.0,))
    guard = JointGuard(PANDA, limits)
    seen: list[Code] = []
    shares: list[float] = []
    for bend in np.linspace(1.7, 0.6, 40):
        q = stretched(bend)
        into = guard.judge(q, outward(q))
        seen.append(into.status.code)
        shares.append(into.share)
        back = guard.judge(q, -outward(q))
        assert back.share > 0.0, "the robot must be able to leave"
        if condition(PANDA.jacobian(q)) > limits.hard_stop_singularity_threshold:
            assert into.share == 0.0
    assert seen[0] is Code.NO_WARNING
    assert Code.DECELERATE_FOR_APPROACHING_SINGULARITY in seen
    assert seen[-1] is Code.HALT_FOR_SINGULARITY
    assert (np.diff(shares) <= 1e-9).all()


def test_a_joint_near_its_bound_may_go_back_only() -> None:
    guard = JointGuard(PANDA, JointLimits())
    q = HOME.copy()
    q[5] = PANDA.lower[5] + 0.05
    speeds = np.zeros(7)
    speeds[5] = 1.0
    back = PANDA.jacobian(q) @ speeds
    bound = guard.judge(q, -0.2 * back)
    assert bound.status.code is Code.JOINT_BOUND
    assert bound.share == 0.0
    assert "joint 6 is at 0.033 rad" in bound.status.reason
    assert guard.judge(q, 0.2 * back).status.code is not Code.JOINT_BOUND


def test_the_executor_halts_smoothly_for_a_singularity_and_leaves_it_again() -> None:
    rig = Rig(arm=PANDA)
    rig.executor.robot.joints_measured(HOME, rig.now)
    for _ in range(20):
        rig.executor.robot.joints_measured(HOME, rig.now)
        rig.tick()
    rig.offer_fresh(step=(0.04, 0.0, 0.0))
    for _ in range(15):
        rig.executor.robot.joints_measured(HOME, rig.now)
        rig.tick()
    assert rig.code is Code.NO_WARNING
    q = stretched(0.7)
    direction = outward(q)[:3] / 0.2
    rig.offer_fresh(step=tuple(0.04 * direction))
    for _ in range(30):
        rig.executor.robot.joints_measured(q, rig.now)
        rig.tick()
    assert rig.code in (Code.HALT_FOR_SINGULARITY, Code.JOINT_BOUND)
    assert rig.outputs[-1].standing
    rig.offer_fresh(step=tuple(-0.04 * direction))
    for _ in range(20):
        rig.executor.robot.joints_measured(q, rig.now)
        rig.tick()
    assert rig.code is Code.DECELERATE_FOR_LEAVING_SINGULARITY
    assert not rig.outputs[-1].standing


def test_joints_that_stay_silent_stop_the_robot() -> None:
    rig = Rig(ServoConfig(), arm=PANDA)
    assert rig.code is Code.STALE_STATE
    assert "joint_states never came" in rig.reason
