"""The thread that keeps the pace, and the watch over clocks."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest

from vplanner_ros.servo.clock_watch import ClockWatch
from vplanner_ros.servo.passing_time import PassingTime
from vplanner_ros.stream import Stream, uninterrupted


def until(condition: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 30.0
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.005)


def test_the_stream_goes_on_while_the_rest_of_the_process_waits_and_ends_when_told() -> None:
    ticks: list[float] = []
    stream = Stream(0.005, ticks.append)
    stream.start()
    until(lambda: len(ticks) > 20)
    stream.stop()
    assert not stream.running
    count = len(ticks)
    assert ticks == sorted(ticks)
    assert 0.0 < stream.gap_s()[0] <= stream.gap_s()[1]
    stream.start()  # and it can begin again
    until(lambda: len(ticks) > count + 5)
    stream.stop()


def test_a_tick_that_fails_ends_the_stream_and_is_remembered() -> None:
    def fail(_: float) -> None:
        raise ValueError("no")

    stream = Stream(0.005, fail)
    stream.start()
    until(lambda: not stream.running)
    assert isinstance(stream.failure, ValueError)
    stream.stop()


def test_what_was_missed_is_not_made_up_for() -> None:
    ticks: list[float] = []

    def tick(now: float) -> None:
        ticks.append(now)
        if len(ticks) == 3:
            time.sleep(0.3)

    stream = Stream(0.02, tick)
    stream.start()
    until(lambda: len(ticks) >= 8)
    stream.stop()
    # A burst would give all of them at once; a busy machine only adds to this.
    assert ticks[7] - ticks[2] > 0.3 + 2.25 * 0.02


def test_a_second_signal_does_not_cut_short_what_takes_a_bounded_time() -> None:
    came = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: came.set())
    try:
        with uninterrupted():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)
        assert not came.is_set()
        os.kill(os.getpid(), signal.SIGINT)
        until(came.is_set)
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("by_s", [-3600.0, -0.2, 0.2, 1e9])
def test_a_clock_that_was_set_is_noticed_once(by_s: float) -> None:
    watch = ClockWatch()
    readings = [watch.jump_s(now, 1.7e9 + now + 0.001 * now) for now in (1.0, 1.1, 1.2)]
    assert readings == [None] * 3
    jump = watch.jump_s(1.3, 1.7e9 + 1.3013 + by_s)
    assert jump is not None
    assert abs(jump - by_s) < 0.01
    assert watch.jump_s(1.4, 1.7e9 + 1.4014 + by_s) is None


def test_passing_time_counts_what_passes_and_never_runs_back() -> None:
    readings = iter([1000.0, 1000.5, 1000.5, 3.0, 3.25, 1e6])
    passing = PassingTime(lambda: next(readings))
    assert [passing.now() for _ in range(4)] == [0.5, 0.5, 0.5, 0.75]  # a clock that is set back has stood still
    assert passing.now() > 9e5  # one that jumps ahead has passed: whoever waits for so long finds out
