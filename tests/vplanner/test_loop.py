from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vplanner.agent import Agent
from vplanner.errors import ObservationError
from vplanner.loop import ClosedLoop, Ending, LoopConfig
from vplanner.safety import SafeChunk
from vplanner.types import ActionChunk, Observation, Plan, SubGoal, Verdict

AgentMaker = Callable[..., Agent]
INSTRUCTION = "put the cube in the bowl"


class Diary:
    """Counts what it is told."""

    def __init__(self) -> None:
        self.plans: list[int] = []
        self.steps: list[int] = []
        self.verdicts: list[Verdict] = []

    def on_sub_goals(self, observation: Observation, sub_goals: Sequence[SubGoal]) -> None:
        self.sub_goals = sub_goals

    def on_look(self, step: int, observation: Observation, sub_goal: SubGoal, verdict: Verdict) -> None:
        self.verdicts.append(verdict)

    def on_plan(self, step: int, observation: Observation, sub_goal: SubGoal, plan: Plan, safe: SafeChunk) -> None:
        self.plans.append(step)

    def on_step(self, step: int, observation: Observation) -> None:
        self.steps.append(step)


def loop_of(agent: Agent, arm: Any, prompter: Any, config: LoopConfig, *listeners: Any) -> ClosedLoop:
    ticks = itertools.count()
    return ClosedLoop(
        arm, prompter, agent.judge, agent.planner, agent.safety, config, lambda: float(next(ticks)), listeners
    )


def test_it_acts_until_time_is_up(make_test_agent: AgentMaker, bundle_folder: Path, arm: Any, prompter: Any) -> None:
    diary = Diary()
    config = LoopConfig(execute_steps=2, max_steps=7)
    outcome = loop_of(make_test_agent(bundle_folder), arm, prompter, config, diary).run(INSTRUCTION)
    assert outcome.ending is Ending.OUT_OF_TIME
    assert outcome.reason.startswith("out of time after 7 steps")
    assert (outcome.steps, outcome.replans, arm.executed) == (7, 4, 7)
    assert diary.plans == [0, 2, 4, 6]
    assert diary.steps == [1, 2, 3, 4, 5, 6, 7]
    assert arm.stopped and not outcome.success


@pytest.mark.parametrize("confirmations", [1, 2, 4])
def test_success_is_confirmed_by_further_looks(
    confirmations: int, make_test_agent: AgentMaker, sure_bundle_folder: Path, arm: Any, prompter: Any
) -> None:
    diary, config = Diary(), LoopConfig(confirmations=confirmations)
    outcome = loop_of(make_test_agent(sure_bundle_folder), arm, prompter, config, diary).run(INSTRUCTION)
    assert outcome.success
    assert [verdict.success for verdict in diary.verdicts] == [True] * confirmations
    assert outcome.steps == confirmations - 1
    assert arm.stopped


def test_no_motion_is_a_stall(make_test_agent: AgentMaker, still_bundle_folder: Path, arm: Any, prompter: Any) -> None:
    agent = make_test_agent(still_bundle_folder)
    outcome = loop_of(agent, _Stuck(arm), prompter, LoopConfig(still_replans=3)).run(INSTRUCTION)
    assert outcome.ending is Ending.STALLED
    assert outcome.reason == "stalled: no motion over 3 replans"


class _Stuck:
    """An arm that something holds."""

    def __init__(self, arm: Any) -> None:
        self._arm = arm

    def observe(self) -> Observation:
        return self._arm.observe()

    def execute(self, chunk: ActionChunk) -> None:
        pass

    def stop(self) -> None:
        self._arm.stop()


def test_no_progress_is_a_stall(make_test_agent: AgentMaker, bundle_folder: Path, arm: Any, prompter: Any) -> None:
    config = LoopConfig(stuck_replans=5, stuck_gain=0.9)
    outcome = loop_of(make_test_agent(bundle_folder), arm, prompter, config).run(INSTRUCTION)
    assert outcome.ending is Ending.STALLED
    assert "no progress" in outcome.reason


