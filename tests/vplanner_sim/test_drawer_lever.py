"""Drawer and lever: solved by their experts, also after disturbances, and by nothing less than the real motion."""

from __future__ import annotations

import numpy as np
import pytest

from vplanner_sim import TASKS, TabletopEnv, make_expert

FIXTURE_TASKS = ("open_drawer", "close_drawer", "turn_lever")
JOINTS = {"open_drawer": "drawer_slide", "close_drawer": "drawer_slide", "turn_lever": "lever_hinge"}


@pytest.fixture(scope="module", params=FIXTURE_TASKS)
def env(request: pytest.FixtureRequest) -> TabletopEnv:
    return TabletopEnv(request.param, image_size=32)


def solve(env: TabletopEnv) -> int | None:
    """Steps the expert takes from here, None when it runs out of them."""
    expert = make_expert(env)
    for count in range(env.max_steps):
        if expert.done:
            return count
        env.advance(expert.act())
    return None


@pytest.mark.parametrize("seed", [0, 1, 2, 100_003, 200_004])
def test_expert_solves_it_with_progress_from_start_to_end(env: TabletopEnv, seed: int) -> None:
    env.reset(seed)
    start = env.truth()
    assert not start.success
    assert 0.0 <= start.progress < 0.6
    assert solve(env) is not None
    end = env.truth()
    assert (end.success, end.progress) == (True, 1.0)


def test_expert_recovers_when_led_astray(env: TabletopEnv) -> None:
    rng = np.random.default_rng(0)
    for seed in range(3):
        env.reset(seed)
        expert = make_expert(env)
        for count in range(24):
            if expert.done:
                break
            wild = np.array([*rng.normal(0, 0.03, 3), *rng.normal(0, 0.1, 3), rng.random()])
            env.step(wild if count % 3 == 2 else expert.act())
        assert solve(env) is not None


def test_idle_and_lost_robots_do_not_solve_it(env: TabletopEnv) -> None:
    env.reset(5)
    joint = JOINTS[env.task.name]
    before = env.scene.joint(joint)
    for _ in range(10):
        assert not env.step(np.array([0, 0, 0.02, 0, 0, 0, 1.0])).success
    assert env.scene.joint(joint) == pytest.approx(before, abs=1e-3)


def test_truth_names_what_is_acted_on(env: TabletopEnv) -> None:
    env.reset(3)
    truth = env.truth()
    assert truth.skill == env.task.name
    assert {truth.source.noun, truth.target.noun} in ({"drawer_handle"}, {"lever_grip", "lever_pivot"})
    assert {truth.source.name, truth.target.name} <= {o.name for o in truth.objects}
    others = [o.colour for o in truth.objects if o.name not in (truth.source.name, truth.target.name)]
    assert truth.source.colour not in others
    indices = set(np.unique(env.segmentation("side", 128, 128)))
    assert {[o.name for o in truth.objects].index(truth.source.name)} <= indices


def test_fixture_is_free_of_the_robot_and_of_clutter_at_the_start(env: TabletopEnv) -> None:
    for seed in range(20):
        env.reset(seed)
        scene = env.scene
        for contact in range(scene.data.ncon):
            geoms = scene.data.contact[contact].geom
            names = [scene.model.geom(int(g)).name for g in geoms]
            assert not any(n.startswith(("cabinet", "drawer", "lever", "stand")) for n in names), (seed, names)


def test_lever_does_not_turn_in_a_gripper_that_does_not() -> None:
    env = TabletopEnv("turn_lever", image_size=32)
    for seed in range(4):
        env.reset(seed)
        expert = make_expert(env)
        gripped = False
        for _ in range(env.max_steps):
            action = expert.act()
            gripped = gripped or (action[6] == 0.0 and env.scene.gripper_opening < 0.3)
            if gripped:
                action[3:6] = 0.0
            assert not env.step(action).success


def test_registered_by_name() -> None:
    assert set(FIXTURE_TASKS) <= set(TASKS)


@pytest.mark.slow
def test_experts_succeed_almost_always(env: TabletopEnv) -> None:
    lengths = []
    for seed in range(100):
        env.reset(seed)
        lengths.append(solve(env))
    solved = [n for n in lengths if n is not None]
    assert len(solved) >= 98
    assert 10 <= np.mean(solved) <= 30
