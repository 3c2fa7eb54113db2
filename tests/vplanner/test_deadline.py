"""Plans in time: less of a plan where it must, and no pause between chunks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vplanner.agent import Agent, AgentConfig, make_agent, open_networks
from vplanner.backends import BackendConfig
from vplanner.bundle import load_bundle
from vplanner.effort import LEAST, Effort, Pace, efforts, what_was_cut
from vplanner.loop import Ending, LoopConfig
from vplanner.overlap import OverlappedLoop
from vplanner.planner import PlannerConfig
from vplanner.types import ActionChunk, Observation, Plan, SubGoal

AgentMaker = Callable[..., Agent]


def hurried(folder: Path, deadline_ms: float | None) -> Agent:
    config = AgentConfig(PlannerConfig(samples=4, deadline_ms=deadline_ms), BackendConfig(threads=1))
    return make_agent(open_networks(load_bundle(folder), config), config, np.random.default_rng(0))


def test_what_is_given_up_first_costs_most_and_the_order_falls() -> None:
    found = efforts(4, 2)
    assert found[0] == Effort(4, 2) and found[-1] == LEAST
    assert all(a.work > b.work for a, b in pairwise(found))


def test_the_pace_learns_slowness_at_once_and_speed_little_by_little() -> None:
    pace, full = Pace(), Effort(4, 2)
    assert pace.choose(4, 2, left_ms=1e9) == LEAST  # nothing has been timed
    pace.note(full, 40.0)
    assert pace.choose(4, 2, left_ms=40.0) == full
    pace.note(full, 80.0)
    assert pace.choose(4, 2, left_ms=40.0) != full
    pace.note(full, 40.0)
    assert pace.choose(4, 2, left_ms=40.0) != full
    for _ in range(60):
        pace.note(full, 30.0)
    assert pace.choose(4, 2, left_ms=40.0) == full


def test_a_millisecond_is_enough_for_one_plan_that_says_what_it_lacks(
    bundle_folder: Path, observation: Observation, sub_goal: SubGoal
) -> None:
    agent = hurried(bundle_folder, 1.0)
    for second in range(3):
        plan = agent.planner.plan(replace(observation, time_s=float(second)), sub_goal)
        assert len(plan.candidates) == 1
        assert plan.cut == "1 of 4 samples, not scored to meet 1 ms"
        assert np.isfinite(plan.best.chunk.steps).all()
        assert [stage.name for stage in plan.stages] == ["encode", "propose", "extract"]


def test_time_enough_gives_the_whole_plan_once_the_pace_is_known(
    bundle_folder: Path, observation: Observation, sub_goal: SubGoal
) -> None:
    agent = hurried(bundle_folder, 1e6)
    agent.planner.plan(observation, sub_goal)
    plan = agent.planner.plan(observation, sub_goal)
    assert (len(plan.candidates), plan.cut) == (4, "")


def test_one_step_of_the_sampler_goes_all_the_way(
    agent_of_bundle: Agent, observation: Observation, sub_goal: SubGoal
) -> None:
    """The tiny network answers shift + 0.7 x, so one Euler step from 1 to 0 ends there."""
    video_model = agent_of_bundle.networks.video_model
    present = agent_of_bundle.memory.latents(observation)
    futures = video_model.propose(present, observation, sub_goal, 2, np.random.default_rng(3), steps=1)
    noise = np.random.default_rng(3).standard_normal((2, 4, 2, 8, 8, 8), dtype=np.float32)[1] * 0.5
    np.testing.assert_allclose(futures[1].latents - futures[0].latents, 0.5 * 0.7 * noise, atol=1e-4)


@pytest.fixture
def agent_of_bundle(make_test_agent: AgentMaker, bundle_folder: Path) -> Agent:
    return make_test_agent(bundle_folder)


def test_words_name_everything_that_was_cut() -> None:
    assert what_was_cut(Effort(4, 1), 4, 2, 30.0) == "1 of 2 steps to meet 30 ms"
    assert what_was_cut(Effort(4, 2), 4, 2, 30.0) == ""


class _Watched:
    """A planner that takes its time, and says when it began."""

    def __init__(self, planner: Any) -> None:
        self._planner = planner
        self.begun = threading.Semaphore(0)
        self.alone: list[Plan] = []

    def start(self, observation: Observation) -> None:
        self._planner.start(observation)

    def plan(self, observation: Observation, sub_goal: SubGoal) -> Plan:
        self.alone.append(self._planner.plan(observation, sub_goal))
        return self.alone[-1]

    def plan_ahead(self, observation: Observation, sub_goal: SubGoal, chunk: ActionChunk, count: int) -> Plan:
        self.begun.release()
        return self._planner.plan_ahead(observation, sub_goal, chunk, count)


def test_the_robot_moves_while_the_next_chunk_is_planned(
    make_test_agent: AgentMaker, bundle_folder: Path, arm: Any, prompter: Any
) -> None:
    """The arm refuses to end the first step of a chunk before the planning of the next one has begun."""
    agent = make_test_agent(bundle_folder)
    planner = _Watched(agent.planner)
    waits: Iterator[bool] = iter([True, False] * 100)

    class Waiting:
        def observe(self) -> Observation:
            return arm.observe()

        def execute(self, chunk: ActionChunk) -> None:
            if next(waits):
                assert planner.begun.acquire(timeout=30.0), "planning waits for the robot"
            arm.execute(chunk)

        def stop(self) -> None:
            arm.stop()

    config = LoopConfig(execute_steps=2, max_steps=8)
    loop = OverlappedLoop(Waiting(), prompter, agent.judge, planner, agent.safety, config, time.perf_counter)
    outcome = loop.run("put the cube in the bowl")
    assert (outcome.ending, outcome.steps, outcome.replans) == (Ending.OUT_OF_TIME, 8, 4)
    assert len(planner.alone) == 1  # only the first chunk was waited for
    assert arm.stopped


def test_a_plan_ahead_starts_where_the_committed_steps_lead(
    agent_of_bundle: Agent, observation: Observation, sub_goal: SubGoal
) -> None:
    planner, networks = agent_of_bundle.planner, agent_of_bundle.networks
    first = planner.plan(observation, sub_goal).best.chunk
    ahead = planner.plan_ahead(observation, sub_goal, first, 2)
    present = agent_of_bundle.memory.latents(observation)
    (future,) = networks.video_model.rollout(present, observation, [first])
    (again,) = networks.inverse_dynamics.extract(future.latents[1], [ahead.best.video])
    np.testing.assert_allclose(ahead.best.chunk.steps, again.steps, atol=1e-6)
    assert ahead.stages[1].name == "foresee"


def test_an_error_of_the_planner_stops_the_robot(
    make_test_agent: AgentMaker, bundle_folder: Path, arm: Any, prompter: Any
) -> None:
    agent = make_test_agent(bundle_folder)

    class Failing(_Watched):
        def plan_ahead(self, *_: object) -> Plan:
            raise ZeroDivisionError

    loop = OverlappedLoop(
        arm, prompter, agent.judge, Failing(agent.planner), agent.safety, LoopConfig(), time.perf_counter
    )
    with pytest.raises(ZeroDivisionError):
        loop.run("put the cube in the bowl")
    assert arm.stopped
