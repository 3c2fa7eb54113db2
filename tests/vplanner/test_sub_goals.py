"""Instructions of several sub-goals: reached in order, tried again when they fail, and counted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from vplanner.baselines import plan_without_imagination
from vplanner.errors import PromptRefusedError
from vplanner.loop import ClosedLoop, Ending, LoopConfig, Outcome
from vplanner.safety import SafetyFilter, SafetyLimits
from vplanner.types import ActionChunk, Observation, Plan, Skill, SubGoal, Verdict

from .conftest import thing

ALL = "one, two and three"


@dataclass
class Script:
    """Understands three words, and `ALL` of them in order; refuses what is `lost` when it is asked for alone."""

    lost: str = ""
    asked: list[str] = field(default_factory=list)

    def plan(self, observation: Observation, instruction: str) -> list[SubGoal]:
        self.asked.append(instruction)
        if instruction == self.lost:
            raise PromptRefusedError(f"I see no {instruction}")
        words = [word for word in ("one", "two", "three") if word in instruction]
        return [
            SubGoal(Skill.REACH, word, thing(word, (0.5, 0.1, 0.02)), thing(word, (0.5, 0.1, 0.02))) for word in words
        ]

    def track(self, observation: Observation, sub_goal: SubGoal) -> SubGoal:
        return sub_goal


@dataclass
class Strict:
    """Finds a sub-goal reached at once, but for one that must be `hard` asked for again."""

    script: Script
    hard: str = ""
    asks: int = 1

    def judge(self, observation: Observation, sub_goal: SubGoal) -> Verdict:
        reached = sub_goal.text != self.hard or self.script.asked.count(sub_goal.text) >= self.asks
        return Verdict(reached, float(reached), "seen" if reached else "not seen")


class Wander:
    """Always one step up."""

    def start(self, observation: Observation) -> None:
        pass

    def plan(self, observation: Observation, sub_goal: SubGoal) -> Plan:
        return plan_without_imagination(ActionChunk(np.array([[0, 0, 0.01, 0, 0, 0, 1]], np.float32), 0.2))


def run(arm: Any, script: Script, judge: Strict, instruction: str = ALL, **settings: int) -> Outcome:
    config = LoopConfig(**{"execute_steps": 1, "max_steps": 5, "confirmations": 1, **settings})  # type: ignore[arg-type]
    safety = SafetyFilter(SafetyLimits())
    return ClosedLoop(arm, script, judge, Wander(), safety, config, lambda: 0.0).run(instruction)


def test_all_sub_goals_are_reached_in_order(arm: Any) -> None:
    script = Script()
    outcome = run(arm, script, Strict(script))
    assert (outcome.success, outcome.reached, outcome.planned, outcome.reason) == (True, 3, 3, "seen")
    assert script.asked == [ALL], "nothing failed, so nothing is asked for again"


def test_one_that_fails_is_planned_anew_once(arm: Any) -> None:
    script = Script()
    outcome = run(arm, script, Strict(script, hard="two"))
    assert script.asked == [ALL, "two"]
    assert (outcome.success, outcome.reached, outcome.steps) == (True, 3, 5)


def test_one_that_fails_again_ends_the_episode_and_is_named(arm: Any) -> None:
    script = Script()
    outcome = run(arm, script, Strict(script, hard="two", asks=2))
    assert script.asked == [ALL, "two"]
    assert outcome.ending is Ending.OUT_OF_TIME
    assert outcome.reason == "sub-goal 2 of 3 ('two'): out of time after 5 steps: not seen"
    assert (outcome.reached, outcome.planned, outcome.steps) == (1, 3, 10)
    assert arm.stopped


@pytest.mark.parametrize(("retries", "reached"), [(0, 1), (1, 1), (2, 3)])
def test_tries_are_counted(arm: Any, retries: int, reached: int) -> None:
    script = Script()
    assert run(arm, script, Strict(script, hard="two", asks=2), retries=retries).reached == reached
    assert script.asked.count("two") == min(retries, 2)


def test_one_that_is_refused_when_planned_anew_is_reported_with_what_failed_before(arm: Any) -> None:
    script = Script(lost="three")
    outcome = run(arm, script, Strict(script, hard="three"), still_replans=100, stuck_replans=3)
    assert outcome.ending is Ending.STALLED
    assert outcome.reason.startswith("sub-goal 3 of 3 ('three'): stalled: no progress")
    assert outcome.reason.endswith("; then refused: I see no three")
    assert outcome.reached == 2


def test_a_single_sub_goal_is_not_tried_again(arm: Any) -> None:
    script = Script()
    outcome = run(arm, script, Strict(script, hard="one", asks=2), instruction="one")
    assert script.asked == ["one"]
    assert (outcome.reason, outcome.steps) == ("out of time after 5 steps: not seen", 5)
    assert (outcome.reached, outcome.planned) == (0, 1)


@pytest.fixture
def drawer() -> Any:
    pytest.importorskip("mujoco")
    from vplanner.sim_robot import make_env

    env = make_env("put_away", image_size=16)
    yield env
    env.close()


@dataclass
class Insider:
    """Prompter, judge and planner that know the simulator's state; the words are numbers of sub-goals."""

    env: Any

    def plan(self, observation: Observation, words: str) -> Any:
        from vplanner.sim_robot import true_sub_goal

        steps = self.env.truth().sub_goals
        goals = [replace(true_sub_goal(step), text=str(number)) for number, step in enumerate(steps)]
        return goals if words == self.env.instruction else [goals[int(words)]]

    def track(self, observation: Observation, sub_goal: SubGoal) -> SubGoal:
        tracked: SubGoal = self.plan(observation, sub_goal.text)[0]
        return tracked

    def judge(self, observation: Observation, sub_goal: SubGoal) -> Verdict:
        truth = self.env.truth()
        return Verdict(truth.sub_goals[int(sub_goal.text)].done, truth.progress, "seen")


