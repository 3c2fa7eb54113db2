"""Whatever comes in: speed, acceleration and workspace are kept, and every stop is in time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplanner.transforms import so3_exp, so3_log
from vplanner_ros.servo import Code, MotionLimits, ServoConfig, TcpPose
from vplanner_ros.servo.track import Track

from .servo_rig import HOME, PERIOD, Rig, check_limits, chunk, motion

LIMITS = MotionLimits()
small = st.floats(-0.3, 0.3)
wild = st.one_of(small, st.floats(-2.0, 2.0), st.sampled_from([float("nan"), float("inf"), 1e300, -1e300]))
triples = st.tuples(small, small, small)
events = st.one_of(
    st.tuples(st.just("chunk"), triples, triples, st.floats(-0.5, 0.5), st.integers(0, 6)),
    st.tuples(st.just("garbage"), st.tuples(wild, wild, wild), st.tuples(wild, wild, wild), wild, st.integers(0, 3)),
    st.tuples(st.sampled_from(["pause", "resume", "emergency", "clear", "jump", "two", "one", "silent", "speaks"])),
)
ticks = st.lists(st.floats(0.001, 0.1), min_size=1, max_size=25)
stories = st.lists(st.tuples(events, ticks), min_size=1, max_size=12)


def tell(rig: Rig, event: tuple) -> None:  # one line per kind of event
    executor = rig.executor
    match event[0]:
        case "chunk":
            _, step, turn, age, count = event
            rig.offer(chunk(rig.stamp_now - age, rig.pose.position, step, turn, count))
        case "garbage":
            _, position, step, age, count = event
            with np.errstate(all="ignore"):
                rig.offer(chunk(rig.stamp_now - age, np.array(position), step, (0.0, 0.0, 0.0), count))
        case "pause":
            executor.pause(True)
        case "resume":
            executor.pause(False)
        case "emergency":
            executor.emergency_stop(True)
        case "clear":
            executor.emergency_stop(False)
            executor.clear()
        case "jump":
            rig.stamp_offset += 5.0
            executor.clock_jumped(5.0)
        case "two":
            executor.publishers(2, 1)
        case "one":
            executor.publishers(1, 1)
        case "silent":
            rig.silent = True
        case "speaks":
            rig.silent = False


@given(stories)
def test_speed_acceleration_and_box_are_kept_through_any_story(story: list) -> None:
    rig = Rig()
    for event, gaps in story:
        tell(rig, event)
        for gap in gaps:
            rig.tick(gap)
    check_limits(rig, LIMITS)


@given(stories)
def test_robots_that_take_twists_get_the_same_promises(story: list) -> None:
    rig = Rig(ServoConfig(measured_start=True))
    for event, gaps in story:
        tell(rig, event)
        for gap in gaps:
            rig.tick(gap)
    check_limits(rig, LIMITS)


@given(triples, triples, st.sampled_from(["pause", "emergency", "two", "silent", "jump"]), st.floats(0.05, 0.7), ticks)
def test_every_stop_reaches_speed_zero_in_the_stated_time(
    step: tuple, turn: tuple, event: str, after_s: float, gaps: list[float]
) -> None:
    rig = Rig()
    rig.offer_fresh(step=step, turn=turn)
    rig.run(after_s)
    tell(rig, (event,))
    late = ServoConfig().timeouts.state_timeout if event == "silent" else 0.0
    deadline = rig.now + late + LIMITS.stop_s + 2 * max([*gaps, PERIOD])
    while rig.now < deadline:
        rig.tick(gaps[len(rig.outputs) % len(gaps)])
    assert rig.outputs[-1].standing
    assert not rig.outputs[-1].status.moving
    held = rig.outputs[-1].command.position  # type: ignore[union-attr]
    rig.run(0.5)
    np.testing.assert_array_equal(rig.outputs[-1].command.position, held)  # type: ignore[union-attr]


def test_a_stop_depends_on_no_last_message() -> None:
    rig = Rig()
    rig.set_moving()
    rig.run(1.2)  # the planner is gone
    assert rig.code is Code.STALE_COMMAND
    assert rig.outputs[-1].standing
    assert "no chunk came for 1.0 s" in rig.reason


def test_a_chunk_is_followed_to_its_end_and_not_beyond() -> None:
    rig = Rig()
    turn = (0.0, 0.0, 0.2)
    rig.offer_fresh(step=(0.03, 0.0, -0.02), turn=turn)
    rig.run(1.6)
    positions, _, _, _ = motion(rig)
    goal = HOME + 4 * np.array([0.03, 0.0, -0.02])
    np.testing.assert_allclose(rig.pose.position, goal, atol=1e-3)
    assert positions[:, 0].max() <= goal[0] + 1e-3  # no overshoot
    expected = so3_exp(4 * np.array(turn))
    from vplanner.transforms import matrix_from_quat

    from .servo_rig import DOWN

    assert np.linalg.norm(so3_log(rig.pose.R @ (expected @ matrix_from_quat(DOWN)).T)) < 0.01


def test_the_way_is_near_the_chunk_in_time_too() -> None:
    rig = Rig()
    rig.offer_fresh(step=(0.03, 0.0, 0.0), count=6)
    rig.run(0.9)
    assert abs(rig.pose.position[0] - (HOME[0] + 0.03 * 0.9 / 0.2)) < 0.015


def test_a_new_chunk_takes_over_without_a_stop() -> None:
    rig = Rig()
    rig.set_moving()
    for _ in range(4):
        rig.offer_fresh(step=(0.0, 0.03, 0.0))
        rig.run(0.4)
        assert not any(out.standing for out in rig.outputs[-20:])
    check_limits(rig, LIMITS)


def test_targets_outside_the_workspace_end_at_its_border_and_it_is_said() -> None:
    rig = Rig(start=np.array([0.78, 0.0, 0.3]))
    rig.offer_fresh(step=(0.05, 0.0, 0.0))
    rig.run(0.5)
    assert rig.code is Code.WORKSPACE_BOUND
    assert "0.180 m outside" in rig.reason
    rig.run(0.5)
    assert 0.799 < rig.pose.position[0] <= 0.8 + 1e-9


def test_a_robot_outside_the_workspace_may_come_in_but_not_go_further_out() -> None:
    rig = Rig(start=np.array([0.5, 0.45, 0.3]))
    rig.offer_fresh(step=(0.0, 0.02, 0.0))
    rig.run(2.0)
    assert motion(rig)[0][:, 1].max() <= 0.45 + 1e-9
    rig.offer_fresh(step=(0.0, -0.04, 0.0))
    rig.run(1.0)
    assert rig.pose.position[1] < 0.35


def test_the_opening_is_that_of_the_coming_target() -> None:
    times, turns = np.array([0.0, 0.2, 0.4]), np.tile(np.eye(3), (3, 1, 1))
    track = Track(0.0, times, np.zeros((3, 3)), turns, np.array([1.0, 1.0, 0.0]))
    assert [track.at(now).opening for now in (0.0, 0.19, 0.2, 0.39, 0.5)] == [1.0, 1.0, 0.0, 0.0, 0.0]


def test_the_gripper_keeps_its_opening_through_a_stop_and_moves_no_faster_than_allowed() -> None:
    rig = Rig()
    assert rig.tick().command.opening is None  # type: ignore[union-attr]
    rig.offer_fresh(opening=1.0)
    rig.run(0.4)
    rig.offer_fresh(opening=0.2)
    rig.run(0.06)
    rig.executor.pause(True)
    held = rig.outputs[-1].command.opening  # type: ignore[union-attr]
    assert 0.2 < held < 1.0  # type: ignore[operator]
    rig.run(0.3)
    assert rig.outputs[-1].command.opening == held  # type: ignore[union-attr]
    openings = np.array([o.command.opening for o in rig.outputs if o.command and o.command.opening is not None])
    assert np.abs(np.diff(openings)).max() <= LIMITS.gripper * PERIOD + 1e-9


def test_nothing_is_sent_before_the_pose_of_the_robot_is_known() -> None:
    rig = Rig(silent=True)
    assert all(out.command is None for out in rig.outputs)
    assert rig.code is Code.STALE_STATE
    assert "current_pose never came" in rig.reason
    rig.silent = False
    rig.tick()
    np.testing.assert_allclose(rig.tick().command.position, HOME)  # type: ignore[union-attr]


def test_resuming_begins_where_the_robot_is_even_if_it_was_moved_by_hand() -> None:
    rig = Rig()
    rig.set_moving()
    rig.executor.pause(True)
    assert rig.stopped_within(0.5)
    rig.stuck = True
    rig.pose = TcpPose(rig.pose.position + [0.0, 0.08, 0.0], rig.pose.R)
    rig.run(1.0)
    rig.executor.pause(False)
    rig.stuck = False
    at = rig.pose.position
    assert rig.offer_fresh(step=(0.0, 0.0, 0.02)) is Code.NO_WARNING
    first = rig.tick().command
    assert np.linalg.norm(first.position - at) < LIMITS.linear * PERIOD  # type: ignore[union-attr]
    before = len(rig.outputs)
    rig.run(0.5)
    sideways = [o.command.position[1] - at[1] for o in rig.outputs[before:]]  # type: ignore[union-attr]
    assert np.abs(sideways).max() < 1e-6


@pytest.mark.parametrize("gap", [0.25, 3.0])
def test_after_the_executor_itself_stood_still_it_does_not_leap(gap: float) -> None:
    rig = Rig()
    rig.set_moving()
    at = rig.pose.position
    rig.tick(gap)
    assert rig.code is Code.LATE_TICK
    np.testing.assert_array_equal(rig.outputs[-1].command.position, at)  # type: ignore[union-attr]
    assert rig.offer_fresh() is Code.NO_WARNING
    rig.run(0.3)
    assert rig.code is Code.NO_WARNING
