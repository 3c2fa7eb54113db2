from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vplanner.agent import Agent
from vplanner.benchmarks import bench_simulation
from vplanner.errors import InputError, MissingDependencyError, SafetyError
from vplanner.loop import ClosedLoop, LoopConfig
from vplanner.observation import check_observation
from vplanner.sim_robot import EGL_HINT, VIEWS, Referee, SimRobot, make_env
from vplanner.types import ActionChunk

pytest.importorskip("mujoco")

AgentMaker = Callable[..., Agent]


@pytest.fixture(scope="module")
def env() -> Any:
    return make_env("pick_place")


def test_it_shows_pictures_state_and_calibration(env: Any) -> None:
    observation = SimRobot(env, seed=200_000).observe()
    check_observation(observation, VIEWS, 64)
    assert [frame.image.shape for frame in observation.frames] == [(128, 128, 3)] * 2
    assert not hasattr(observation, "instruction")


def test_it_goes_where_it_is_told(env: Any) -> None:
    referee = Referee()
    robot = SimRobot(env, seed=200_000, referee=referee)
    start = robot.observe()
    steps = np.tile(np.array([0.02, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0], dtype=np.float32), (3, 1))
    robot.execute(ActionChunk(steps, 0.2))
    robot.stop()
    end = robot.observe()
    np.testing.assert_allclose(end.robot.position - start.robot.position, [0.06, 0.0, 0.0], atol=0.01)
    assert end.time_s == pytest.approx(start.time_s + 0.6)
    assert not referee.success


def test_commands_that_are_not_finite_move_nothing(env: Any) -> None:
    robot = SimRobot(env, seed=200_000)
    before = robot.observe()
    steps = np.zeros((2, 7), dtype=np.float32)
    steps[1, 0] = np.nan
    with pytest.raises(SafetyError, match="stays where it is"):
        robot.execute(ActionChunk(steps, 0.2))
    assert robot.observe() is before


def test_a_machine_that_cannot_draw_is_told_what_to_install(env: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vplanner_sim import RenderError

    def fail(*_: object) -> None:
        raise RenderError("no OpenGL context; install this and that") from OSError("no libEGL\nat all")

    monkeypatch.setattr(type(env), "reset", fail)
    for attempt in (lambda: SimRobot(env, seed=200_000), lambda: bench_simulation("reach", steps=1, image_size=16)):
        with pytest.raises(MissingDependencyError) as caught:
            attempt()
        assert str(caught.value) == f"MuJoCo cannot render (no libEGL); on Debian and Ubuntu: {EGL_HINT}"


def test_an_unknown_task_is_told_with_those_there_are() -> None:
    with pytest.raises(InputError, match="unknown task 'juggle'; the tasks are: reach, "):
        make_env("juggle")


def test_the_loop_runs_while_the_state_of_objects_is_hidden(
    env: Any, monkeypatch: pytest.MonkeyPatch, make_test_agent: AgentMaker, bundle_folder: Path, prompter: Any
) -> None:
    """Planner, prompter and judge get pictures, joint state and words: privileged queries would raise here."""

    def hidden(*_: object) -> None:
        raise AssertionError("the state of objects was read at run time")

    robot = SimRobot(env, seed=200_001)
    for name in ("truth", "segmentation", "depth"):
        monkeypatch.setattr(type(env), name, hidden)
    monkeypatch.setattr(type(env), "scene", property(hidden))
    agent = make_test_agent(bundle_folder)
    config = LoopConfig(max_steps=4)
    loop = ClosedLoop(robot, prompter, agent.judge, agent.planner, agent.safety, config, lambda: 0.0)
    outcome = loop.run("put the cube in the bowl")
    assert outcome.steps == 4
