"""The closed loop without pauses: the next chunk is planned while the present one is carried out."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from vplanner.loop import ClosedLoop, Listener, LoopConfig
from vplanner.protocols import AheadPlanner, Clock, Judge, Prompter, Robot
from vplanner.pursuit import Pursuit
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
        """Replan until the judge confirms success; leaves by `LoopEnd` otherwise."""
        observation = self._robot.observe()
        self._planner.start(observation)
        pursuit = Pursuit(self._prompter, self._judge, self._config, sub_goal)
        verdict = pursuit.look(observation)
        self._tell_look(self._steps, observation, pursuit, verdict)
        count = pursuit.next_steps(observation, verdict)
        if count == 0:
            return verdict
        plan = self._planner.plan(observation, pursuit.aim(observation))
        thread = ThreadPoolExecutor(1, thread_name_prefix="planner")
        try:
            while True:
                safe = self._begin(observation, pursuit, plan, count)
                meanwhile = thread.submit(self._look_and_plan, observation, pursuit, safe.chunk, count)
                looked, seen = self._steps, observation
                observation = self._execute(safe, count)
                verdict, plan = meanwhile.result()
                self._tell_look(looked, seen, pursuit, verdict)
                count = pursuit.next_steps(seen, verdict)
                if count == 0:
                    return verdict
        finally:
            # Whoever ends the episode must not wait for a plan that nobody wants any more: the robot is to stop.
            thread.shutdown(wait=False, cancel_futures=True)

    def _look_and_plan(
        self, observation: Observation, pursuit: Pursuit, chunk: ActionChunk, count: int
    ) -> tuple[Verdict, Plan]:
        verdict = pursuit.look(observation)
        return verdict, self._ahead.plan_ahead(observation, pursuit.aim(observation), chunk, count)
