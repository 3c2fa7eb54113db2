"""Says whether a sub-goal is reached, from close-ups of its source and target at full resolution."""

from __future__ import annotations

import numpy as np

from vplanner.backends import BackendConfig, OnnxNetwork
from vplanner.bundle import Bundle
from vplanner.networks import JUDGE_FEEDS, encode_prompt
from vplanner.observation import frame_of
from vplanner.prompting.locating import as_input
from vplanner.prompting.vocabulary import load_vocabulary
from vplanner.protocols import Judge
from vplanner.types import Observation, SubGoal, Verdict

COMPONENT = "prompter_judge"


class CloseUpJudge:
    """The judge network of a bundle; how far a sub-goal is that is not reached is told by another judge."""

    def __init__(self, bundle: Bundle, config: BackendConfig) -> None:
        """Open the network. Raises `BundleError` when it is missing or damaged."""
        self._network = OnnxNetwork(bundle, COMPONENT, JUDGE_FEEDS, config)
        self._size = load_vocabulary(bundle).vision_size
        self._manifest = bundle.manifest

    def success(self, observation: Observation, sub_goal: SubGoal) -> float:
        """Probability that the sub-goal, with its points where the things are now, is reached."""
        prompt = encode_prompt(observation, sub_goal, self._manifest)
        frames = [frame_of(observation, view) for view in self._manifest.views]
        images = as_input(frames, self._size)[None]
        (logit,) = self._network.run(images, prompt.skill, prompt.points_uv, prompt.points_xyz, prompt.proprio)
        return float(1.0 / (1.0 + np.exp(-float(logit[0]))))


class SubGoalJudge:
    """Success from close-ups, progress from the critic."""

    def __init__(self, close_up: CloseUpJudge, critic: Judge, threshold: float) -> None:
        """Declare success above `threshold` in [0, 1]."""
        self._close_up, self._critic, self._threshold = close_up, critic, threshold

    def judge(self, observation: Observation, sub_goal: SubGoal) -> Verdict:
        """Verdict on the present."""
        chance = self._close_up.success(observation, sub_goal)
        reached = chance > self._threshold
        sign = ">" if reached else "<="
        progress = self._critic.judge(observation, sub_goal).progress
        return Verdict(reached, progress, f"success probability {chance:.2f} {sign} {self._threshold:.2f}")
