"""Every task can be solved: the experts' success rates, with and without disturbances."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from vplanner_sim import TASKS, TabletopEnv, Variation, make_expert
from vplanner_sim.motion import MAX_ROTATION_RAD, MAX_TRANSLATION_M

REQUIRED_RATE = 0.95


def solve(env: TabletopEnv) -> list[NDArray[np.float64]] | None:
    """The steps that the expert takes from here, None when it runs out of them."""
    expert = make_expert(env)
    taken: list[NDArray[np.float64]] = []
    while not expert.done:
        if len(taken) == env.max_steps:
            return None
        taken.append(expert.act())
        env.advance(taken[-1])
    return taken


@pytest.mark.parametrize("task", ["reach", "push_to_zone", "pick_place", "stack", "press_button"])
def test_expert_solves_it_within_the_limits_of_a_step(task: str) -> None:
    env = TabletopEnv(task, image_size=16, cameras=())
    for seed in (0, 100_001, 200_002):
        env.reset(seed)
        steps = solve(env)
        assert steps is not None, f"seed {seed}"
        actions = np.array(steps)
        assert actions.shape[1] == 7
        assert (np.linalg.norm(actions[:, :3], axis=1) <= MAX_TRANSLATION_M + 1e-9).all()
        assert (np.linalg.norm(actions[:, 3:6], axis=1) <= MAX_ROTATION_RAD + 1e-9).all()
        assert ((actions[:, 6] >= 0) & (actions[:, 6] <= 1)).all()
        assert env.truth().progress == 1.0
    env.close()


def test_expert_picks_up_again_what_was_knocked_out_of_the_gripper() -> None:
    env = TabletopEnv("pick_place", image_size=16, cameras=(), variation=Variation(clutter=0))
    env.reset(3)
    expert = make_expert(env)
    while env.scene.position("cube0")[2] < 0.05:  # until it is lifted
        env.advance(expert.act())
    for _ in range(3):
        env.advance(np.array([0, 0, 0.03, 0, 0, 0, 1.0]))
    assert env.scene.position("cube0")[2] < 0.03
    assert solve(env) is not None
    env.close()


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS)
def test_success_rate_over_a_hundred_scenes(task: str) -> None:
    env = TabletopEnv(task, image_size=16, cameras=())
    failed = []
    for seed in range(100_000, 100_100):
        env.reset(seed)
        if solve(env) is None:
            failed.append(seed)
    env.close()
    assert 1 - len(failed) / 100 >= REQUIRED_RATE, f"failed on seeds {failed}"


@pytest.mark.parametrize("task", list(TASKS))
def test_every_step_to_success_is_told_in_plain_numbers(task: str) -> None:
    env = TabletopEnv(task, image_size=16, cameras=())
    env.reset(7)
    expert = make_expert(env)
    for _ in range(env.max_steps):
        step, truth = env.step(expert.act()), env.truth()
        told = {"success": step.success, "progress": step.progress, "reached": step.reached, "done": truth.success}
        assert json.loads(json.dumps(told)) == told
        if step.success:
            break
    assert step.success
    env.close()
