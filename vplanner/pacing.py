"""A robot that takes its time: steps last as long as they say, and what passes between two of them is counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from vplanner.loop import Listener
from vplanner.protocols import Clock, Robot
from vplanner.safety import SafeChunk
from vplanner.types import ActionChunk, Observation, Plan, SubGoal, Verdict


@dataclass(frozen=True, slots=True)
class Gaps:
    """Time [ms] for which the robot had no command although the one before had ended; `late` counts those above 5 %.

    The first command is waited for and not counted.
    """

    commands: int
    late: int
    p50_ms: float
    p99_ms: float
    longest_ms: float

    def __str__(self) -> str:
        """One line for people."""
        return (
            f"{self.commands} commands, {self.late} of them late; without a command: p50 {self.p50_ms:.1f} ms, "
            f"p99 {self.p99_ms:.1f} ms, at most {self.longest_ms:.1f} ms"
        )


class PacedRobot:
    """Gives every step of a simulated robot the time that it takes on a real one.

    What is seen after a step is known only when its time is over, as with a camera.
    """

    def __init__(
        self, robot: Robot, clock: Clock = time.perf_counter, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """Slow down `robot`; `clock` gives seconds, `sleep` waits for some."""
        self._robot, self._clock, self._sleep = robot, clock, sleep
        self._ended: float | None = None
        self._waits: list[float] = []  # [s]
        self._late = 0

    def observe(self) -> Observation:
        """The observation after the last step."""
        return self._robot.observe()

    def execute(self, chunk: ActionChunk) -> None:
        """Carry out the steps in order. Raises what the robot raises."""
        for step in chunk.steps:
            start = self._clock()
            if self._ended is not None:
                self._waits.append(start - self._ended)
                self._late += self._waits[-1] > 0.05 * chunk.dt_s
            self._robot.execute(ActionChunk(step[None], chunk.dt_s))
            # A simulation slower than the clock is not the planner's fault: the step ends when it is done.
            left = start + chunk.dt_s - self._clock()
            if left > 0.0:
                self._sleep(left)
            self._ended = self._clock()

    def stop(self) -> None:
        """Hold the present pose."""
        self._robot.stop()

    @property
    def gaps(self) -> Gaps:
        """Of all commands so far."""
        waits = 1000.0 * np.asarray(self._waits or [0.0])
        p50, p99, most = (round(float(value), 2) for value in np.percentile(waits, [50, 99, 100]))
        return Gaps(len(self._waits), self._late, p50, p99, most)


class Aside:
    """A listener whose work is done in a thread of its own, in order, so that the robot does not wait for it."""

    def __init__(self, listener: Listener) -> None:
        """Pass everything on to `listener`."""
        self._listener = listener
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="listener")
        self._told: list[Future[None]] = []

    def on_sub_goals(self, observation: Observation, sub_goals: Sequence[SubGoal]) -> None:
        """The instruction was understood so."""
        self._told.append(self._thread.submit(self._listener.on_sub_goals, observation, sub_goals))

    def on_plan(self, step: int, observation: Observation, sub_goal: SubGoal, plan: Plan, safe: SafeChunk) -> None:
        """After `step` executed steps, `safe` is about to be executed."""
        self._told.append(self._thread.submit(self._listener.on_plan, step, observation, sub_goal, plan, safe))

    def on_look(self, step: int, observation: Observation, sub_goal: SubGoal, verdict: Verdict) -> None:
        """After `step` executed steps the objects were found here, and this was judged."""
        self._told.append(self._thread.submit(self._listener.on_look, step, observation, sub_goal, verdict))

    def on_step(self, step: int, observation: Observation) -> None:
        """What was seen after `step` executed steps."""
        self._told.append(self._thread.submit(self._listener.on_step, step, observation))

    def finish(self) -> None:
        """Wait until all is done, and raise what went wrong first."""
        self._thread.shutdown()
        for told in self._told:
            told.result()
