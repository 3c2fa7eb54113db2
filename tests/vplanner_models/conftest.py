"""A tiny data set of drifting squares: real enough for every stage, made in milliseconds."""

from __future__ import annotations

import numpy as np
import pytest

from vplanner_models.arrays import EpisodeArrays

EPISODES, LENGTH, VALIDATION_EPISODES = 12, 9, 3


@pytest.fixture(scope="session")
def arrays() -> EpisodeArrays:
    """Twelve episodes of nine rows; the last three are validation scenes."""
    generator = np.random.default_rng(0)
    count = EPISODES * LENGTH
    episode = np.repeat(np.arange(EPISODES), LENGTH)
    time = np.tile(np.arange(LENGTH), EPISODES)
    action = (0.02 * generator.standard_normal((count, 7))).astype(np.float32)
    action[:, 6] = time > LENGTH // 2
    action[time == LENGTH - 1] = 0
    state = np.zeros((count, 15), dtype=np.float32)
    state[:, 7:10] = np.array([0.5, 0.0, 0.2]) + 0.05 * generator.standard_normal((count, 3))
    state[:, 10] = 1
    state[:, 14] = action[:, 6]
    images = np.full((count, 2, 64, 64, 3), 120, dtype=np.uint8)
    for row in range(count):
        corner = 8 + 4 * time[row]
        images[row, :, corner : corner + 12, 20:32] = (200, 40, 40)
    camera = np.eye(4, dtype=np.float32)
    camera[:3, :3] = np.array([[0, 0, -1], [1, 0, 0], [0, -1, 0]])
    camera[:3, 3] = (1.4, 0.0, 0.2)
    source = np.repeat(generator.uniform([0.4, -0.2, 0], [0.6, 0.2, 0.1], (EPISODES, 3)), LENGTH, axis=0)
    return EpisodeArrays(
        images=images,
        state=state,
        action=action,
        expert_action=action,
        skill=episode % 10,
        source_xyz=source.astype(np.float32),
        target_xyz=(source + 0.1).astype(np.float32),
        progress=(time / (LENGTH - 1)).astype(np.float32),
        success=((time == LENGTH - 1) & (episode % 4 != 0)).astype(np.float32),
        noisy=(time == 2) & (episode == 1),
        episode=episode,
        seed=np.where(episode < EPISODES - VALIDATION_EPISODES, episode, 100_000 + episode),
        intrinsics=np.tile(np.array([[1.0, 0, 0.5], [0, 1.0, 0.5], [0, 0, 1]], dtype=np.float32), (2, 1, 1)),
        T_base_cam=np.tile(camera, (2, 1, 1)),
    )
