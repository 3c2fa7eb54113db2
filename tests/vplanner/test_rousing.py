"""A hand that hovers is roused, and a hand that moves, or that has reached its sub-goal, is left alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from vplanner.rousing import Rousing
from vplanner.transforms import matrix_from_quat, quat_from_matrix, so3_exp
from vplanner.types import ActionChunk, RobotState, Skill, SubGoal

REPLANS, WITHIN_M = 4, 0.01


@pytest.fixture
def sub_goal(arm: Any, prompter: Any) -> SubGoal:
    return prompter.plan(arm.observe(), "put the cube in the bowl")[0]


@pytest.fixture
def robot(arm: Any) -> RobotState:
    return arm.observe().robot


def plan() -> ActionChunk:
    steps = np.zeros((8, 7), np.float32)
    steps[:, 0] = 0.01
    return ActionChunk(steps, 0.1)


def moved(robot: RobotState, by: Any, turn: Any = (0, 0, 0)) -> RobotState:
    R = so3_exp(np.asarray(turn, float)) @ matrix_from_quat(robot.quat_wxyz)
    position = (robot.position + np.asarray(by)).astype(np.float32)
    return replace(robot, position=position, quat_wxyz=quat_from_matrix(R).astype(np.float32))


def hover(rousing: Rousing, robot: RobotState, sub_goal: SubGoal, replans: int = REPLANS) -> None:
    for _ in range(replans + 1):
        rousing.watch(robot, sub_goal, False)


def rousing_of(skill: Skill, times: int = 3) -> Rousing:
    return Rousing(skill, REPLANS, WITHIN_M, times)


def test_a_hand_that_moves_carries_out_what_was_planned(robot: RobotState, sub_goal: SubGoal) -> None:
    rousing, planned = rousing_of(Skill.STACK), plan()
    for look in range(3 * REPLANS):
        rousing.watch(moved(robot, (0.012 * look, 0, 0)), sub_goal, False)
        assert rousing.instead(planned, robot, 2) is planned
        assert rousing.told == ""


def test_who_has_reached_the_sub_goal_may_rest(robot: RobotState, sub_goal: SubGoal) -> None:
    rousing, planned = rousing_of(Skill.STACK), plan()
    for _ in range(3 * REPLANS):
        rousing.watch(robot, sub_goal, True)
        assert rousing.instead(planned, robot, 2) is planned


def test_an_arc_is_followed_through_on_the_arc(robot: RobotState, sub_goal: SubGoal) -> None:
    rousing = rousing_of(Skill.TURN_LEVER)
    radius, angles = 0.1, np.arange(0.0, 0.61, 0.1)

    def on_arc(angle: float) -> RobotState:
        return moved(robot, (radius * (np.cos(angle) - 1), radius * np.sin(angle), 0), (0, 0, angle))

    for angle in angles:
        rousing.watch(on_arc(angle), sub_goal, False)
    hover(rousing, on_arc(angles[-1]), sub_goal)
    assert rousing.told == "hovering: the last motion is followed through"
    chunk = rousing.instead(plan(), on_arc(angles[-1]), 2)
    assert not chunk.steps[2:, :6].any(), "who executes more than was asked for rests"
    steps = chunk.steps[:2]
    ends = on_arc(angles[-1]).position + np.cumsum(steps[:, :3], axis=0)
    middle = robot.position - np.array([radius, 0, 0])
    np.testing.assert_allclose(np.linalg.norm(ends - middle, axis=1), radius, atol=1e-4)
    assert (steps[:, 5] > 0).all()
    np.testing.assert_allclose(np.linalg.norm(steps[:, :3], axis=1) / steps[:, 5], radius, rtol=0.02)


@pytest.mark.parametrize(
    ("skill", "opening", "kept_open"),
    [(Skill.TURN_LEVER, 0.2, True), (Skill.STACK, 0.6, False), (Skill.STACK, 1.0, True)],
)
def test_without_a_motion_to_follow_the_hand_withdraws_upward(
    skill: Skill, opening: float, kept_open: bool, robot: RobotState, sub_goal: SubGoal
) -> None:
    rousing = rousing_of(skill)
    robot = replace(robot, gripper_opening=opening)
    hover(rousing, robot, sub_goal)
    steps = rousing.instead(plan(), robot, 2).steps
    assert (steps[:2, 2] > 0).all() and not steps[2:, 2].any()
    assert not steps[:, [0, 1, 3, 4, 5]].any()
    assert (steps[:, 6] == kept_open).all()


def test_it_gives_way_to_the_plan_again_and_ends_after_its_last_time(robot: RobotState, sub_goal: SubGoal) -> None:
    rousing, planned = rousing_of(Skill.REACH, times=2), plan()
    roused = 0
    for _ in range(10 * REPLANS):
        rousing.watch(robot, sub_goal, False)
        roused += rousing.instead(planned, robot, 2) is not planned
    assert roused == 2 * 2  # twice, of two looks each


def test_of_a_push_that_fell_short_more_is_asked_for_by_what_is_lacking(arm: Any, sub_goal: SubGoal) -> None:
    observation = arm.observe()
    rousing = rousing_of(Skill.PUSH)
    assert rousing.aim(observation, sub_goal) is sub_goal
    beside = moved(observation.robot, sub_goal.source.position - observation.robot.position + np.array([0, 0, 0.05]))
    for look in range(REPLANS + 1):
        rousing.watch(moved(beside, (0, 0, 0.04 * (look % 2))), sub_goal, False)
    lacking = (sub_goal.target.position - sub_goal.source.position)[:2]
    asked = rousing.aim(observation, sub_goal)
    further = asked.target.position[:2] - sub_goal.target.position[:2]
    np.testing.assert_allclose(further[0] * lacking[1], further[1] * lacking[0], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(further), min(0.06, float(np.linalg.norm(lacking))), atol=1e-6)
    assert asked.source == sub_goal.source
    planned = plan()
    assert rousing.instead(planned, observation.robot, 2) is planned
    rousing.watch(observation.robot, sub_goal, True)
    assert rousing.aim(observation, sub_goal) is sub_goal
