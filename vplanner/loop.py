"""The closed loop: observe, find the objects, judge, plan, filter, execute a few steps, and again."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np

from vplanner.errors import PromptRefusedError, VPlannerError
from vplanner.protocols import Clock, Judge, Planner, Prompter, Robot
from vplanner.safety import SafeChunk, SafetyFilter
from vplanner.types import ActionChunk, Observation, Plan, RobotState, SubGoal, Verdict


class Ending(StrEnum):
    """Why an episode ended."""

    SUCCESS = "success"
    REFUSED = "refused"
    STALLED = "stalled"
    OUT_OF_TIME = "out of time"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """When to look again and when to give up.

    `execute_steps` of each plan are executed; a sub-goal may take `max_steps`; `confirmations` verdicts in a row
    declare success. The loop stalls when over `still_replans` replans the TCP stayed within `still_m` [m] and the
    gripper did not move, or when over `stuck_replans` replans the judged progress rose by less than `stuck_gain`.
    Where an instruction has several sub-goals, one that stalls or runs out of time is understood anew and tried again
    up to `retries` times, each time with all its steps; the only sub-goal of an instruction is not. Targets further
    than `reach_margin_m` [m] out of the workspace are refused.
    """

    execute_steps: int = 2
    max_steps: int = 80
    confirmations: int = 4
    still_replans: int = 8
    still_m: float = 0.004
    stuck_replans: int = 30
    stuck_gain: float = 0.02
    reach_margin_m: float = 0.10
    retries: int = 1

    def __post_init__(self) -> None:
        """Raise `ValueError` for a count below 1, or a distance, gain or number of retries below 0 or not a number."""
        for name in ("execute_steps", "max_steps", "confirmations", "still_replans", "stuck_replans"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be 1 or more")
        for name in ("still_m", "stuck_gain", "reach_margin_m", "retries"):
            if not getattr(self, name) >= 0.0:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be 0 or more")


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


class End(Exception):
    """Leaves the loop."""

    def __init__(self, ending: Ending, reason: str) -> None:
        """End so, for this reason."""
        super().__init__(reason)
        self.ending = ending
        self.reason = reason


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
        except End as end:
            ending, reason = end.ending, end.reason
        except PromptRefusedError as error:
            ending, reason = Ending.REFUSED, f"refused: {error}"
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
        verdict = Verdict(False, 0.0, "nothing to do")
        for sub_goal in sub_goals:
            verdict = self._reach(sub_goal) if len(sub_goals) == 1 else self._reach_in_order(sub_goal)
            self._reached += 1
        return Ending.SUCCESS, verdict.reason

    def _reach_in_order(self, sub_goal: SubGoal) -> Verdict:
        """Reach one of several sub-goals, with further tries; leaves by `End`, which names it, when all fail."""
        named = f"sub-goal {self._reached + 1} of {self._planned} ('{sub_goal.text}')"
        left = self._config.retries
        while True:
            try:
                return self._reach(sub_goal)
            except End as end:
                if left == 0:
                    raise End(end.ending, f"{named}: {end.reason}") from end
                try:
                    sub_goal = self._plan_anew(sub_goal)
                except PromptRefusedError as error:
                    raise End(end.ending, f"{named}: {end.reason}; then refused: {error}") from error
                left -= 1

    def _plan_anew(self, sub_goal: SubGoal) -> SubGoal:
        """The same sub-goal from its own words and what is seen now. Raises `PromptRefusedError` if that gives none."""
        plans = self._prompter.plan(self._robot.observe(), sub_goal.text)
        asked = (sub_goal.skill, sub_goal.source.label, sub_goal.target.label)
        same = [plan for plan in plans if (plan.skill, plan.source.label, plan.target.label) == asked]
        if not same and len(plans) != 1:
            raise PromptRefusedError(f"'{sub_goal.text}' is understood in another way now")
        again = (same or plans)[0]
        self._check_reach(again)
        return again

    def _check_reach(self, sub_goal: SubGoal) -> None:
        for thing in (sub_goal.source, sub_goal.target):
            outside = float(self._safety.limits.outside_m(thing.position))
            if outside > self._config.reach_margin_m:
                where = ", ".join(f"{c:.2f}" for c in thing.position)
                raise PromptRefusedError(
                    f"'{thing.label}' at ({where}) m is out of reach, {outside:.2f} m outside the workspace"
                )

    def _reach(self, sub_goal: SubGoal) -> Verdict:
        """Replan until the judge confirms success; leaves by `End` otherwise."""
        config = self._config
        observation = self._robot.observe()
        self._planner.start(observation)
        watch = StallWatch(config)
        first, confirmed = self._steps, 0
        while True:
            sub_goal, verdict = self._look(observation, sub_goal)
            confirmed = self._told(self._steps, observation, sub_goal, verdict, watch, confirmed)
            if confirmed >= config.confirmations:
                return verdict
            count = self._count(verdict, first)
            safe = self._begin(observation, sub_goal, self._planner.plan(observation, sub_goal))
            observation = self._execute(safe, count)

    def _look(self, observation: Observation, sub_goal: SubGoal) -> tuple[SubGoal, Verdict]:
        """Find the objects of the sub-goal, and judge."""
        sub_goal = self._prompter.track(observation, sub_goal)
        return sub_goal, self._judge.judge(observation, sub_goal)

    def _told(
        self, step: int, observation: Observation, sub_goal: SubGoal, verdict: Verdict, watch: StallWatch, before: int
    ) -> int:
        """Tell the listeners of a look after `step` steps, and count it. Leaves by `End` on a stall.

        Returns the verdicts of success in a row, of which `before` were known.
        """
        for listener in self._listeners:
            listener.on_look(step, observation, sub_goal, verdict)
        confirmed = before + 1 if verdict.success else 0
        if confirmed < self._config.confirmations:
            watch.check(observation.robot, verdict)
        return confirmed

    def _count(self, verdict: Verdict, first: int) -> int:
        """How many steps to execute now. Leaves by `End` when no more are allowed since step `first`."""
        # Between a first verdict of success and its confirmation, look again after every step.
        count = 1 if verdict.success else self._config.execute_steps
        count = min(count, self._config.max_steps - (self._steps - first))
        if count == 0:
            raise End(Ending.OUT_OF_TIME, f"out of time after {self._config.max_steps} steps: {verdict.reason}")
        return count

    def _begin(self, observation: Observation, sub_goal: SubGoal, plan: Plan) -> SafeChunk:
        """What of a plan is about to be executed."""
        safe = self._safety.apply(plan.best.chunk, observation.robot)
        self._replans += 1
        for listener in self._listeners:
            listener.on_plan(self._steps, observation, sub_goal, plan, safe)
        return safe

    def _execute(self, safe: SafeChunk, count: int) -> Observation:
        """Execute the first `count` steps, and return what is seen then."""
        for step in safe.chunk.steps[:count]:
            self._robot.execute(ActionChunk(step[None], safe.chunk.dt_s))
            self._steps += 1
            observation = self._robot.observe()
            for listener in self._listeners:
                listener.on_step(self._steps, observation)
        return observation


class StallWatch:
    """Ends the loop when neither robot nor progress moves."""

    def __init__(self, config: LoopConfig) -> None:
        """Nothing has been seen."""
        self._config = config
        self._poses: deque[RobotState] = deque(maxlen=config.still_replans + 1)
        self._best = 0.0
        self._since_best = 0

    def check(self, robot: RobotState, verdict: Verdict) -> None:
        """Take note of a replan; raises `End` on a stall."""
        self._poses.append(robot)
        if len(self._poses) > self._config.still_replans and not verdict.success:
            positions = np.stack([pose.position for pose in self._poses])
            openings = np.array([pose.gripper_opening for pose in self._poses])
            spread = float(np.linalg.norm(positions - positions[-1], axis=1).max())
            turns = 1.0 - np.abs(np.stack([pose.quat_wxyz for pose in self._poses]) @ robot.quat_wxyz)
            if spread < self._config.still_m and np.ptp(openings) < 0.05 and float(turns.max()) < 1e-4:
                raise End(Ending.STALLED, f"stalled: no motion over {self._config.still_replans} replans")
        if verdict.progress > self._best + self._config.stuck_gain:
            self._best, self._since_best = verdict.progress, 0
        self._since_best += 1
        if self._since_best > self._config.stuck_replans:
            raise End(
                Ending.STALLED,
                f"stalled: no progress beyond {self._best:.2f} over {self._config.stuck_replans} replans",
            )
