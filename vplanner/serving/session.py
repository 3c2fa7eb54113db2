"""The state of one client: which instruction, which sub-goal, and where its things were last seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vplanner.agent import Agent
from vplanner.errors import PromptRefusedError
from vplanner.protocols import Judge, Prompter
from vplanner.pursuit import Ending, LoopConfig, LoopEnd, Pursuit, check_reach, plan_anew
from vplanner.serving.requests import PlanRequest
from vplanner.types import ActionChunk, Observation, StageTime, SubGoal, Verdict

MOVING = "moving"


@dataclass(frozen=True, slots=True)
class Answer:
    """What to execute, and why.

    Of `chunk` the first `execute_steps` are to be executed before the next request; 0 means that the instruction has
    ended, `status` says how, and the chunk holds the arm where it is. `changes` tell what
    was changed of the plan: by the safety filter, or because the hand hovered.
    """

    chunk: ActionChunk
    execute_steps: int
    status: str
    reason: str
    progress: float
    sub_goal: SubGoal
    reached: int
    planned: int
    changes: tuple[str, ...] = ()
    stages: tuple[StageTime, ...] = ()


@dataclass(frozen=True, slots=True)
class _End:
    """How the instruction ended, and the last that was seen of it."""

    status: str
    reason: str
    progress: float
    sub_goal: SubGoal


class Session:
    """Plans for one client; it is used by one thread at a time."""

    def __init__(self, agent: Agent, prompter: Prompter, judge: Judge, config: LoopConfig) -> None:
        """Begin without an instruction. `agent`, `prompter` and `judge` serve nobody else: they remember."""
        self._agent = agent
        self._prompter = prompter
        self._judge = judge
        self._config = config
        self.forget()

    def forget(self) -> None:
        """The next request begins its instruction anew."""
        self._instruction: str | None = None
        self._sub_goals: list[SubGoal] = []
        self._reached = 0
        self._retries = 0
        self._pursuit: Pursuit | None = None
        self._end: _End | None = None
        self._grip: float | None = None

    def answer(self, request: PlanRequest) -> Answer:
        """What to do next.

        A new prompt, or a reset, is read anew; any error forgets the instruction.

        Raises:
            PromptRefusedError: The instruction names nothing that can be done in this scene.
            PrompterError: The prompter cannot be reached.
            SafetyError: The networks gave something that no robot should do.
        """
        try:
            if request.reset or request.prompt != self._instruction:
                self._begin(request)
            if self._end is None:
                answer = self._go_on(request.observation)
                if answer is not None:
                    return answer
            assert self._end is not None
            return self._hold(request.observation, self._end)
        except BaseException:
            self.forget()
            raise

    def _begin(self, request: PlanRequest) -> None:
        self.forget()
        self._sub_goals = self._prompter.plan(request.observation, request.prompt)
        if not self._sub_goals:
            raise PromptRefusedError("the instruction asks for nothing")
        for sub_goal in self._sub_goals:
            self._check_reach(sub_goal)
        self._instruction = request.prompt
        self._take_up(request.observation, self._sub_goals[0])
        self._retries = self._config.retries

    def _check_reach(self, sub_goal: SubGoal) -> None:
        check_reach(sub_goal, self._agent.safety.limits, self._config.reach_margin_m)

    def _take_up(self, observation: Observation, sub_goal: SubGoal) -> None:
        self._agent.planner.start(observation)
        self._pursuit = Pursuit(self._prompter, self._judge, self._config, sub_goal)

    def _go_on(self, observation: Observation) -> Answer | None:
        """The next steps; None when the instruction has ended, which `_end` then tells."""
        verdict = Verdict(False, 0.0, "nothing was seen")
        while self._pursuit is not None:
            pursuit = self._pursuit
            try:
                verdict = pursuit.look(observation)
                count = pursuit.next_steps(observation, verdict)
                if count > 0:
                    return self._plan(observation, pursuit, verdict, count)
                self._next(observation, pursuit.sub_goal, verdict)
            except LoopEnd as end:
                self._try_again(observation, pursuit.sub_goal, verdict, end)
        return None

    def _plan(self, observation: Observation, pursuit: Pursuit, verdict: Verdict, count: int) -> Answer:
        plan = self._agent.planner.plan(observation, pursuit.aim(observation))
        chunk, why = pursuit.steps(observation, plan.best.chunk, count)
        safe = self._agent.safety.apply(chunk, observation.robot)
        count = min(count, len(safe.chunk.steps))
        self._grip = float(safe.chunk.steps[count - 1, 6])
        return Answer(
            chunk=safe.chunk,
            execute_steps=count,
            status=MOVING,
            reason=verdict.reason,
            progress=verdict.progress,
            sub_goal=pursuit.sub_goal,
            reached=self._reached,
            planned=len(self._sub_goals),
            changes=(*why, *safe.changes),
            stages=plan.stages,
        )

    def _next(self, observation: Observation, sub_goal: SubGoal, verdict: Verdict) -> None:
        """One sub-goal is reached."""
        self._reached += 1
        self._retries = self._config.retries
        if self._reached < len(self._sub_goals):
            self._take_up(observation, self._sub_goals[self._reached])
        else:
            self._finish(Ending.SUCCESS, verdict.reason, verdict.progress, sub_goal)

    def _try_again(self, observation: Observation, sub_goal: SubGoal, verdict: Verdict, end: LoopEnd) -> None:
        """A sub-goal failed: understand one of several anew, where a try is left."""
        several = len(self._sub_goals) > 1
        reason = f"sub-goal {self._reached + 1} of {len(self._sub_goals)}: {end.reason}" if several else end.reason
        if several and self._retries > 0:
            self._retries -= 1
            try:
                again = plan_anew(self._prompter, observation, sub_goal)
                self._check_reach(again)
            except PromptRefusedError as error:
                reason = f"{reason}; then refused: {error}"
            else:
                self._take_up(observation, again)
                return
        self._finish(end.ending, reason, verdict.progress, sub_goal)

    def _finish(self, ending: Ending, reason: str, progress: float, sub_goal: SubGoal) -> None:
        self._pursuit = None
        self._end = _End(ending.value, reason, progress, sub_goal)

    def _hold(self, observation: Observation, end: _End) -> Answer:
        """Stay, and keep the grip as commanded: the measured opening of a full hand would loosen it."""
        manifest = self._agent.networks.bundle.manifest
        steps = np.zeros((manifest.horizon, 7), np.float32)
        steps[:, 6] = observation.robot.gripper_opening if self._grip is None else self._grip
        return Answer(
            chunk=ActionChunk(steps, manifest.dt_s),
            execute_steps=0,
            status=end.status,
            reason=end.reason,
            progress=end.progress,
            sub_goal=end.sub_goal,
            reached=self._reached,
            planned=len(self._sub_goals),
        )


SessionMaker = Callable[[], Session]
"""Makes the session of a new client."""
