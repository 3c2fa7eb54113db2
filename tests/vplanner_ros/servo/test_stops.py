"""Each fault ends in a stop with a reason, and a new chunk goes on once its cause is gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from vplanner.errors import InputError, SafetyError
from vplanner_ros.servo import Chunk, Code, MotionLimits, ServoConfig, Timeouts, find_arm

from .servo_rig import Rig, chunk

STOP_S = MotionLimits().stop_s + 0.05

FAULTS: dict[str, tuple[Callable[[Chunk], Chunk], str]] = {
    "nan": (lambda c: replace(c, positions=c.positions + np.nan), "position of target 0 is not finite"),
    "infinite time": (lambda c: replace(c, stamp_s=np.inf), "stamp of target 0 is not finite"),
    "zero quaternion": (lambda c: replace(c, quats_wxyz=c.quats_wxyz * 0.0), "quaternion of target 0 has norm 0"),
    "denormal quaternion": (lambda c: replace(c, quats_wxyz=c.quats_wxyz * 1e-310), "has norm"),
    "empty frame": (lambda c: replace(c, frame=""), "chunk is in frame ''; it must be in 'base_link'"),
    "wrong frame": (lambda c: replace(c, frame="world"), "chunk is in frame 'world'"),
    "stale": (lambda c: replace(c, stamp_s=c.stamp_s - 5.0), "stamped 5.00 s ago"),
    "all past": (lambda c: replace(c, stamp_s=c.stamp_s - 0.95, offsets_s=c.offsets_s / 2), "whole chunk is past"),
    "future": (lambda c: replace(c, stamp_s=c.stamp_s + 5.0), "5.20 s in the future"),
    "out of order": (lambda c: replace(c, stamp_s=c.stamp_s - 0.6), "out of order"),
    "uneven": (lambda c: replace(c, offsets_s=c.offsets_s**2), "evenly spaced"),
    "backward": (lambda c: replace(c, offsets_s=c.offsets_s[::-1]), "evenly spaced"),
    "too dense": (lambda c: replace(c, offsets_s=c.offsets_s / 100), "evenly spaced"),
    "before its stamp": (lambda c: replace(c, offsets_s=c.offsets_s - 0.5), "before the stamp"),
    "far away": (lambda c: replace(c, positions=c.positions + 0.3), "chunk begins"),
    "millimetres": (lambda c: replace(c, positions=c.positions * 1000), "positions are in metres"),
    "gripper in mm": (lambda c: replace(c, openings=c.openings * 80), "gripper opening"),
    "lengths differ": (lambda c: replace(c, openings=c.openings[:2]), "shapes"),
    "endless": (lambda c: chunk(c.stamp_s, c.positions[0], (0.0, 0.0, 0.0), count=2000), "it must have 1 to 1000"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_chunks_that_cannot_be_trusted_stop_the_robot_and_the_next_good_one_goes_on(name: str) -> None:
    spoil, reason = FAULTS[name]
    rig = Rig()
    rig.set_moving()
    assert rig.offer(spoil(chunk(rig.stamp_now, rig.pose.position))) is Code.INVALID
    assert rig.stopped_within(STOP_S)
    assert rig.code is Code.INVALID
    assert reason in rig.reason
    assert rig.offer_fresh() is Code.NO_WARNING
    rig.run(0.2)
    assert not rig.outputs[-1].standing


@pytest.mark.parametrize(
    ("cause", "end", "code"),
    [
        (lambda e: e.pause(True), lambda e: e.pause(False), Code.PAUSED),
        (lambda e: e.publishers(2, 1), lambda e: e.publishers(1, 1), Code.SECOND_PUBLISHER),
        (lambda e: e.publishers(1, 2), lambda e: e.publishers(1, 1), Code.SECOND_PUBLISHER),
        (lambda e: e.deactivate(), lambda e: e.activate(), Code.INACTIVE),
        (lambda e: e.emergency_stop(True), lambda e: (e.emergency_stop(False), e.clear()), Code.EMERGENCY_STOP),
    ],
)
def test_conditions_hold_the_robot_until_they_end_and_then_a_new_chunk_is_needed(
    cause: Callable, end: Callable, code: Code
) -> None:
    rig = Rig()
    rig.set_moving()
    cause(rig.executor)
    assert rig.stopped_within(STOP_S)
    assert rig.code is code
    assert rig.offer_fresh() is code  # and it is not remembered
    end(rig.executor)
    rig.run(0.3)
    assert rig.code is Code.WAITING
    assert rig.outputs[-1].standing
    assert rig.offer_fresh() is Code.NO_WARNING
    rig.run(0.2)
    assert not rig.outputs[-1].standing


def test_emergency_stop_is_latched() -> None:
    rig = Rig()
    rig.set_moving()
    rig.executor.emergency_stop(True)
    with pytest.raises(SafetyError, match="send false first"):
        rig.executor.clear()
    rig.executor.emergency_stop(False)
    rig.executor.deactivate()
    rig.run(0.5)
    rig.executor.activate()
    rig.run(0.5)
    assert rig.code is Code.EMERGENCY_STOP
    rig.executor.clear()
    rig.run(0.1)
    assert rig.code is Code.WAITING


def test_to_pause_twice_or_resume_while_moving_changes_nothing() -> None:
    rig = Rig()
    rig.set_moving()
    rig.executor.pause(False)
    rig.run(0.1)
    assert rig.code is Code.NO_WARNING
    assert not rig.outputs[-1].standing


@pytest.mark.parametrize("by_s", [-50.0, 3.0])
def test_a_jump_of_the_clock_stops_and_stamps_of_the_new_time_are_taken(by_s: float) -> None:
    rig = Rig()
    rig.set_moving()
    rig.stamp_offset += by_s
    rig.executor.clock_jumped(by_s)
    assert rig.stopped_within(STOP_S)
    assert rig.code is Code.CLOCK_JUMP
    assert f"{by_s:+.3f} s" in rig.reason
    assert rig.offer_fresh() is Code.NO_WARNING


def test_stale_state_stops_and_fresh_state_lets_go_on() -> None:
    rig = Rig()
    rig.set_moving()
    rig.silent = True
    assert rig.stopped_within(Timeouts().state_timeout + STOP_S)
    assert rig.code is Code.STALE_STATE
    assert "current_pose is" in rig.reason
    rig.silent = False
    rig.tick()
    assert rig.offer_fresh() is Code.NO_WARNING
    rig.run(0.2)
    assert rig.code is Code.NO_WARNING


def test_state_that_is_not_finite_is_as_good_as_none() -> None:
    rig = Rig()
    rig.silent = True
    for _ in range(100):
        rig.executor.robot.measured(replace(rig.pose, position=np.full(3, np.nan)), rig.now)
        rig.tick()
    assert rig.code is Code.STALE_STATE


def test_a_robot_that_does_not_follow_is_told_and_goes_on_once_it_is_free() -> None:
    rig = Rig()
    rig.set_moving()
    rig.stuck = True
    blocked_at = rig.pose.position
    while rig.code is Code.NO_WARNING:  # ends by the watchdog of chunks at the latest
        rig.offer_fresh(step=(0.0, 0.05, 0.0), position=rig.outputs[-1].command.position)  # type: ignore[union-attr]
        rig.run(0.1)
    assert rig.code is Code.NOT_FOLLOWING
    assert "is it blocked or stopped?" in rig.reason
    rig.run(1.0)
    command = rig.outputs[-1].command
    np.testing.assert_allclose(command.position, blocked_at, atol=1e-9)  # type: ignore[union-attr]  # no tension is left
    rig.stuck = False
    assert rig.offer_fresh() is Code.NO_WARNING
    rig.run(0.3)
    assert rig.code is Code.NO_WARNING


def test_an_empty_chunk_asks_to_hold() -> None:
    rig = Rig()
    rig.set_moving()
    empty = chunk(rig.stamp_now, count=0)
    assert rig.offer(empty) is Code.WAITING
    assert rig.stopped_within(STOP_S)
    assert "asks to hold" in rig.reason


def test_incompatible_qos_is_told_while_nothing_comes_and_forgotten_when_something_does() -> None:
    rig = Rig()
    rig.executor.incompatible_publisher("chunk: best effort is offered, reliable is needed")
    rig.tick()
    assert rig.code is Code.INCOMPATIBLE_QOS
    assert "best effort" in rig.reason
    rig.set_moving()
    rig.run(1.2)
    assert rig.code is Code.STALE_COMMAND
    rig.run(1.0)  # what happened long ago forbids nothing
    assert rig.code is Code.WAITING
    assert "the last stop was STALE_COMMAND: no chunk came" in rig.reason


@pytest.mark.parametrize("twist", [False, True])
@pytest.mark.parametrize("hush", [lambda e: e.publishers(1, 2), lambda e: e.deactivate()])
def test_another_voice_on_the_command_topic_or_deactivation_ends_in_silence_after_standing_was_said(
    hush: Callable, twist: bool
) -> None:
    rig = Rig(ServoConfig(measured_start=twist))
    rig.set_moving()
    hush(rig.executor)
    assert rig.tick().command is not None  # it brakes first
    rig.run(STOP_S + 0.1)
    assert rig.outputs[-1].command is None
    said = [out.command for out in rig.outputs if out.command is not None]
    assert all(not command.linear.any() for command in said[-4:])


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: MotionLimits(linear=0.0), "linear is 0.0"),
        (lambda: MotionLimits(rotational_acceleration=float("nan")), "rotational_acceleration is nan"),
        (lambda: MotionLimits(workspace_low=(1.0, 0.0, 0.0)), "is no box"),
        (lambda: Timeouts(incoming_command_timeout=-1.0), "incoming_command_timeout is -1.0"),
        (lambda: find_arm("pandra"), "unknown arm 'pandra'; the arms are: panda, none"),
    ],
)
def test_limits_that_mean_nothing_are_refused(make: Callable, told: str) -> None:
    with pytest.raises(InputError, match=told):
        make()
