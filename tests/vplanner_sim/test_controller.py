"""Steps reach where they were sent, within the joints' limits, and pushing against something winds nothing up."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from vplanner_sim import ROBOTS, TabletopEnv, Variation
from vplanner_sim.controller import CartesianController
from vplanner_sim.motion import clip_step
from vplanner_sim.rotations import DOWN, exp_so3, log_so3, to_quat_wxyz
from vplanner_sim.scene import build_kinematic_model

Array = NDArray[np.float64]
STAY = np.array([0, 0, 0, 0, 0, 0, 1.0])


@pytest.fixture(scope="module")
def env() -> Iterator[TabletopEnv]:
    env = TabletopEnv("reach", image_size=16, cameras=(), variation=Variation(clutter=0))
    yield env
    env.close()


def steps_in_free_space(env: TabletopEnv, rng: np.random.Generator, count: int) -> tuple[Array, Array]:
    """Send random steps; where they should have led: position (3,) and orientation (3, 3)."""
    position, rotation = env.scene.tcp_position, env.scene.tcp_rotation
    for _ in range(count):
        goal = np.array([rng.uniform(0.42, 0.58), rng.uniform(-0.12, 0.12), rng.uniform(0.18, 0.32)])
        home = log_so3(DOWN @ rotation.T)
        action = clip_step(np.concatenate([0.2 * (goal - position), 0.4 * home + rng.normal(0, 0.06, 3), [1.0]]))
        env.advance(action)
        position = position + action[:3]
        rotation = exp_so3(action[3:6]) @ rotation
    return position, rotation


@pytest.mark.parametrize("seed", range(5))
def test_steps_add_up_to_where_they_were_sent_within_2_mm_and_1_degree(env: TabletopEnv, seed: int) -> None:
    env.reset(seed)
    position, rotation = steps_in_free_space(env, np.random.default_rng(seed), 5)
    for _ in range(4):  # the servo lags behind moving targets
        env.advance(STAY)
    assert np.linalg.norm(env.scene.tcp_position - position) < 2e-3
    assert np.linalg.norm(log_so3(env.scene.tcp_rotation @ rotation.T)) < np.deg2rad(1.0)


@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize("sign", [-1, 1])
def test_one_step_of_translation_or_rotation_moves_along_its_axis(env: TabletopEnv, axis: int, sign: int) -> None:
    env.reset(1)
    for part, size in ((0, 0.03), (3, 0.2)):
        before = (env.scene.tcp_position, env.scene.tcp_rotation)
        action = STAY.copy()
        action[part + axis] = sign * size
        for a in (action, STAY, STAY, STAY):
            env.advance(a)
        moved = np.concatenate([env.scene.tcp_position - before[0], log_so3(env.scene.tcp_rotation @ before[1].T)])
        np.testing.assert_allclose(moved[:3], action[:3], atol=2e-3)
        np.testing.assert_allclose(moved[3:], action[3:6], atol=np.deg2rad(1.0))


def test_standing_still_does_not_drift(env: TabletopEnv) -> None:
    env.reset(2)
    for _ in range(3):
        env.advance(STAY)
    before = (env.scene.tcp_position, env.scene.tcp_rotation)
    for _ in range(20):
        env.advance(STAY)
    assert np.linalg.norm(env.scene.tcp_position - before[0]) < 5e-4
    assert np.linalg.norm(log_so3(env.scene.tcp_rotation @ before[1].T)) < np.deg2rad(0.2)


def test_pressing_on_the_table_winds_nothing_up(env: TabletopEnv) -> None:
    env.reset(3)
    down, up = STAY.copy(), STAY.copy()
    down[2], up[2] = -0.04, 0.04
    for _ in range(20):
        env.advance(down)
    low = env.scene.tcp_position[2]
    assert low > -0.01
    for _ in range(3):
        env.advance(up)
    assert env.scene.tcp_position[2] > low + 0.05


def test_wild_steps_keep_the_joints_within_their_limits(env: TabletopEnv) -> None:
    rng = np.random.default_rng(0)
    limits = np.array([env.scene.model.joint(name).range for name in env.scene.robot.joint_names])
    env.reset(4)
    drift = rng.normal(size=6)
    for _ in range(40):
        drift = 0.9 * drift + rng.normal(size=6)
        env.advance(clip_step(np.concatenate([drift, [rng.random()]])))
        joints = env.scene.joints
        assert (joints > limits[:, 0] - 0.02).all()
        assert (joints < limits[:, 1] + 0.02).all()


def test_gripper_opens_and_closes(env: TabletopEnv) -> None:
    env.reset(5)
    for opening in (0.0, 1.0, 0.5):
        for _ in range(4):
            env.advance(np.array([0, 0, 0, 0, 0, 0, opening]))
        assert env.scene.gripper_opening == pytest.approx(opening, abs=0.05)


@pytest.mark.parametrize("seed", range(3))
def test_joint_targets_obey_the_speed_limits(seed: int) -> None:
    robot = ROBOTS["panda"]
    controller = CartesianController(robot, build_kinematic_model(robot), 0.2)
    rng = np.random.default_rng(seed)
    joints = controller.reset(np.array([0.5, 0.0, 0.3]), DOWN)
    for _ in range(5):
        twist = np.concatenate([rng.uniform(-0.05, 0.05, 3), rng.uniform(-0.3, 0.3, 3)])
        target = controller.step(joints, controller.position, controller.rotation, twist)
        assert (np.abs(target - joints) <= robot.velocity_limits * 0.2 + 1e-6).all()
        joints = target


def test_rotation_vectors_matrices_and_quaternions_agree() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        vector = rng.normal(size=3)
        vector *= rng.uniform(0, 3.1) / np.linalg.norm(vector)
        matrix = exp_so3(vector)
        np.testing.assert_allclose(log_so3(matrix), vector, atol=1e-7)
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-12)
        quat = to_quat_wxyz(matrix)
        assert quat[0] >= 0
        assert 2 * np.arccos(min(quat[0], 1.0)) == pytest.approx(np.linalg.norm(vector), abs=1e-6)
