"""Imagine, extract, score: chooses the next chunk of SE(3) steps from several imagined futures."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from vplanner.critic import Scorer, ScoreWeights
from vplanner.memory import LatentMemory
from vplanner.protocols import Clock, Critic, InverseDynamics, VideoModel
from vplanner.safety import SafetyLimits
from vplanner.types import Candidate, Float, Observation, Plan, StageTime, SubGoal


class Selection(StrEnum):
    """How one candidate is chosen: the best score, or any (to measure what scoring brings)."""

    BEST = "best"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class PlannerConfig:
    """`samples` futures are imagined at each replan and ranked with `weights`."""

    samples: int = 4
    weights: ScoreWeights = field(default_factory=ScoreWeights)
    selection: Selection = Selection.BEST


class Stopwatch:
    """Cuts elapsed time into named stages."""

    def __init__(self, clock: Clock) -> None:
        """Start now; `clock` gives seconds."""
        self._clock = clock
        self._last = clock()
        self._stages: list[StageTime] = []

    def lap(self, name: str) -> None:
        """End the stage `name`."""
        now = self._clock()
        self._stages.append(StageTime(name, 1000.0 * (now - self._last)))
        self._last = now

    @property
    def stages(self) -> tuple[StageTime, ...]:
        """The stages so far."""
        return tuple(self._stages)


class ImaginePlanner:
    """Plans in the latent space of a video model."""

    def __init__(
        self,
        memory: LatentMemory,
        video_model: VideoModel,
        inverse_dynamics: InverseDynamics,
        critic: Critic,
        limits: SafetyLimits,
        config: PlannerConfig,
        generator: np.random.Generator,
        clock: Clock = time.perf_counter,
    ) -> None:
        """Plan with these networks; the same `generator` state replays the same plans."""
        self._memory = memory
        self._video_model = video_model
        self._inverse_dynamics = inverse_dynamics
        self._scorer = Scorer(critic, limits, config.weights)
        self._config = config
        self._generator = generator
        self._clock = clock

    def start(self, observation: Observation) -> None:
        """Nothing to prepare: every plan begins with what is seen then."""

    def plan(self, observation: Observation, sub_goal: SubGoal) -> Plan:
        """Candidates from what the cameras show now."""
        stopwatch = Stopwatch(self._clock)
        present = self._memory.latents(observation)
        stopwatch.lap("encode")
        return self.plan_from(present, observation, sub_goal, stopwatch)

    def plan_from(self, present: Float, observation: Observation, sub_goal: SubGoal, stopwatch: Stopwatch) -> Plan:
        """Candidates from latents (V, C, h, w), seen or imagined."""
        videos = self._video_model.propose(present, observation, sub_goal, self._config.samples, self._generator)
        stopwatch.lap("propose")
        chunks = self._inverse_dynamics.extract(present, videos)
        stopwatch.lap("extract")
        rollouts = self._video_model.rollout(present, observation, chunks)
        stopwatch.lap("rollout")
        scores = self._scorer.score(present, observation, sub_goal, videos, chunks, rollouts)
        stopwatch.lap("score")
        parts = zip(videos, chunks, rollouts, scores, strict=True)
        candidates = tuple(Candidate(video, chunk, rollout, score) for video, chunk, rollout, score in parts)
        if self._config.selection is Selection.BEST:
            chosen = int(np.argmax([score.total for score in scores]))
        else:
            chosen = int(self._generator.integers(len(candidates)))
        return Plan(candidates, chosen, stopwatch.stages)
