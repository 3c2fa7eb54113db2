"""Remembers the latents of the newest observation, so that planner and judge encode each picture once."""

from __future__ import annotations

from vplanner.protocols import VideoModel
from vplanner.types import Float, Observation


class LatentMemory:
    """The present in the latent space of a video model."""

    def __init__(self, video_model: VideoModel) -> None:
        """Empty memory."""
        self._video_model = video_model
        self._newest: Observation | None = None
        self._time_s = 0.0
        self._latents: Float | None = None

    def latents(self, observation: Observation) -> Float:
        """Latents (V, C, h, w) of the observation, encoded when it is a new one or its time has changed."""
        if self._latents is None or observation is not self._newest or observation.time_s != self._time_s:
            self._latents = self._video_model.encode(observation)
            self._newest, self._time_s = observation, observation.time_s
        return self._latents
