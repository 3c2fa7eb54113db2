"""Episodes of random numbers and smooth pictures, and a small data set made of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vplanner.data.episode import Episode, NamedCamera, save_cameras
from vplanner.data.lerobot_writer import FileWriter, PartSummary, finalise
from vplanner.data.schema import FileIndex
from vplanner.types import CameraModel

SIZE = 32
CAMERAS = ("front", "side")
MakeEpisode = Callable[[int, int], Episode]
MakeFile = Callable[[Path, int, list[Episode]], None]


@pytest.fixture
def make_episode() -> MakeEpisode:
    def make(seed: int, rows: int) -> Episode:
        generator = np.random.default_rng(seed)

        def draw(*shape: int) -> np.ndarray:
            return generator.normal(size=(rows, *shape)).astype(np.float32)

        ramp = np.linspace(0.0, 1.0, SIZE)
        phase = generator.uniform(0.2, 0.8, (rows, 2, 1, 1, 3))
        images = 255 * phase * (0.5 + 0.5 * ramp[:, None, None]) * (0.5 + 0.5 * ramp[None, :, None])
        return Episode(
            task="reach",
            behaviour="noisy",
            instruction=f"reach for thing {seed % 2}",
            seed=seed,
            images=images.astype(np.uint8),
            state=draw(15),
            action=draw(7),
            expert_action=draw(7),
            skill=seed % 10,
            source_xyz=draw(3),
            target_xyz=draw(3),
            progress=draw(),
            success=(draw() > 0).astype(np.float32),
            noisy=(draw() > 0).astype(np.float32),
        )

    return make


@pytest.fixture
def make_file() -> MakeFile:
    def make(root: Path, number: int, episodes: list[Episode]) -> None:
        count, rows = len(episodes), sum(map(len, episodes))
        with FileWriter(root, FileIndex.of(number), CAMERAS, SIZE) as writer:
            for episode in episodes:
                writer.add(episode)
            writer.finish(PartSummary("reach", count, count, 0, 0, count, 0, 0, rows, 0.0))

    return make


@pytest.fixture
def episodes(make_episode: MakeEpisode) -> list[Episode]:
    return [make_episode(seed, rows) for seed, rows in ((3, 5), (4, 1), (11, 7), (20, 2))]


@pytest.fixture
def dataset(tmp_path: Path, make_file: MakeFile, episodes: list[Episode]) -> Path:
    root = tmp_path / "set"
    models = [CameraModel(np.eye(3, dtype=np.float32) * k, np.eye(4, dtype=np.float32)) for k in (1, 2)]
    save_cameras(root, tuple(NamedCamera(name, model) for name, model in zip(CAMERAS, models, strict=True)), SIZE)
    make_file(root, 12, episodes[3:])
    make_file(root, 2, episodes[:3])
    assert finalise(root) == 4
    return root
