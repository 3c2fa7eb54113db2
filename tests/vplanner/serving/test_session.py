from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vplanner.errors import PromptRefusedError
from vplanner.loop import ClosedLoop
from vplanner.pursuit import LoopConfig
from vplanner.serving.requests import PlanRequest
from vplanner.serving.session import Answer, Session
from vplanner.types import ActionChunk, Observation, SubGoal

PROMPT = "put the cube in the bowl"


class Commands:
    """A robot that remembers what it was told."""

    def __init__(self, arm: Any) -> None:
        self.arm = arm
        self.steps: list[np.ndarray] = []

    def observe(self) -> Observation:
        seen: Observation = self.arm.observe()
        return seen

    def execute(self, chunk: ActionChunk) -> None:
        self.steps.extend(chunk.steps)
        self.arm.execute(chunk)

    def stop(self) -> None:
        self.arm.stop()


class TwoThings:
    """Two sub-goals for every instruction; notes how often it was asked."""

    def __init__(self, prompter: Any) -> None:
        self._prompter = prompter
        self.asked: list[str] = []

    def plan(self, observation: Observation, instruction: str) -> list[SubGoal]:
        self.asked.append(instruction)
        (one,) = self._prompter.plan(observation, "cube")
        if instruction in ("first", "second"):
            return [replace(one, text=instruction)]
        return [replace(one, text="first"), replace(one, text="second")]

    def track(self, observation: Observation, sub_goal: SubGoal) -> SubGoal:
        return sub_goal


def session_of(agent: Any, prompter: Any, **config: Any) -> Session:
    return Session(agent, prompter, agent.judge, LoopConfig(**config))


def drive(session: Session, robot: Any, requests: int, prompt: str = PROMPT) -> list[Answer]:
    """Ask and execute as told, until the end."""
    answers: list[Answer] = []
    while len(answers) < requests and (not answers or answers[-1].execute_steps):
        answers.append(session.answer(PlanRequest(robot.observe(), prompt, reset=False)))
        robot.execute(ActionChunk(answers[-1].chunk.steps[: answers[-1].execute_steps], 0.2))
    return answers


@pytest.fixture
def folders(bundle_folder: Path, sure_bundle_folder: Path, still_bundle_folder: Path) -> dict[str, Path]:
    return {"unsure": bundle_folder, "sure": sure_bundle_folder, "still": still_bundle_folder}


@pytest.mark.parametrize(("bundle", "status"), [("unsure", "out of time"), ("sure", "success"), ("still", "stalled")])
@pytest.mark.parametrize("several", [False, True])
def test_a_client_that_obeys_does_what_the_closed_loop_does(
    folders: dict[str, Path], arm: Any, prompter: Any, make_test_agent: Any, bundle: str, status: str, several: bool
) -> None:
    config: dict[str, Any] = {"stuck_replans": 2, "stuck_gain": 1.0} if status == "stalled" else {"max_steps": 7}
    start = arm.observation
    looped, served = Commands(arm), Commands(replace(arm, observation=start))
    first, second = (TwoThings(prompter) if several else prompter for _ in range(2))
    agent = make_test_agent(folders[bundle])
    loop = ClosedLoop(looped, first, agent.judge, agent.planner, agent.safety, LoopConfig(**config), time.perf_counter)
    outcome = loop.run(PROMPT)
    answers = drive(session_of(make_test_agent(folders[bundle]), second, **config), served, 100)
    assert outcome.ending.value == status == answers[-1].status
    assert np.array_equal(np.stack(looped.steps), np.stack(served.steps))
    assert (outcome.reached, outcome.planned) == (answers[-1].reached, answers[-1].planned)
    assert len(answers) - 1 == outcome.replans
    if several:
        assert first.asked == second.asked


def test_what_has_ended_holds_still_until_something_else_is_asked(
    sure_bundle_folder: Path, arm: Any, prompter: Any, make_test_agent: Any
) -> None:
    session = session_of(make_test_agent(sure_bundle_folder), prompter)
    answers = drive(session, arm, 10)
    assert [answer.status for answer in answers] == ["moving"] * 3 + ["success"]
    held = answers[-1].chunk.steps
    assert not held[:, :6].any()
    assert np.allclose(held[:, 6], answers[-2].chunk.steps[0, 6]), "a full hand keeps its grip"
    again = PlanRequest(arm.observe(), PROMPT, reset=False)
    assert session.answer(again).status == "success"
    assert session.answer(replace(again, reset=True)).status == "moving"
    assert drive(session, arm, 10)[-1].status == "success"
    assert session.answer(replace(again, prompt="put the cube away")).status == "moving"


def test_a_refused_instruction_leaves_nothing_behind(
    bundle_folder: Path, arm: Any, prompter: Any, make_test_agent: Any
) -> None:
    session = session_of(make_test_agent(bundle_folder), prompter, max_steps=4)
    request = PlanRequest(arm.observe(), PROMPT, reset=False)
    for words in ("sing", "put the cube on the shelf"):
        assert session.answer(request).status == "moving"
        with pytest.raises(PromptRefusedError):
            session.answer(replace(request, prompt=words))
    assert session.answer(request).status == "moving", "the four steps begin anew"
    assert session.answer(request).status == "moving"
    assert session.answer(request).status == "out of time"


def test_sessions_that_take_turns_do_not_mix(
    bundle_folder: Path, arm: Any, prompter: Any, make_test_agent: Any, observation: Observation
) -> None:
    def alone(seed: int) -> Sequence[Answer]:
        own = Commands(replace(arm, observation=replace(observation, time_s=float(seed))))
        return drive(session_of(make_test_agent(bundle_folder, seed=seed), prompter), own, 3)

    expected = [alone(0), alone(1)]
    robots = [Commands(replace(arm, observation=replace(observation, time_s=float(seed)))) for seed in range(2)]
    sessions = [session_of(make_test_agent(bundle_folder, seed=seed), prompter) for seed in range(2)]
    for turn in range(3):
        for session, robot, answers in zip(sessions, robots, expected, strict=True):
            answer = session.answer(PlanRequest(robot.observe(), PROMPT, reset=False))
            robot.execute(ActionChunk(answer.chunk.steps[: answer.execute_steps], 0.2))
            assert np.array_equal(answer.chunk.steps, answers[turn].chunk.steps)
