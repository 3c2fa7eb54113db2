"""What every task promises: replay, shapes, independence of what it hands out, quiet physics, checked actions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import mujoco
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from vplanner_sim import TASKS, SimObservation, TabletopEnv, Variation
from vplanner_sim.motion import MAX_ROTATION_RAD, MAX_TRANSLATION_M, clip_step

STAY = np.array([0, 0, 0, 0, 0, 0, 1.0])


@pytest.fixture(scope="module", params=TASKS)
def env(request: pytest.FixtureRequest) -> Iterator[TabletopEnv]:
    env = TabletopEnv(request.param, image_size=32)
    yield env
    env.close()


@pytest.fixture(scope="module")
def reach() -> Iterator[TabletopEnv]:
    env = TabletopEnv("reach", image_size=16)
    yield env
    env.close()


def random_action(rng: np.random.Generator) -> NDArray[np.float64]:
    return np.array([*rng.uniform(-0.05, 0.05, 3), *rng.uniform(-0.3, 0.3, 3), rng.random()])


def play(env: TabletopEnv, seed: int, steps: int = 3) -> list[NDArray[np.generic]]:
    """Every number of an episode with random actions."""
    rng = np.random.default_rng(seed)
    numbers: list[NDArray[np.generic]] = []
    seen = env.reset(seed)
    for _ in range(steps):
        numbers += [*seen.images, seen.joint_positions, seen.tcp_position, seen.tcp_quat_wxyz]
        numbers += [np.array([seen.gripper_opening, seen.time_s]), env.scene.data.qpos.copy()]
        step = env.step(random_action(rng))
        numbers.append(np.array([step.success, step.progress]))
        seen = step.observation
    return numbers


def same(a: list[NDArray[np.generic]], b: list[NDArray[np.generic]]) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_same_seed_and_actions_replay_bit_for_bit(env: TabletopEnv) -> None:
    first = play(env, 7)
    words = env.instruction
    play(env, 8, steps=1)
    assert same(first, play(env, 7))
    assert env.instruction == words
    other = TabletopEnv(env.task.name, image_size=32)
    assert same(first, play(other, 7))
    other.close()


def test_different_seeds_differ(env: TabletopEnv) -> None:
    a, b = env.reset(1), env.reset(2)
    assert not np.array_equal(a.images[0], b.images[0])
    assert not np.array_equal(a.joint_positions, b.joint_positions)


def test_observation_has_the_promised_shapes_and_finite_numbers(env: TabletopEnv) -> None:
    seen = env.reset(3)
    assert len(seen.images) == len(env.cameras)
    assert all((i.shape, i.dtype) == ((32, 32, 3), np.uint8) and i.std() > 1 for i in seen.images)
    assert (seen.joint_positions.shape, seen.tcp_position.shape, seen.tcp_quat_wxyz.shape) == ((7,), (3,), (4,))
    assert np.isfinite([*seen.joint_positions, *seen.tcp_position, *seen.tcp_quat_wxyz]).all()
    assert np.linalg.norm(seen.tcp_quat_wxyz) == pytest.approx(1.0)
    assert 0.9 < seen.gripper_opening <= 1.0
    assert seen.time_s == 0.0
    assert env.step(STAY).observation.time_s == pytest.approx(env.dt_s)
    assert env.instruction


def test_observations_share_no_memory_with_each_other_or_the_physics(env: TabletopEnv) -> None:
    first = env.reset(4)
    kept = [a.copy() for a in (*first.images, first.joint_positions, first.tcp_position, first.tcp_quat_wxyz)]
    second = env.step(np.array([0.03, 0, 0, 0, 0, 0.2, 0.0])).observation
    mine = [*first.images, first.joint_positions, first.tcp_position, first.tcp_quat_wxyz]
    assert same(mine, kept)
    for a, b in zip(mine, [*second.images, second.joint_positions, second.tcp_position], strict=False):
        assert not np.shares_memory(a, b)
    before = env.scene.data.qpos.copy()
    second.joint_positions[:] = 9.0
    env.truth().source.position[:] = 9.0
    np.testing.assert_array_equal(env.scene.data.qpos, before)


def test_truth_starts_unsolved_and_names_source_and_target_in_view(env: TabletopEnv) -> None:
    for seed in (0, 5, 100_001, 200_001):
        env.reset(seed)
        truth = env.truth()
        assert not truth.success
        assert 0.0 <= truth.progress < 1.0
        names = [o.name for o in truth.objects]
        assert len(set(names)) == len(names)
        assert {truth.source.name, truth.target.name} <= set(names)
        assert truth.skill == env.task.skill
        for thing in truth.objects:
            assert np.isfinite(thing.position).all()
            assert 0.2 < thing.position[0] < 0.85
            assert abs(thing.position[1]) < 0.4


def test_random_actions_for_a_second_raise_no_warning_of_the_physics(env: TabletopEnv) -> None:
    env.reset(6)
    rng = np.random.default_rng(6)
    for _ in range(round(1.0 / env.dt_s)):
        env.advance(clip_step(random_action(rng)))
    warnings = env.scene.data.warning
    assert {w.name: warnings[w.value].number for w in _warnings() if warnings[w.value].number} == {}
    assert np.isfinite(env.scene.data.qpos).all()


def _warnings() -> list[mujoco.mjtWarning]:
    members = mujoco.mjtWarning.__members__.values()
    return [w for w in members if w.value < int(mujoco.mjtWarning.mjNWARNING)]


def test_observation_holds_nothing_but_pictures_and_the_robots_own_state() -> None:
    assert {f.name for f in fields(SimObservation)} == {
        "images", "joint_positions", "tcp_position", "tcp_quat_wxyz", "gripper_opening", "time_s",
    }  # fmt: skip


def test_measured_state_does_not_depend_on_where_things_are(reach: TabletopEnv) -> None:
    before = reach.reset(9)
    joint = reach.scene.data.joint(f"{reach.truth().source.body}_free")
    joint.qpos[:2] += [0.05, 0.03]
    mujoco.mj_forward(reach.scene.model, reach.scene.data)
    after = reach.observe()
    assert not np.array_equal(before.images[0], after.images[0])
    for name in ("joint_positions", "tcp_position", "tcp_quat_wxyz", "gripper_opening"):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", range(7))
def test_action_that_is_not_finite_is_refused_and_moves_nothing(reach: TabletopEnv, bad: float, place: int) -> None:
    reach.reset(0)
    before = (reach.scene.data.qpos.copy(), reach.scene.data.ctrl.copy(), reach.scene.data.time)
    action = STAY.copy()
    action[place] = bad
    with pytest.raises(ValueError, match="finite"):
        reach.step(action)
    np.testing.assert_array_equal(reach.scene.data.qpos, before[0])
    np.testing.assert_array_equal(reach.scene.data.ctrl, before[1])
    assert reach.scene.data.time == before[2]


@pytest.mark.parametrize("shape", [(6,), (8,), (1, 7), (0,), ()])
def test_action_of_another_shape_is_refused(reach: TabletopEnv, shape: tuple[int, ...]) -> None:
    reach.reset(0)
    with pytest.raises(ValueError, match="7 finite numbers"):
        reach.step(np.zeros(shape))


def test_step_before_reset_is_refused() -> None:
    env = TabletopEnv("reach", image_size=16)
    with pytest.raises(RuntimeError, match="reset"):
        env.step(STAY)


@pytest.mark.parametrize(
    ("arguments", "valid"),
    [({"task": "juggle"}, "reach"), ({"cameras": ("top",)}, "front"), ({"robot": "r2d2"}, "panda")],
)
def test_unknown_names_are_refused_with_the_valid_ones(arguments: dict[str, object], valid: str) -> None:
    with pytest.raises(ValueError, match=f"unknown .* valid: .*{valid}"):
        TabletopEnv(**{"task": "reach", **arguments})  # type: ignore[arg-type]


def test_negative_seed_is_refused(reach: TabletopEnv) -> None:
    with pytest.raises(ValueError, match="non-negative"):
        reach.reset(-1)


def test_wordings_of_training_and_other_scenes_are_apart(reach: TabletopEnv) -> None:
    def said(first: int) -> set[str]:
        found = set()
        for seed in range(first, first + 12):
            reach.reset(seed)
            things = (reach.truth().source.colour, reach.truth().source.noun)
            words = reach.instruction
            for word in things:
                words = words.replace(word, "")
            found.add(words)
        return found

    assert len(said(0)) > 3
    assert not said(0) & said(100_000)


def test_variation_switched_off_leaves_table_light_and_cameras_alone() -> None:
    still = Variation(
        clutter=0, lighting=0.0, table_colour=0.0, textures=0.0, camera_jitter_m=0.0, camera_jitter_rad=0.0
    )
    env = TabletopEnv("reach", image_size=16, variation=still)
    seen = []
    for seed in (1, 2):
        env.reset(seed)
        seen.append([env.scene.model.cam_pos.copy(), env.scene.model.light_diffuse.copy()])
        assert len(env.truth().objects) == 1
    for a, b in zip(*seen, strict=True):
        np.testing.assert_array_equal(a, b)
    env.close()


@given(arrays(np.float64, 7, elements=st.floats(-1e3, 1e3)))
def test_clipped_step_is_within_limits_in_the_same_direction_and_stays_when_clipped_again(
    action: NDArray[np.float64],
) -> None:
    clipped = clip_step(action)
    assert np.linalg.norm(clipped[:3]) <= MAX_TRANSLATION_M * (1 + 1e-12)
    assert np.linalg.norm(clipped[3:6]) <= MAX_ROTATION_RAD * (1 + 1e-12)
    assert 0.0 <= clipped[6] <= 1.0
    for part in (slice(0, 3), slice(3, 6)):
        assert np.linalg.norm(np.cross(action[part], clipped[part])) == pytest.approx(0.0, abs=1e-9)
        assert action[part] @ clipped[part] >= 0.0
    np.testing.assert_allclose(clip_step(clipped), clipped, rtol=1e-12)


@given(arrays(np.float64, 7, elements=st.floats(-0.02, 0.02)))
def test_step_within_the_limits_is_left_alone(action: NDArray[np.float64]) -> None:
    action[6] = abs(action[6])
    kept = action.copy()
    np.testing.assert_array_equal(clip_step(action), kept)
    np.testing.assert_array_equal(action, kept)
