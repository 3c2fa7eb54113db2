"""Rates candidates: do imagination and simulation agree, does the sub-goal come nearer, are the limits kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vplanner.memory import LatentMemory
from vplanner.protocols import Critic
from vplanner.safety import SafetyLimits
from vplanner.types import ActionChunk, Float, Observation, Score, SubGoal, Verdict, VideoPlan

_FREE = 1.1  # full steps are common, and what inverse dynamics reads out of them scatters around the limit


@dataclass(frozen=True, slots=True)
class ScoreWeights:
    """Weight of each term in the total that ranks candidates."""

    agreement: float = 0.3
    progress: float = 1.0
    success: float = 0.3
    limits: float = 0.2


def agreement(now: Float, imagined: Float, rolled_out: Float) -> Float:
    """How well imagined futures match what their own actions would give: 0 is perfect, -1 as bad as no match (S,).

    Negative squared difference over the cells that move in either, divided by how far those cells move.

    Args:
        now: Latents (V, C, h, w).
        imagined: Futures (S, T, V, C, h, w).
        rolled_out: Futures (S, T, V, C, h, w) under the extracted actions.
    """
    motion = 0.5 * (np.square(imagined - now) + np.square(rolled_out - now)).mean(axis=3)  # (S, T, V, h, w)
    difference = np.square(imagined - rolled_out).mean(axis=3)
    moving = motion > 0.05  # normalised latents have unit variance, and cells at rest differ by far less
    axes = (1, 2, 3, 4)
    numerator = (difference * moving).sum(axis=axes)
    return (-numerator / np.maximum((motion * moving).sum(axis=axes), 1e-3)).astype(np.float32)


def limit_penalty(chunk: ActionChunk, position: Float, limits: SafetyLimits) -> float:
    """Minus the excess of steps over 1.1 times their limits and of positions over the workspace, in largest steps."""
    translation = np.linalg.norm(chunk.steps[:, :3], axis=1) / limits.translation_m
    rotation = np.linalg.norm(chunk.steps[:, 3:6], axis=1) / limits.rotation_rad
    outside = limits.outside_m(position + np.cumsum(chunk.steps[:, :3], axis=0)) / limits.translation_m
    excess = np.maximum(translation - _FREE, 0.0) + np.maximum(rotation - _FREE, 0.0) + outside
    return 0.0 - float(excess.sum())


class Scorer:
    """Scores all candidates of a replan with one call of the critic."""

    def __init__(self, critic: Critic, limits: SafetyLimits, weights: ScoreWeights) -> None:
        """Score with the given critic, limits and weights."""
        self._critic = critic
        self._limits = limits
        self._weights = weights

    def score(
        self,
        present: Float,
        observation: Observation,
        sub_goal: SubGoal,
        plans: list[VideoPlan],
        chunks: list[ActionChunk],
        rollouts: list[VideoPlan],
    ) -> list[Score]:
        """One score per candidate; `present` is (V, C, h, w)."""
        imagined = np.stack([plan.latents for plan in plans])
        rolled_out = np.stack([plan.latents for plan in rollouts])
        agreements = agreement(present, imagined, rolled_out)
        futures = np.concatenate([imagined[:, -1], rolled_out[:, -1]])
        ratings = self._critic.progress(present, observation, sub_goal, futures)
        # The rollout is what acting would give, the imagination what was meant: trust both alike.
        ratings = 0.5 * (ratings[: len(plans)] + ratings[len(plans) :])
        scores = []
        for chunk, agree, (progress, success) in zip(chunks, agreements, ratings, strict=True):
            limits = limit_penalty(chunk, observation.robot.position, self._limits)
            weights = self._weights
            total = weights.agreement * max(float(agree), -2.0) + weights.limits * limits
            total += weights.progress * float(progress) + weights.success * float(success)
            scores.append(Score(float(agree), float(progress), float(success), limits, total))
        return scores


class CriticJudge:
    """Says from the critic's rating of the present whether the sub-goal is reached."""

    def __init__(self, critic: Critic, memory: LatentMemory, threshold: float) -> None:
        """Judge with the latents of `memory`; success is declared above `threshold` in [0, 1]."""
        self._critic = critic
        self._memory = memory
        self._threshold = threshold

    def judge(self, observation: Observation, sub_goal: SubGoal) -> Verdict:
        """Verdict on the present."""
        present = self._memory.latents(observation)
        progress, success = self._critic.progress(present, observation, sub_goal, present[None])[0].tolist()
        reached = success > self._threshold
        sign = ">" if reached else "<="
        return Verdict(reached, progress, f"success probability {success:.2f} {sign} {self._threshold:.2f}")
