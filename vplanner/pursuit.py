"""Pursues one sub-goal, look by look: follows its objects, judges, and says how far to go before looking again."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from vplanner.errors import PromptRefusedError
from vplanner.protocols import Judge, Prompter
from vplanner.rousing import Rousing
from vplanner.safety import SafetyLimits
from vplanner.types import ActionChunk, Observation, RobotState, SubGoal, Verdict


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
    Before that, where the TCP hovers within `hover_m` [m] over `hover_replans` replans, the last motion is followed
    through or the hand withdraws and tries again, in turn, up to `rousings` times.
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
    hover_replans: int = 4
    hover_m: float = 0.012
    rousings: int = 4
    reach_margin_m: float = 0.10
    retries: int = 1

    def __post_init__(self) -> None:
        """Raise `ValueError` for a count below 1, or a distance, gain or number of tries below 0 or not a number."""
        for name in ("execute_steps", "max_steps", "confirmations", "still_replans", "stuck_replans", "hover_replans"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be 1 or more")
        for name in ("still_m", "stuck_gain", "hover_m", "rousings", "reach_margin_m", "retries"):
            if not getattr(self, name) >= 0.0:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be 0 or more")


class LoopEnd(Exception):
    """Leaves a pursuit that cannot go on: `ending` for programs, `reason` for people."""

    def __init__(self, ending: Ending, reason: str) -> None:
        super().__init__(reason)
        self.ending = ending
        self.reason = reason


def check_reach(sub_goal: SubGoal, limits: SafetyLimits, margin_m: float) -> None:
    """Raise `PromptRefusedError` when source or target lies further than `margin_m` [m] out of the workspace."""
    for thing in (sub_goal.source, sub_goal.target):
        outside = float(limits.outside_m(thing.position))
        if outside > margin_m:
            where = ", ".join(f"{c:.2f}" for c in thing.position)
            raise PromptRefusedError(
                f"'{thing.label}' at ({where}) m is out of reach, {outside:.2f} m outside the workspace"
            )


def plan_anew(prompter: Prompter, observation: Observation, sub_goal: SubGoal) -> SubGoal:
    """The same sub-goal from its own words and what is seen now. Raises `PromptRefusedError` if that gives none."""
    plans = prompter.plan(observation, sub_goal.text)
    asked = (sub_goal.skill, sub_goal.source.label, sub_goal.target.label)
    same = [plan for plan in plans if (plan.skill, plan.source.label, plan.target.label) == asked]
    if not same and len(plans) != 1:
        raise PromptRefusedError(f"'{sub_goal.text}' is understood in another way now")
    return (same or plans)[0]


class Pursuit:
    """One sub-goal on its way. At every look call `look`, `next_steps`, and move the robot by so many of `steps`."""

    def __init__(self, prompter: Prompter, judge: Judge, config: LoopConfig, sub_goal: SubGoal) -> None:
        """Begin with nothing seen."""
        self.sub_goal = sub_goal
        self._prompter = prompter
        self._judge = judge
        self._config = config
        self._stall = _StallWatch(config)
        self._rousing = Rousing(sub_goal.skill, config.hover_replans, config.hover_m, config.rousings)
        self._confirmed = self._steps = 0

    def look(self, observation: Observation) -> Verdict:
        """Find the objects, which renews `sub_goal`, and judge."""
        self.sub_goal = self._prompter.track(observation, self.sub_goal)
        verdict = self._judge.judge(observation, self.sub_goal)
        self._confirmed = self._confirmed + 1 if verdict.success else 0
        return verdict

    def next_steps(self, observation: Observation, verdict: Verdict) -> int:
        """How many steps of a plan to execute after this look; 0 when the sub-goal is reached.

        They count as executed. Raises `LoopEnd` on a stall, and when there is no time left.
        """
        config = self._config
        if self._confirmed >= config.confirmations:
            return 0
        self._stall.check(observation.robot, verdict)
        self._rousing.watch(observation.robot, self.sub_goal, verdict.success)
        # Between a first verdict of success and its confirmation, look again after every step.
        count = 1 if verdict.success else config.execute_steps
        count = min(count, config.max_steps - self._steps)
        if count == 0:
            raise LoopEnd(Ending.OUT_OF_TIME, f"out of time after {config.max_steps} steps: {verdict.reason}")
        self._steps += count
        return count

    def aim(self, observation: Observation) -> SubGoal:
        """What to ask the planner for."""
        return self._rousing.aim(observation, self.sub_goal)

    def steps(self, observation: Observation, planned: ActionChunk, count: int) -> tuple[ActionChunk, tuple[str, ...]]:
        """What to execute `count` steps of: those that were `planned`, or others where the hand hovers, and why."""
        why = self._rousing.told
        return self._rousing.instead(planned, observation.robot, count), (why,) if why else ()


class _StallWatch:
    """Ends the loop when neither robot nor progress moves."""

    def __init__(self, config: LoopConfig) -> None:
        self._config = config
        self._poses: deque[RobotState] = deque(maxlen=config.still_replans + 1)
        self._best = 0.0
        self._since_best = 0

    def check(self, robot: RobotState, verdict: Verdict) -> None:
        """Take note of a replan; raises `LoopEnd` on a stall."""
        self._poses.append(robot)
        if len(self._poses) > self._config.still_replans and not verdict.success:
            positions = np.stack([pose.position for pose in self._poses])
            openings = np.array([pose.gripper_opening for pose in self._poses])
            spread = float(np.linalg.norm(positions - positions[-1], axis=1).max())
            turns = 1.0 - np.abs(np.stack([pose.quat_wxyz for pose in self._poses]) @ robot.quat_wxyz)
            if spread < self._config.still_m and np.ptp(openings) < 0.05 and float(turns.max()) < 1e-4:
                raise LoopEnd(Ending.STALLED, f"stalled: no motion over {self._config.still_replans} replans")
        if verdict.progress > self._best + self._config.stuck_gain:
            self._best, self._since_best = verdict.progress, 0
        self._since_best += 1
        if self._since_best > self._config.stuck_replans:
            raise LoopEnd(
                Ending.STALLED,
                f"stalled: no progress beyond {self._best:.2f} over {self._config.stuck_replans} replans",
            )
