"""Trained networks that act while episodes are recorded, so that the expert can correct what they do."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vplanner.backends import BackendConfig
from vplanner.bundle import load_bundle
from vplanner.networks import OnnxInverseDynamics, OnnxVideoModel
from vplanner.sim_robot import as_observation, calibration, true_sub_goal
from vplanner.types import CameraModel, Float

if TYPE_CHECKING:
    from vplanner_sim import SimObservation, SubGoalTruth, TabletopEnv

_EXECUTE_STEPS = 2
_POINT_NOISE_M = 0.005


class Student:
    """The video model's mean future and the inverse dynamics of a bundle, told by the simulator where things are."""

    def __init__(self, folder: Path) -> None:
        """Open the networks of the bundle in `folder`.

        Raises:
            BundleError: if one is missing or damaged.
        """
        bundle = load_bundle(folder)
        backend = BackendConfig(threads=1)
        self._video_model = OnnxVideoModel(bundle, backend)
        self._inverse_dynamics = OnnxInverseDynamics(bundle, backend)
        self._cameras: dict[str, CameraModel] = {}
        self._generator = np.random.default_rng(0)
        self._offsets: Float = np.zeros((2, 3), np.float32)
        self._waiting: deque[Float] = deque()

    def start(self, env: TabletopEnv, generator: np.random.Generator) -> None:
        """Begin an episode with grounding errors of its own."""
        self._cameras = calibration(env)
        self._generator = generator
        self._offsets = generator.normal(0.0, _POINT_NOISE_M, (2, 3)).astype(np.float32)
        self._waiting.clear()

    def step(self, seen: SimObservation, truth: SubGoalTruth, fresh: bool) -> Float:
        """The step (7,) to execute now; `fresh` discards what was planned before."""
        if fresh or not self._waiting:
            observation = as_observation(seen, self._cameras)
            goal = true_sub_goal(truth, self._offsets)
            now = self._video_model.encode(observation)
            plans = self._video_model.propose(now, observation, goal, 1, self._generator)
            (chunk,) = self._inverse_dynamics.extract(now, plans)
            self._waiting = deque(chunk.steps[:_EXECUTE_STEPS])
        return self._waiting.popleft()
