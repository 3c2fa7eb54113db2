"""Planners to compare with: random steps, behaviour cloning, and ours without looking again."""

from __future__ import annotations

import time

import numpy as np

from vplanner.backends import BackendConfig, OnnxNetwork
from vplanner.bundle import Bundle
from vplanner.memory import LatentMemory
from vplanner.networks import POLICY_FEEDS, encode_prompt
from vplanner.observation import after_steps
from vplanner.planner import UNSCORED, ImaginePlanner, Stopwatch
from vplanner.safety import SafetyLimits
from vplanner.types import (
    ActionChunk,
    Candidate,
    Float,
    Observation,
    Plan,
    SubGoal,
    Verdict,
    VideoPlan,
)


def plan_without_imagination(chunk: ActionChunk) -> Plan:
    """A plan of one candidate that shows no frames."""
    nothing = VideoPlan(np.zeros((0, 0, 0, 0, 0), dtype=np.float32), chunk.dt_s)
    return Plan((Candidate(nothing, chunk, nothing, UNSCORED),), 0, ())


class RandomPlanner:
    """Steps in random directions, held for a whole chunk; the gripper opens and closes at random."""

    def __init__(self, limits: SafetyLimits, horizon: int, dt_s: float, generator: np.random.Generator) -> None:
        """Plan chunks of `horizon` steps of `dt_s` [s] within `limits`."""
        self._limits = limits
        self._horizon = horizon
        self._dt_s = dt_s
        self._generator = generator

    def start(self, observation: Observation) -> None:
        """Nothing is remembered."""

    def plan(self, observation: Observation, sub_goal: SubGoal) -> Plan:
        """One random chunk."""
        step = np.zeros(7, dtype=np.float32)
        step[:3] = self._generator.uniform(-1.0, 1.0, 3) * self._limits.translation_m / np.sqrt(3.0)
        step[3:6] = self._generator.uniform(-1.0, 1.0, 3) * self._limits.rotation_rad / np.sqrt(3.0)
        step[6] = self._generator.integers(2)
        return plan_without_imagination(ActionChunk(np.tile(step, (self._horizon, 1)), self._dt_s))


class CloningPlanner:
    """A policy network trained on the same data, which reads the same inputs and imagines nothing."""

    def __init__(self, bundle: Bundle, memory: LatentMemory, config: BackendConfig) -> None:
        """Open the policy. Raises `BundleError` when the bundle has none that fits."""
        self._manifest = bundle.manifest
        self._memory = memory
        self._network = OnnxNetwork(bundle, "behaviour_cloning", POLICY_FEEDS, config)

    def start(self, observation: Observation) -> None:
        """Nothing is remembered."""

    def plan(self, observation: Observation, sub_goal: SubGoal) -> Plan:
        """The policy's chunk."""
        prompt = encode_prompt(observation, sub_goal, self._manifest)
        present = self._memory.latents(observation)[None]
        (steps,) = self._network.run(present, prompt.skill, prompt.points_uv, prompt.points_xyz, prompt.proprio)
        return plan_without_imagination(ActionChunk(steps[0], self._manifest.dt_s))


class OpenLoopPlanner:
    """Imagines on from its own last frames: after the first observation of a sub-goal it never looks again."""

    def __init__(self, planner: ImaginePlanner, memory: LatentMemory) -> None:
        """Chain the plans of `planner`, whose first present comes from `memory`."""
        self._planner = planner
        self._memory = memory
        self._present: Float | None = None
        self._observation: Observation | None = None
        self._sub_goal: SubGoal | None = None

    def start(self, observation: Observation) -> None:
        """Look once."""
        self._present = self._memory.latents(observation)
        self._observation = observation
        self._sub_goal = None

    def plan(self, observation: Observation, sub_goal: SubGoal) -> Plan:
        """Continue from where the last plan was to end, with the points of the first look."""
        if self._present is None or self._observation is None:
            self.start(observation)
        assert self._present is not None and self._observation is not None
        self._sub_goal = self._sub_goal or sub_goal
        plan = self._planner.plan_from(self._present, self._observation, self._sub_goal, Stopwatch(time.perf_counter))
        self._present = plan.best.video.latents[-1]
        self._observation = after_steps(self._observation, plan.best.chunk.steps)
        return plan


class NoJudge:
    """Never declares success: for planners that do not look."""

    def judge(self, observation: Observation, sub_goal: SubGoal) -> Verdict:
        """No verdict."""
        return Verdict(False, 0.0, "not judged")
