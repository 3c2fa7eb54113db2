"""What to do when the hand hovers: imagination takes the sub-goal for reached, and the judge does not.

First the last motion is followed through along its screw, for what stops short mostly stops just short; then the hand
withdraws, to where more is seen, and it is tried anew from there. A push that fell short cannot be followed through
from where the hand is, which may go up and down beside a thing that it no longer moves: there the planner is asked for
more than is wanted, as an integral controller would.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np

from vplanner.placing import placed
from vplanner.transforms import Array, along_screw, make_pose, matrix_from_quat, screw_between, so3_log
from vplanner.types import ActionChunk, Float, Observation, RobotState, Skill, SubGoal

_STEPS = 4
_STEP_M, _STEP_RAD = 0.012, 0.12
_WAY_M, _WAY_RAD = 0.03, 0.3
"""So far back the motion is looked at that is followed through."""
_UP_M = 0.025
_MOST_BEYOND_M = 0.06
_BESIDE_M, _MOVED_M = 0.14, 0.005
"""A hand so near pushes, or should; a thing that went less was not pushed."""
_OPEN = 0.85
_LETS_GO = frozenset({Skill.OPEN_DRAWER, Skill.TURN_LEVER})
"""Skills whose thing stays where it is when the hand leaves it."""


class Rousing:
    """Watches one sub-goal, and gives other steps than those that are planned while the hand hovers."""

    def __init__(self, skill: Skill, replans: int, within_m: float, times: int) -> None:
        """Act up to `times` times, each after `replans` replans during which the TCP stayed `within_m` [m]."""
        self._skill = skill
        self._within_m = within_m
        self._times = times
        self._recent: deque[RobotState] = deque(maxlen=replans + 1)
        self._things: deque[Float] = deque(maxlen=replans + 1)
        self._path: list[Array] = []
        self._acts = self._steps = 0
        self._twist: Array | None = None
        self._beyond = np.zeros(3, np.float32)

    @property
    def told(self) -> str:
        """What is executed instead of the plan, for people; empty when the plan is."""
        if self._steps == 0:
            return ""
        return (
            "hovering: the hand withdraws" if self._twist is None else "hovering: the last motion is followed through"
        )

    def aim(self, observation: Observation, sub_goal: SubGoal) -> SubGoal:
        """What to ask the planner for: of pushing, more than is wanted by as much as was lacking."""
        if not self._beyond.any():
            return sub_goal
        target = placed(observation, sub_goal.target, sub_goal.target.position + self._beyond)
        return replace(sub_goal, target=target)

    def watch(self, robot: RobotState, sub_goal: SubGoal, reached: bool) -> None:
        """Take note of a replan, and of whether the judge sees the `sub_goal` `reached`."""
        self._path.append(_pose(robot))
        if reached:
            self._steps = 0
            self._beyond[:] = 0.0
            self._recent.clear()
            self._things.clear()
        if self._steps > 0:
            return
        self._recent.append(robot)
        self._things.append(sub_goal.source.position)
        if self._acts < self._times and len(self._recent) == self._recent.maxlen and self._hovers():
            self._acts += 1
            if self._skill is Skill.PUSH:
                lacking = (sub_goal.target.position - sub_goal.source.position)[:2]
                self._beyond[:2] += lacking * min(1.0, _MOST_BEYOND_M / max(float(np.linalg.norm(lacking)), 1e-6))
            else:
                self._twist = self._last_motion() if self._acts % 2 else None
                self._steps = _STEPS
            self._recent.clear()
            self._things.clear()

    def instead(self, planned: ActionChunk, robot: RobotState, count: int) -> ActionChunk:
        """What to execute `count` steps of: those that are `planned`, or as many that rouse the hand, and then rest."""
        if self._steps == 0:
            return planned
        self._steps = max(0, self._steps - count)
        steps = np.zeros_like(planned.steps)
        steps[:, 6] = robot.gripper_opening > _OPEN
        if self._twist is None:
            steps[:count, 2] = _UP_M
            steps[:, 6] = np.maximum(steps[:, 6], self._skill in _LETS_GO)
            return ActionChunk(steps, planned.dt_s)
        here = _pose(robot)
        for step in steps[:count]:
            there = along_screw(here, self._twist)
            step[:3] = there[:3, 3] - here[:3, 3]
            step[3:6] = so3_log(there[:3, :3] @ here[:3, :3].T)
            here = there
        return ActionChunk(steps, planned.dt_s)

    def _hovers(self) -> bool:
        if self._skill is Skill.PUSH:
            hands, things = np.stack([pose.position for pose in self._recent]), np.stack(self._things)
            beside = np.linalg.norm(hands - things, axis=1) < _BESIDE_M
            return bool(beside.all() and np.linalg.norm(things - things[-1], axis=1).max() < _MOVED_M)
        positions = np.stack([pose.position for pose in self._recent])
        openings = np.array([pose.gripper_opening for pose in self._recent])
        spread = float(np.linalg.norm(positions - positions.mean(axis=0), axis=1).max())
        return spread < self._within_m and float(np.ptp(openings)) < 0.1

    def _last_motion(self) -> Array | None:
        """One step's twist (6,) of the way into the hovering; None where there was none."""
        start = len(self._path) - len(self._recent)
        for earlier in reversed(self._path[:start]):
            twist = screw_between(earlier, self._path[start])
            steps = max(float(np.linalg.norm(twist[:3])) / _WAY_M, float(np.linalg.norm(twist[3:])) / _WAY_RAD)
            if steps >= 1.0:
                size = max(np.linalg.norm(twist[:3]) / _STEP_M, np.linalg.norm(twist[3:]) / _STEP_RAD)
                return np.asarray(twist / size)
        return None


def _pose(robot: RobotState) -> Array:
    return make_pose(matrix_from_quat(robot.quat_wxyz), robot.position)
