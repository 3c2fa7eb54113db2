"""The Gymnasium environments: what Gymnasium's own checker asks, and that they are the tasks they wrap."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from vplanner_sim import LONG_TASKS, TASKS, TabletopEnv, make_expert
from vplanner_sim.gym_env import TabletopGymEnv, env_id


@pytest.fixture(scope="module")
def reach() -> Iterator[TabletopGymEnv]:
    env = TabletopGymEnv("reach", render_mode="rgb_array", image_size=32)
    yield env
    env.close()


@pytest.mark.parametrize("task", [*TASKS, *LONG_TASKS])
def test_every_task_is_registered_with_its_own_number_of_steps(task: str) -> None:
    assert gymnasium.spec(env_id(task)).max_episode_steps == {**TASKS, **LONG_TASKS}[task].max_steps


def test_names_are_what_the_documents_say() -> None:
    assert {env_id(task) for task in (*TASKS, *LONG_TASKS)} >= {
        "vplanner/Reach-v0", "vplanner/PushToZone-v0", "vplanner/PickPlace-v0", "vplanner/InsertPeg-v0",
        "vplanner/SortByColour-v0", "vplanner/PutAway-v0", "vplanner/BuildTower-v0",
    }  # fmt: skip


@pytest.mark.parametrize("task", ["reach", "pick_place", "put_away", pytest.param("tilt_pour", marks=pytest.mark.slow)])
def test_gymnasiums_checker_has_nothing_to_say(task: str) -> None:
    env = gymnasium.make(env_id(task), image_size=32, render_mode="rgb_array")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env.unwrapped)
    env.close()


def test_make_imports_the_module_on_the_way() -> None:
    with gymnasium.make("vplanner_sim.gym_env:vplanner/Reach-v0", image_size=16) as env:
        assert env.reset(seed=0)[0]["front"].shape == (16, 16, 3)


def test_seed_is_the_seed_of_the_scene(reach: TabletopGymEnv) -> None:
    seen, info = reach.reset(seed=11)
    direct = TabletopEnv("reach", image_size=32)
    same = direct.reset(11)
    np.testing.assert_array_equal(seen["front"], same.images[0])
    np.testing.assert_array_equal(seen["state"][7:10], same.tcp_position.astype(np.float32))
    assert info["instruction"] == direct.instruction
    direct.close()


def test_resets_without_seed_follow_from_the_last_seed_and_differ(reach: TabletopGymEnv) -> None:
    runs = []
    for _ in range(2):
        reach.reset(seed=3)
        runs.append([reach.reset()[0]["state"] for _ in range(2)])
    np.testing.assert_array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0][0], runs[0][1])


def test_expert_earns_what_was_left_and_the_episode_terminates(reach: TabletopGymEnv) -> None:
    reach.reset(seed=5)
    left = 1.0 - reach.tabletop.truth().progress
    expert = make_expert(reach.tabletop)
    total, terminated = 0.0, False
    for _ in range(reach.tabletop.max_steps):
        observation, reward, terminated, truncated, info = reach.step(expert.act().astype(np.float32))
        assert reach.observation_space.contains(observation)
        assert not truncated
        total += reward
        if terminated:
            break
    assert terminated
    assert info["is_success"]
    assert total == pytest.approx(left)


def test_time_limit_truncates() -> None:
    env = gymnasium.make(env_id("reach"), image_size=16, max_episode_steps=2)
    env.reset(seed=0)
    still = np.array([0, 0, 0, 0, 0, 0, 1], np.float32)
    assert [env.step(still)[2:4] for _ in range(2)] == [(False, False), (False, True)]
    env.close()


def test_render_returns_a_picture_or_nothing(reach: TabletopGymEnv) -> None:
    reach.reset(seed=0)
    picture = reach.render()
    assert picture is not None
    assert (picture.shape, picture.dtype) == ((240, 320, 3), np.uint8)
    silent = TabletopGymEnv("reach", image_size=16)
    silent.reset(seed=0)
    assert silent.render() is None
    silent.close()


def test_unknown_render_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="rgb_array"):
        TabletopGymEnv("reach", render_mode="human")
