"""The closed loop: observe, find the objects, judge, plan, filter, execute a few steps, and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from vplanner.errors import CalledOffError, PromptRefusedError, VPlannerError
from vplanner.protocols import Clock, Judge, Planner, Prompter, Robot, StreamingRobot
from vplanner.pursuit import Ending, LoopConfig, LoopEnd, Pursuit, check_reach, plan_anew
from vplanner.safety import SafeChunk, SafetyFilter
from vplanner.types import ActionChunk, Observation, Plan, SubGoal, Verdict

__all__ = ["ClosedLoop", "Ending", "Listener", "LoopConfig", "Outcome"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an episode went; `seconds` is wall time, `reason` is for people.

    `reached` of `planned` sub-goals were reached, as the judge saw it. `error` is what ended an interrupted or failed
    episode, for callers that would rather raise it.
    """

    ending: Ending
    reason: str
    steps: int
    replans: int
    seconds: float
    error: VPlannerError | KeyboardInterrupt | None = None
    reached: int = 0
    planned: int = 0

    @property
    def success(self) -> bool:
        """Whether the loop itself declared success."""
        return self.ending is Ending.SUCCESS


class Listener(Protocol):
    """Is told what happens, to record it."""

    def on_sub_goals(self, observation: Observation, sub_goals: Sequence[SubGoal]) -> None:
        """The instruction was understood so."""
        ...

    def on_plan(self, step: int, observation: Observation, sub_goal: SubGoal, plan: Plan, safe: SafeChunk) -> None:
        """After `step` executed steps, `safe` is about to be executed."""
        ...

    def on_look(self, step: int, observation: Observation, sub_goal: SubGoal, verdict: Verdict) -> None:
        """After `step` executed steps the objects were found here, and this was judged."""
        ...

    def on_step(self, step: int, observation: Observation) -> None:
        """What was seen after `step` executed steps."""
        ...


class ClosedLoop:
    """Runs episodes; knows robots, prompters and planners by their protocols only."""

    def __init__(
        self,
        robot: Robot,
        prompter: Prompter,
        judge: Judge,
        planner: Planner,
        safety: SafetyFilter,
        config: LoopConfig,
        clock: Clock,
        listeners: Sequence[Listener] = (),
    ) -> None:
        """Run with these parts; `clock` gives seconds."""
        self._robot = robot
        self._prompter = prompter
        self._judge = judge
        self._planner = planner
        self._safety = safety
        self._config = config
        self._clock = clock
        self._listeners = tuple(listeners)
        self._steps = self._replans = 0
        self._reached = self._planned = 0

    def run(self, instruction: str) -> Outcome:
        """Carry out one instruction. The robot is told to stop on every way out.

        Deliberate errors and Ctrl-C end the episode and are told in the outcome; other errors are raised.
        """
        start = self._clock()
        self._steps = self._replans = self._reached = self._planned = 0
        cause: VPlannerError | KeyboardInterrupt | None = None
        try:
            ending, reason = self._carry_out(instruction)
        except LoopEnd as end:
            ending, reason = end.ending, end.reason
        except PromptRefusedError as error:
            ending, reason = Ending.REFUSED, f"refused: {error}"
        except CalledOffError as error:
            ending, reason, cause = Ending.INTERRUPTED, f"interrupted: {error}", error
        except VPlannerError as error:
            ending, reason, cause = Ending.FAILED, f"{type(error).__name__}: {error}", error
        except KeyboardInterrupt as interrupt:
            ending, reason, cause = Ending.INTERRUPTED, "interrupted", interrupt
        finally:
            self._robot.stop()
        return Outcome(
            ending, reason, self._steps, self._replans, self._clock() - start, cause, self._reached, self._planned
        )

    def _carry_out(self, instruction: str) -> tuple[Ending, str]:
        observation = self._robot.observe()
        sub_goals = self._prompter.plan(observation, instruction)
        for sub_goal in sub_goals:
            self._check_reach(sub_goal)
        for listener in self._listeners:
            listener.on_sub_goals(observation, sub_goals)
        self._planned = len(sub_goals)
        if not sub_goals:
            raise PromptRefusedError("the instruction asks for nothing")
        verdict = Verdict(False, 0.0, "")
        for sub_goal in sub_goals:
            verdict = self._reach(sub_goal) if len(sub_goals) == 1 else self._reach_in_order(sub_goal)
            self._reached += 1
        return Ending.SUCCESS, verdict.reason

    def _reach_in_order(self, sub_goal: SubGoal) -> Verdict:
        """Reach one of several sub-goals, with further tries; leaves by `LoopEnd`, which names it, when all fail."""
        named = f"sub-goal {self._reached + 1} of {self._planned} ('{sub_goal.text}')"
        left = self._config.retries
        while True:
            try:
                return self._reach(sub_goal)
            except LoopEnd as end:
                if left == 0:
                    raise LoopEnd(end.ending, f"{named}: {end.reason}") from end
                try:
                    sub_goal = plan_anew(self._prompter, self._robot.observe(), sub_goal)
                    self._check_reach(sub_goal)
                except PromptRefusedError as error:
                    raise LoopEnd(end.ending, f"{named}: {end.reason}; then refused: {error}") from error
                left -= 1

    def _check_reach(self, sub_goal: SubGoal) -> None:
        check_reach(sub_goal, self._safety.limits, self._config.reach_margin_m)

    def _reach(self, sub_goal: SubGoal) -> Verdict:
        """Replan until the judge confirms success; leaves by `LoopEnd` otherwise."""
        observation = self._robot.observe()
        self._planner.start(observation)
        pursuit = Pursuit(self._prompter, self._judge, self._config, sub_goal)
        while True:
            verdict = pursuit.look(observation)
            self._tell_look(self._steps, observation, pursuit, verdict)
            count = pursuit.next_steps(observation, verdict)
            if count == 0:
                return verdict
            plan = self._planner.plan(observation, pursuit.aim(observation))
            observation = self._execute(self._begin(observation, pursuit, plan, count), count)

    def _tell_look(self, step: int, observation: Observation, pursuit: Pursuit, verdict: Verdict) -> None:
        for listener in self._listeners:
            listener.on_look(step, observation, pursuit.sub_goal, verdict)

    def _begin(self, observation: Observation, pursuit: Pursuit, plan: Plan, count: int) -> SafeChunk:
        """What is about to be executed, of which `count` steps will be."""
        chunk, why = pursuit.steps(observation, plan.best.chunk, count)
        safe = self._safety.apply(chunk, observation.robot)
        safe = replace(safe, changes=(*why, *safe.changes))
        self._replans += 1
        for listener in self._listeners:
            listener.on_plan(self._steps, observation, pursuit.sub_goal, plan, safe)
        return safe

    def _execute(self, safe: SafeChunk, count: int) -> Observation:
        """Execute the first `count` steps, at least one, and return what is seen then."""
        for seen in _carry_out(self._robot, ActionChunk(safe.chunk.steps[:count], safe.chunk.dt_s)):
            self._steps += 1
            for listener in self._listeners:
                listener.on_step(self._steps, seen)
        return seen


def _carry_out(robot: Robot, chunk: ActionChunk) -> Iterator[Observation]:
    """Have the steps executed; gives what is seen after each."""
    if isinstance(robot, StreamingRobot):
        yield from robot.stream(chunk)
        return
    for step in chunk.steps:
        robot.execute(ActionChunk(step[None], chunk.dt_s))
        yield robot.observe()
