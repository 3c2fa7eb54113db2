"""Steps that last as long as on a robot, and the time between them in which nothing is commanded."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import pytest

from vplanner.pacing import Aside, PacedRobot
from vplanner.types import ActionChunk, Observation, SubGoal


class Clock:
    """Time that only passes when somebody spends it."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def spend(self, seconds: float) -> None:
        self.now += seconds


class Arm:
    """A simulation that takes `cost_s` for a step."""

    def __init__(self, clock: Clock, cost_s: float) -> None:
        self.clock, self.cost_s = clock, cost_s

    def observe(self) -> Observation:
        raise NotImplementedError

    def execute(self, chunk: ActionChunk) -> None:
        self.clock.spend(self.cost_s * len(chunk.steps))

    def stop(self) -> None:
        self.clock.spend(0.0)


def chunk(steps: int) -> ActionChunk:
    return ActionChunk(np.zeros((steps, 7), np.float32), 0.2)


def test_steps_take_their_time_and_what_passes_between_them_is_counted() -> None:
    clock = Clock()
    robot = PacedRobot(Arm(clock, 0.05), clock, clock.spend)
    clock.spend(3.0)  # the first plan is waited for
    for waiting in (0.0, 0.008, 0.1):
        clock.spend(waiting)
        robot.execute(chunk(2))
    assert clock.now == pytest.approx(103.0 + 6 * 0.2 + 0.108)
    gaps = robot.gaps
    assert (gaps.commands, gaps.late) == (5, 1)  # 8 ms are no delay for steps of 200 ms, 100 ms are
    assert gaps.longest_ms == pytest.approx(100.0) and gaps.p50_ms == pytest.approx(0.0, abs=1e-6)
    assert "5 commands, 1 of them late" in str(gaps)


def test_a_simulation_slower_than_the_clock_is_no_gap() -> None:
    clock = Clock()
    robot = PacedRobot(Arm(clock, 0.5), clock, clock.spend)
    robot.execute(chunk(3))
    assert robot.gaps.late == 0 and clock.now == pytest.approx(101.5)


def test_a_robot_that_never_moved_has_no_gaps() -> None:
    assert PacedRobot(Arm(Clock(), 0.0)).gaps.commands == 0


class Slow:
    """A listener that does nothing until it is let."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.steps: list[int] = []

    def on_sub_goals(self, observation: Observation, sub_goals: Sequence[SubGoal]) -> None:
        raise OSError("the disk is full")

    def on_plan(self, *_: object) -> None: ...

    def on_look(self, *_: object) -> None: ...

    def on_step(self, step: int, observation: Observation) -> None:
        assert self.let.wait(30.0)
        self.steps.append(step)


def test_a_slow_listener_is_not_waited_for_and_hears_all_in_order(observation: Observation) -> None:
    slow = Slow()
    aside = Aside(slow)
    for step in range(5):
        aside.on_step(step, observation)
    assert slow.steps == []  # nothing above waited for it
    slow.let.set()
    aside.finish()
    assert slow.steps == [0, 1, 2, 3, 4]


def test_what_goes_wrong_in_a_listener_is_told_at_the_end(observation: Observation) -> None:
    aside = Aside(Slow())
    aside.on_sub_goals(observation, ())
    with pytest.raises(OSError, match="the disk is full"):
        aside.finish()
