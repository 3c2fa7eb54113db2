"""The shipped judge tells the end of a sub-goal from its beginning, and refuses what it cannot judge."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vplanner.agent import AgentConfig, make_agent, open_networks
from vplanner.backends import BackendConfig
from vplanner.bundle import Bundle
from vplanner.data.behaviours import limit_step
from vplanner.errors import InputError
from vplanner.prompting.judging import CloseUpJudge, SubGoalJudge
from vplanner.sim_robot import as_observation, calibration, make_env, reset_env, true_sub_goal
from vplanner.types import Observation, SubGoal, Verdict


@pytest.fixture(scope="module")
def close_up(bundle: Bundle) -> CloseUpJudge:
    return CloseUpJudge(bundle, BackendConfig(threads=1))


class Halfway:
    """Sees every sub-goal half done."""

    def judge(self, observation: Observation, sub_goal: SubGoal) -> Verdict:
        return Verdict(False, 0.5, "halfway")


@pytest.mark.parametrize("task", ["pick_place", "press_button", "close_drawer", "stack"])
def test_the_end_of_an_expert_episode_is_a_success_and_its_beginning_is_not(close_up: CloseUpJudge, task: str) -> None:
    pytest.importorskip("mujoco")
    from vplanner_sim import make_expert

    env = make_env(task)
    chances = []
    reset_env(env, 100_900)
    expert = make_expert(env)
    for _ in range(env.max_steps):
        truth = env.truth()
        if not chances or truth.success:
            observation = as_observation(env.observe(), calibration(env))
            chances.append(close_up.success(observation, true_sub_goal(truth)))
        if len(chances) > 4:
            break
        env.advance(limit_step(expert.act()).astype(np.float64))
    env.close()
    assert chances[0] < 0.5 < chances[-1]


def test_progress_is_the_critics(close_up: CloseUpJudge) -> None:
    pytest.importorskip("mujoco")
    env = make_env("reach")
    observation = as_observation(reset_env(env, 100_901), calibration(env))
    goal = true_sub_goal(env.truth())
    env.close()
    chance = close_up.success(observation, goal)
    for threshold in (0.0, 1.0):
        verdict = SubGoalJudge(close_up, Halfway(), threshold).judge(observation, goal)
        assert verdict.success == (chance > threshold) and verdict.progress == 0.5
    lost = replace(goal, source=replace(goal.source, position=np.full(3, np.nan, np.float32)))
    with pytest.raises(InputError, match="not finite"):
        close_up.success(observation, lost)


def test_a_bundle_with_a_judge_is_judged_by_close_ups(bundle: Bundle) -> None:
    config = AgentConfig(backend=BackendConfig(threads=1))
    assert bundle.has("prompter_judge")
    networks = open_networks(bundle, config)
    assert isinstance(make_agent(networks, config, np.random.default_rng(0)).judge, SubGoalJudge)
    older = make_agent(replace(networks, close_up=None), config, np.random.default_rng(0))
    assert not isinstance(older.judge, SubGoalJudge)
