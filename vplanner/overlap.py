"""The closed loop without pauses: the next chunk is planned while the present one is carried out."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from vplanner.loop import ClosedLoop, Listener, LoopConfig, StallWatch
from vplanner.protocols import AheadPlanner, Clock, Judge, Prompter, Robot
from vplanner.safety import SafetyFilter
from vplanner.types import ActionChunk, Observation, Plan, SubGoal, Verdict


class OverlappedLoop(ClosedLoop):
    """Plans each chunk from what the cameras showed when the chunk before it began.

    What they will show when that one ends is foreseen by the video model, so the robot goes on at once; what is judged
    is one chunk old. Prompter, judge and planner run in a thread of their own, one after the other; the robot and the
    listeners stay in the thread of the caller.
    """

    def __init__(
        self,
        robot: Robot,
        prompter: Prompter,
        judge: Judge,
        planner: AheadPlanner,
        safety: SafetyFilter,
        config: LoopConfig,
        clock: Clock,
        listeners: Sequence[Listener] = (),
    ) -> None:
        """Run with these parts; `clock` gives seconds."""
        super().__init__(robot, prompter, judge, planner, safety, config, clock, listeners)
        self._ahead = planner

    def _reach(self, sub_goal: SubGoal) -> Verdict:
        """Replan until the judge confirms success; leaves by `End` otherwise."""
        observation = self._robot.observe()
        self._planner.start(observation)
        watch = StallWatch(self._config)
        first = self._steps
        sub_goal, verdict = self._look(observation, sub_goal)
        confirmed = self._told(first, observation, sub_goal, verdict, watch, 0)
        if confirmed >= self._config.confirmations:
            return verdict
        plan = self._planner.plan(observation, sub_goal)
        thread = ThreadPoolExecutor(1, thread_name_prefix="planner")
        try:
            while True:
                count = self._count(verdict, first)
                safe = self._begin(observation, sub_goal, plan)
                meanwhile = thread.submit(self._look_and_plan, observation, sub_goal, safe.chunk, count)
                looked, seen = self._steps, observation
                observation = self._execute(safe, count)
                sub_goal, verdict, plan = meanwhile.result()
                confirmed = self._told(looked, seen, sub_goal, verdict, watch, confirmed)
                if confirmed >= self._config.confirmations:
                    return verdict
        finally:
            # Whoever ends the episode must not wait for a plan that nobody wants any more: the robot is to stop.
            thread.shutdown(wait=False, cancel_futures=True)

    def _look_and_plan(
        self, observation: Observation, sub_goal: SubGoal, chunk: ActionChunk, count: int
    ) -> tuple[SubGoal, Verdict, Plan]:
        sub_goal, verdict = self._look(observation, sub_goal)
        return sub_goal, verdict, self._ahead.plan_ahead(observation, sub_goal, chunk, count)
