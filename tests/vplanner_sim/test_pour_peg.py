"""Pouring and inserting: solved by their experts, also after disturbances, and by nothing less than the real thing."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest

from vplanner_sim import TabletopEnv, make_expert
from vplanner_sim.props_vessels import CUP_FLOOR, PEG_LENGTH, SOCKET_HEIGHT
from vplanner_sim.rotations import exp_so3


@pytest.fixture(scope="module")
def pour() -> TabletopEnv:
    return TabletopEnv("tilt_pour", image_size=32)


@pytest.fixture(scope="module")
def insert() -> TabletopEnv:
    return TabletopEnv("insert_peg", image_size=32)


def solved(env: TabletopEnv) -> bool:
    """Whether the expert gets there from here in time."""
    expert = make_expert(env)
    for _ in range(env.max_steps):
        env.advance(expert.act())
        if expert.done:
            return True
    return False


def put(env: TabletopEnv, body: str, position: np.ndarray, rotation: np.ndarray | None = None) -> None:
    """Move a free body there."""
    env.scene.place_free(body, position, rotation)
    mujoco.mj_forward(env.scene.model, env.scene.data)


@pytest.mark.parametrize("seed", [0, 1, 100_002])
@pytest.mark.parametrize("task", ["pour", "insert"])
def test_expert_solves_it_with_progress_from_start_to_end(task: str, seed: int, request: pytest.FixtureRequest) -> None:
    env: TabletopEnv = request.getfixturevalue(task)
    env.reset(seed)
    start = env.truth()
    assert not start.success
    assert start.progress < 0.3
    assert solved(env)
    end = env.truth()
    assert (end.success, end.progress) == (True, 1.0)


@pytest.mark.parametrize("task", ["pour", "insert"])
def test_colours_tell_things_in_view_apart(task: str, request: pytest.FixtureRequest) -> None:
    env: TabletopEnv = request.getfixturevalue(task)
    for seed in range(20):
        env.reset(seed)
        colours = [thing.colour for thing in env.truth().objects]
        assert len(colours) == len(set(colours))


def test_expert_inserts_a_peg_that_fell_from_the_gripper(insert: TabletopEnv) -> None:
    insert.reset(3)
    expert = make_expert(insert)
    while insert.scene.position("peg")[2] < 0.06:
        insert.advance(expert.act())
    insert.advance(np.array([0, 0, 0.02, 0, 0, 0, 1.0]))
    assert solved(insert)


def test_expert_pours_after_being_led_astray(pour: TabletopEnv) -> None:
    pour.reset(4)
    expert, rng = make_expert(pour), np.random.default_rng(0)
    for count in range(15):
        wild = np.array([*rng.normal(0, 0.02, 3), *rng.normal(0, 0.1, 3), 0.0])
        carried = pour.scene.position("cup")[2] > 0.05
        pour.step(wild if carried and count % 3 == 2 else expert.act())
    assert solved(pour)


def test_only_a_ball_out_of_the_cup_and_in_the_bowl_is_poured(pour: TabletopEnv) -> None:
    pour.reset(5)
    bowl = pour.scene.position("bowl")
    put(pour, "pour_ball", bowl + [0.1, 0, 0.013])
    assert not pour.truth().success
    put(pour, "cup", bowl + [0, 0, 0.006])
    put(pour, "pour_ball", bowl + [0, 0, 0.006 + CUP_FLOOR + 0.013])
    assert not pour.truth().success
    put(pour, "cup", bowl + [0.2, 0, 0.001])
    put(pour, "pour_ball", bowl + [0.01, 0, 0.02])
    assert pour.truth().success


def test_only_a_peg_deep_and_upright_in_the_hole_is_inserted(insert: TabletopEnv) -> None:
    insert.reset(6)
    hole = insert.truth().target.position
    low = hole + [0, 0, PEG_LENGTH / 2 - SOCKET_HEIGHT]
    for tilt, offset, inserted in ((0.0, 0.0, True), (np.pi, 0.0, True), (0.0, 0.04, False), (0.5, 0.0, False)):
        put(insert, "peg", low + [0, 0, offset], exp_so3(np.array([tilt, 0, 0])))
        assert insert.truth().success == inserted


def test_a_peg_turned_about_its_axis_is_gripped_at_the_same_point(insert: TabletopEnv) -> None:
    insert.reset(8)
    before = insert.truth().source.position
    position, rotation = insert.scene.position("peg"), insert.scene.rotation("peg")
    put(insert, "peg", position, rotation @ exp_so3(np.array([0, 0, np.pi / 2])))
    np.testing.assert_allclose(insert.truth().source.position, before, atol=1e-6)
