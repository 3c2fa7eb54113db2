"""Remembers the latents of the last two observations, so that planner and judge encode each picture once."""

from __future__ import annotations

import numpy as np

from vplanner.protocols import VideoModel
from vplanner.types import Float, Observation


class LatentMemory:
    """Context of the video model: the latents of the previous step and of now."""

    def __init__(self, video_model: VideoModel) -> None:
        """Empty memory."""
        self._video_model = video_model
        self._newest: Observation | None = None
        self._latents: list[Float] = []

    def reset(self) -> None:
        """Forget everything: the next observation counts as standing still."""
        self._newest = None
        self._latents = []

    def context(self, observation: Observation) -> Float:
        """Latents (2, V, C, h, w) of the observation before and of this one; the same twice at the start."""
        if observation is not self._newest:
            self._latents = [*self._latents[-1:], self._video_model.encode(observation)]
            self._newest = observation
        return np.stack([self._latents[0], self._latents[-1]])