class Expert(Wander):
    """The scripted expert as a planner."""

    def __init__(self, env: Any) -> None:
        from vplanner_sim import make_expert

        self._expert = make_expert(env)

    def plan(self, observation: Observation, sub_goal: SubGoal) -> Plan:
        return plan_without_imagination(ActionChunk(self._expert.act()[None].astype(np.float32), 0.2))


def test_a_cube_is_put_away_in_three_sub_goals(drawer: Any) -> None:
    from vplanner.sim_robot import Referee, SimRobot

    referee = Referee()
    robot = SimRobot(drawer, 100_000, referee)
    insider = Insider(drawer)
    safety = SafetyFilter(SafetyLimits())
    config = LoopConfig(execute_steps=1, max_steps=60, confirmations=1, stuck_replans=60)
    loop = ClosedLoop(robot, insider, insider, Expert(drawer), safety, config, lambda: 0.0)
    outcome = loop.run(drawer.instruction)
    assert outcome.success, outcome.reason
    assert (outcome.reached, outcome.planned) == (3, 3)
    assert (referee.success, referee.reached) == (True, 3)


def test_a_scene_knows_its_sub_goals(drawer: Any) -> None:
    from vplanner.scenes import SceneBuilder

    builder = SceneBuilder()
    scene = builder.build("put_away", 100_001)
    goals = Insider(builder.env("put_away")).plan(scene.robot.observe(), scene.instruction)
    assert [goal.skill for goal in goals] == [Skill.OPEN_DRAWER, Skill.PICK_PLACE, Skill.CLOSE_DRAWER]
    assert scene.asks_for(*goals) and scene.asks_for(*reversed(goals))
    assert not scene.asks_for(*goals[:2])
    assert not scene.asks_for(*goals[:2], goals[1])
    assert scene.sub_goal_steps * 3 == scene.max_steps