def test_nonsense_is_refused_and_nothing_moves(
    make_test_agent: AgentMaker, bundle_folder: Path, arm: Any, prompter: Any
) -> None:
    loop = loop_of(make_test_agent(bundle_folder), arm, prompter, LoopConfig())
    outcome = loop.run("put the purple pyramid on the moon")
    assert outcome.ending is Ending.REFUSED
    assert outcome.reason.startswith("refused: nothing in view fits")
    assert arm.executed == 0


def test_a_target_out_of_reach_is_refused_and_nothing_moves(
    make_test_agent: AgentMaker, bundle_folder: Path, arm: Any, prompter: Any
) -> None:
    outcome = loop_of(make_test_agent(bundle_folder), arm, prompter, LoopConfig()).run("put the cube on the shelf")
    assert outcome.ending is Ending.REFUSED
    assert "'shelf' at (2.50, 0.00, 0.50) m is out of reach, 1.70 m outside" in outcome.reason
    assert arm.executed == 0


def test_an_interrupt_stops_the_robot(
    make_test_agent: AgentMaker, bundle_folder: Path, arm: Any, prompter: Any
) -> None:
    arm.interrupt_after = 3
    outcome = loop_of(make_test_agent(bundle_folder), arm, prompter, LoopConfig()).run(INSTRUCTION)
    assert (outcome.ending, outcome.reason, outcome.steps) == (Ending.INTERRUPTED, "interrupted", 3)
    assert isinstance(outcome.error, KeyboardInterrupt)
    assert arm.stopped


class _Blinded:
    """An arm whose camera driver changes the size of its pictures after three steps."""

    def __init__(self, arm: Any) -> None:
        self._arm = arm
        self.execute = arm.execute
        self.stop = arm.stop

    def observe(self) -> Observation:
        observation: Observation = self._arm.observe()
        if self._arm.executed < 3:
            return observation
        frame = replace(observation.frames[0], image=np.zeros((16, 16, 3), dtype=np.uint8))
        return replace(observation, frames=(frame, observation.frames[1]))


def test_a_broken_picture_on_the_way_stops_the_robot(
    make_test_agent: AgentMaker, bundle_folder: Path, arm: Any, prompter: Any
) -> None:
    loop = loop_of(make_test_agent(bundle_folder), _Blinded(arm), prompter, LoopConfig(execute_steps=2))
    outcome = loop.run(INSTRUCTION)
    assert outcome.ending is Ending.FAILED
    assert outcome.reason.startswith("ObservationError: camera 'front': picture is 16x16")
    assert isinstance(outcome.error, ObservationError)
    assert arm.stopped and arm.executed == 4, "it stops at the next look, before anything more is planned"


def test_other_errors_stop_the_robot_and_are_raised(
    make_test_agent: AgentMaker, bundle_folder: Path, arm: Any, prompter: Any
) -> None:
    class Failing(Diary):
        def on_plan(self, *_: object) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        loop_of(make_test_agent(bundle_folder), arm, prompter, LoopConfig(), Failing()).run(INSTRUCTION)
    assert arm.stopped and arm.executed == 0


def test_the_same_seed_replays_the_same_episode(
    make_test_agent: AgentMaker, bundle_folder: Path, observation: Observation, arm: Any, prompter: Any
) -> None:
    ends = []
    for _ in range(2):
        fresh = replace(arm, observation=observation)
        loop_of(make_test_agent(bundle_folder, seed=4), fresh, prompter, LoopConfig(max_steps=6)).run(INSTRUCTION)
        ends.append(fresh.observation.robot.position)
    np.testing.assert_array_equal(ends[0], ends[1])


@pytest.mark.parametrize(
    ("name", "value", "least"),
    [
        ("execute_steps", 0, 1),
        ("max_steps", -1, 1),
        ("confirmations", 0, 1),
        ("still_replans", 0, 1),
        ("stuck_replans", 0, 1),
        ("still_m", -0.1, 0),
        ("stuck_gain", float("nan"), 0),
        ("reach_margin_m", -1.0, 0),
        ("retries", -1, 0),
    ],
)
def test_nonsense_in_the_configuration_is_told(name: str, value: float, least: int) -> None:
    with pytest.raises(ValueError, match=rf"^{name} is {value}; it must be {least} or more$"):
        LoopConfig(**{name: value})  # type: ignore[arg-type]
