"""Imagine, extract, score: chooses the next chunk of SE(3) steps from several imagined futures."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from vplanner.critic import Scorer, ScoreWeights
from vplanner.effort import Effort, Pace, what_was_cut
from vplanner.memory import LatentMemory
from vplanner.observation import after_steps
from vplanner.protocols import Clock, Critic, InverseDynamics, VideoModel
from vplanner.safety import SafetyLimits
from vplanner.types import (
    ActionChunk,
    Candidate,
    Float,
    Observation,
    Plan,
    Score,
    StageTime,
    SubGoal,
)


class Selection(StrEnum):
    """How one candidate is chosen: the best score, or any (to measure what scoring brings)."""

    BEST = "best"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class PlannerConfig:
    """`samples` futures are imagined at each replan and ranked with `weights`.

    With `deadline_ms`, as much of that as fits into it; the plan says what was left out.
    """

    samples: int = 4
    weights: ScoreWeights = field(default_factory=ScoreWeights)
    selection: Selection = Selection.BEST
    deadline_ms: float | None = None


UNSCORED = Score(agreement=0.0, progress=0.0, success=0.0, limits=0.0, total=0.0)
"""Of a candidate that was not compared with others."""


class Stopwatch:
    """Cuts elapsed time into named stages."""

    def __init__(self, clock: Clock) -> None:
        """Start now; `clock` gives seconds."""
        self._clock = clock
        self._start = self._last = clock()
        self._stages: list[StageTime] = []

    def lap(self, name: str) -> None:
        """End the stage `name`."""
        now = self._clock()
        self._stages.append(StageTime(name, 1000.0 * (now - self._last)))
        self._last = now

    @property
    def elapsed_ms(self) -> float:
        """Time since the start."""
        return 1000.0 * (self._clock() - self._start)

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
        self._pace = Pace()

    def start(self, observation: Observation) -> None:
        """Nothing to prepare: every plan begins with what is seen then."""

    def plan(self, observation: Observation, sub_goal: SubGoal) -> Plan:
        """Candidates from what the cameras show now."""
        stopwatch = Stopwatch(self._clock)
        present = self._memory.latents(observation)
        stopwatch.lap("encode")
        return self.plan_from(present, observation, sub_goal, stopwatch)

    def plan_ahead(self, observation: Observation, sub_goal: SubGoal, chunk: ActionChunk, count: int) -> Plan:
        """Candidates for the moment when the robot will have carried out the first `count` steps of `chunk`.

        What the cameras will show then is what the video model says that these steps lead to.
        """
        stopwatch = Stopwatch(self._clock)
        present = self._memory.latents(observation)
        stopwatch.lap("encode")
        (future,) = self._video_model.rollout(present, observation, [chunk])
        later = after_steps(observation, chunk.steps[:count])
        stopwatch.lap("foresee")
        return self.plan_from(future.latents[count - 1], later, sub_goal, stopwatch)

    def plan_from(self, present: Float, observation: Observation, sub_goal: SubGoal, stopwatch: Stopwatch) -> Plan:
        """Candidates from latents (V, C, h, w), seen or imagined."""
        samples, steps = self._config.samples, self._video_model.sampling_steps
        deadline = self._config.deadline_ms
        effort = Effort(samples, steps)
        before = stopwatch.elapsed_ms
        if deadline is not None:
            effort = self._pace.choose(samples, steps, deadline - before)
        videos = self._video_model.propose(
            present, observation, sub_goal, effort.samples, self._generator, effort.steps
        )
        stopwatch.lap("propose")
        chunks = self._inverse_dynamics.extract(present, videos)
        stopwatch.lap("extract")
        if effort.scored:
            rollouts = self._video_model.rollout(present, observation, chunks)
            stopwatch.lap("rollout")
            scores = self._scorer.score(present, observation, sub_goal, videos, chunks, rollouts)
            stopwatch.lap("score")
        else:
            rollouts, scores = videos, [UNSCORED for _ in videos]
        self._pace.note(effort, stopwatch.elapsed_ms - before)
        cut = "" if deadline is None else what_was_cut(effort, samples, steps, deadline)
        parts = zip(videos, chunks, rollouts, scores, strict=True)
        candidates = tuple(Candidate(video, chunk, rollout, score) for video, chunk, rollout, score in parts)
        if self._config.selection is Selection.BEST:
            chosen = int(np.argmax([score.total for score in scores]))
        else:
            chosen = int(self._generator.integers(len(candidates)))
        return Plan(candidates, chosen, stopwatch.stages, cut)
