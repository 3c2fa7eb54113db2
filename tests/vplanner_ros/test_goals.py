"""One goal at a time, whatever comes in which order. No ROS."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from vplanner.loop import Ending, Outcome
from vplanner_ros.goals import Goal, GoalRunner

LONG_S = 30.0


class Work:
    """Goals that go on until they are called off or let go."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.together = self.most_together = 0
        self.reason: str | None = None
        self.changed = threading.Condition()
        self.let_go = self.stubborn = False
        self.runner = GoalRunner(self.carry_out, self.call_off)

    def carry_out(self, goal: Goal) -> Outcome:
        with self.changed:
            self.begun.append(goal.instruction)
            self.together += 1
            self.most_together = max(self.most_together, self.together)
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.let_go or (self.reason and not self.stubborn), LONG_S)
            self.together -= 1
            if goal.instruction == "break":
                raise RuntimeError("a bug")
            if self.reason is not None and not self.stubborn:
                return Outcome(Ending.INTERRUPTED, self.reason, 0, 0, 0.0)
            return Outcome(Ending.SUCCESS, "done", 1, 1, 0.0)

    def call_off(self, reason: str | None) -> None:
        with self.changed:
            self.reason = reason
            self.changed.notify_all()

    def finish(self) -> None:
        with self.changed:
            self.let_go = True
            self.changed.notify_all()

    def await_begun(self, *instructions: str) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.begun == list(instructions), LONG_S), self.begun


class Ended:
    """Is told the outcome."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.outcome: Outcome | None = None

    def __call__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.event.set()

    def wait(self) -> Outcome:
        assert self.event.wait(LONG_S)
        assert self.outcome is not None
        return self.outcome


@pytest.fixture
def work() -> Iterator[Work]:
    work = Work()
    yield work
    work.runner.close("the test is over")


def test_a_goal_ends_with_its_outcome(work: Work) -> None:
    ended = Ended()
    goal = work.runner.submit("one", ended)
    work.await_begun("one")
    assert work.runner.present is goal
    work.finish()
    assert ended.wait().success
    assert goal.outcome is ended.outcome


def test_a_new_goal_calls_the_old_one_off_and_they_never_overlap(work: Work) -> None:
    first, second = Ended(), Ended()
    work.runner.submit("one", first)
    work.await_begun("one")
    work.runner.submit("two", second)
    assert first.wait().reason == "a new instruction came"
    work.await_begun("one", "two")
    work.finish()
    assert second.wait().success
    assert work.most_together == 1


def test_only_the_newest_of_those_that_wait_is_begun(work: Work) -> None:
    ends = [Ended() for _ in range(4)]
    work.stubborn = True
    for index, ended in enumerate(ends):
        work.runner.submit(str(index), ended)
        work.await_begun("0")  # it does not heed that it is called off, so that the others have to wait
    work.finish()
    assert [ended.wait().success for ended in ends] == [True, False, False, True]
    work.await_begun("0", "3")


def test_cancelling_ends_the_goal_that_is_meant_and_no_other(work: Work) -> None:
    ended = Ended()
    goal = work.runner.submit("one", ended)
    work.await_begun("one")
    assert not work.runner.cancel("not this one", Goal("other", lambda _: None))
    assert not ended.event.is_set()
    assert work.runner.cancel("its client cancelled it", goal)
    assert ended.wait().reason == "its client cancelled it"


def test_a_bug_ends_one_goal_and_not_the_next(work: Work) -> None:
    broken, fine = Ended(), Ended()
    work.finish()
    work.runner.submit("break", broken)
    outcome = broken.wait()
    assert (outcome.ending, outcome.reason) == (Ending.FAILED, "RuntimeError: a bug")
    work.runner.submit("fine", fine)
    assert fine.wait().success


def test_closing_calls_off_and_ends_the_thread() -> None:
    work, ended = Work(), Ended()
    work.runner.submit("one", ended)
    work.await_begun("one")
    work.runner.close("the planner was deactivated")
    assert ended.wait().reason == "the planner was deactivated"
