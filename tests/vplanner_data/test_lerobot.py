"""What is written as a LeRobotDataset v3 comes back, and other tools find what they expect."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from vplanner.data import load_arrays, schema
from vplanner.data.episode import Episode
from vplanner.data.lerobot_writer import FileWriter, finalise, read_summary, write_table
from vplanner.data.schema import FileIndex
from vplanner.data.video import read_video
from vplanner.errors import InputError


def test_arrays_come_back(dataset: Path, episodes: list[Episode]) -> None:
    arrays = load_arrays(dataset)
    lengths = [len(episode) for episode in episodes]
    assert len(arrays) == sum(lengths)
    for name in ("state", "action", "expert_action", "source_xyz", "target_xyz", "progress", "success", "noisy"):
        written = np.concatenate([getattr(episode, name) for episode in episodes])
        np.testing.assert_array_equal(getattr(arrays, name), written)
    np.testing.assert_array_equal(arrays.episode, np.repeat(range(4), lengths))
    np.testing.assert_array_equal(arrays.seed, np.repeat([episode.seed for episode in episodes], lengths))
    np.testing.assert_array_equal(arrays.skill, np.repeat([episode.skill for episode in episodes], lengths))
    np.testing.assert_array_equal(arrays.intrinsics, [np.eye(3), 2 * np.eye(3)])


def test_pictures_come_back_almost(dataset: Path, episodes: list[Episode]) -> None:
    written = np.concatenate([episode.images for episode in episodes]).astype(float)
    error = load_arrays(dataset).images - written
    assert np.abs(error).mean(axis=(1, 2, 3, 4)).max() < 4.0
    assert abs(error.mean()) < 0.5


def test_second_load_opens_the_cache_and_growth_makes_a_new_one(
    dataset: Path,
    make_file: Callable[[Path, int, list[Episode]], None],
    make_episode: Callable[[int, int], Episode],
) -> None:
    calls: list[int] = []
    load_arrays(dataset, lambda done, _total: calls.append(done))
    load_arrays(dataset, lambda done, _total: calls.append(done))
    assert calls == [1, 2, 3, 4]
    make_file(dataset, 5, [make_episode(30, 3)])
    assert finalise(dataset) == 5
    arrays = load_arrays(dataset)
    assert list(arrays.seed[-5:]) == [30, 30, 30, 20, 20]
    assert len(list((dataset / schema.CACHE_FOLDER).iterdir())) == 1


def test_indices_are_consecutive_over_files(dataset: Path, episodes: list[Episode]) -> None:
    table = pd.concat([pd.read_parquet(path) for path in sorted(dataset.glob("data/*/*.parquet"))])
    assert list(table["index"]) == list(range(len(table)))
    assert list(table["task_index"]) == [
        k for episode, k in zip(episodes, (0, 1, 0, 1), strict=True) for _ in episode.state
    ]
    assert (table["timestamp"] == table["frame_index"].astype(np.float32) / 5).all()


def test_metadata_is_what_lerobot_reads(dataset: Path, episodes: list[Episode]) -> None:
    info = json.loads((dataset / schema.INFO_PATH).read_text())
    assert (info["codebase_version"], info["fps"], info["total_episodes"], info["total_frames"]) == ("v3.0", 5, 4, 15)
    tasks = pd.read_parquet(dataset / schema.TASKS_PATH)
    assert list(tasks.index) == ["reach for thing 1", "reach for thing 0"] and list(tasks["task_index"]) == [0, 1]
    data = pq.read_schema(dataset / FileIndex.of(2).data)
    described = json.loads(data.metadata[b"huggingface"])["info"]["features"]
    assert set(described) == set(data.names)
    assert set(info["features"]) == set(described) | {"observation.images.front", "observation.images.side"}
    for row in pd.read_parquet(dataset / schema.EPISODES_PATH).itertuples(index=False):
        fields = dict(zip(pq.read_schema(dataset / schema.EPISODES_PATH).names, row, strict=True))
        episode = episodes[fields["episode_index"]]
        assert fields["length"] == len(episode) == fields["dataset_to_index"] - fields["dataset_from_index"]
        place = FileIndex(
            fields["videos/observation.images.side/chunk_index"], fields["videos/observation.images.side/file_index"]
        )
        first, last = (round(5 * fields[f"videos/observation.images.side/{end}_timestamp"]) for end in ("from", "to"))
        pictures = read_video(dataset / place.video("side"))[first:last]
        assert np.abs(pictures - episode.images[:, 1].astype(float)).mean() < 4.0


def test_stats_are_those_of_all_rows(dataset: Path, episodes: list[Episode]) -> None:
    stats = json.loads((dataset / schema.STATS_PATH).read_text())
    states = np.concatenate([episode.state for episode in episodes]).astype(float)
    np.testing.assert_allclose(stats["observation.state"]["mean"], states.mean(0), atol=1e-9)
    np.testing.assert_allclose(stats["observation.state"]["std"], states.std(0), atol=1e-9)
    assert stats["index"]["min"] == [0] and stats["index"]["max"] == [14] and stats["index"]["mean"] == [7]
    assert np.shape(stats["observation.images.front"]["mean"]) == (3, 1, 1)


def test_unfinished_file_leaves_nothing(dataset: Path, make_episode: Callable[[int, int], Episode]) -> None:
    before = sorted(path for path in dataset.rglob("*") if path.is_file())

    writer = FileWriter(dataset, FileIndex.of(7), ("front", "side"), 32)
    with pytest.raises(KeyboardInterrupt), writer:
        writer.add(make_episode(1, 4))
        raise KeyboardInterrupt
    assert sorted(path for path in dataset.rglob("*") if path.is_file()) == before
    assert read_summary(dataset, FileIndex.of(7)) is None


def test_file_without_episodes_is_only_marked(
    dataset: Path, make_file: Callable[[Path, int, list[Episode]], None]
) -> None:
    make_file(dataset, 8, [])
    assert read_summary(dataset, FileIndex.of(8)) is not None
    assert not (dataset / FileIndex.of(8).data).exists() and not (dataset / FileIndex.of(8).video("front")).exists()
    assert finalise(dataset) == 4


def test_a_summary_of_an_earlier_version_is_read(dataset: Path) -> None:
    path = dataset / FileIndex.of(2).part
    table = pq.read_table(path)
    old = {"task": "reach", "attempted": 9, "written": 8, "clean": 4, "clean_reached": 4, "noisy": 5}
    old |= {"noisy_reached": 3, "unstable": 0, "rows": 70, "seconds": 1.5}
    write_table(path, table.replace_schema_metadata({b"vplanner": json.dumps(old).encode()}))
    summary = read_summary(dataset, FileIndex.of(2))
    assert summary is not None
    assert (summary.noisy, summary.handover, summary.handover_reached) == (5, 0, 0)


def test_what_a_killed_build_has_left_is_removed(dataset: Path) -> None:
    left = dataset / schema.CACHE_FOLDER / "building-abc"
    left.mkdir(parents=True)
    (left / "pictures.npy").write_bytes(b"gigabytes")
    load_arrays(dataset)
    (cache,) = (dataset / schema.CACHE_FOLDER).iterdir()
    assert not cache.name.startswith("building-")


def test_other_folders_are_refused(tmp_path: Path, dataset: Path) -> None:
    with pytest.raises(InputError, match=r"info\.json is missing"):
        load_arrays(tmp_path)
    info = dataset / schema.INFO_PATH
    content = json.loads(info.read_text())
    del content["features"]["label.skill"]
    info.write_text(json.dumps(content))
    with pytest.raises(InputError, match=r"no feature 'label\.skill'"):
        load_arrays(dataset)
    info.write_text("{")
    with pytest.raises(InputError, match=r"info\.json is damaged"):
        load_arrays(dataset)


def test_a_set_of_version_2_says_so(tmp_path: Path) -> None:
    """Its episodes are lines of JSON and one file each, so that nothing of a v3.0 set is where it would be."""
    meta = tmp_path / "meta"
    meta.mkdir()
    (meta / "info.json").write_text(
        json.dumps(
            {
                "codebase_version": "v2.1",
                "robot_type": "panda",
                "total_episodes": 1,
                "total_frames": 2,
                "total_tasks": 1,
                "total_videos": 1,
                "total_chunks": 1,
                "chunks_size": 1000,
                "fps": 5,
                "splits": {"train": "0:1"},
                "data_path": "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
                "video_path": "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4",
                "features": {"action": {"dtype": "float32", "shape": [7], "names": None}},
            }
        )
    )
    (meta / "episodes.jsonl").write_text('{"episode_index": 0, "tasks": ["reach"], "length": 2}\n')
    (meta / "episodes_stats.jsonl").write_text('{"episode_index": 0, "stats": {}}\n')
    (meta / "tasks.jsonl").write_text('{"task_index": 0, "task": "reach"}\n')
    data = tmp_path / "data" / "chunk-000"
    data.mkdir(parents=True)
    pd.DataFrame({"action": [[0.0] * 7] * 2, "index": [0, 1]}).to_parquet(data / "episode_000000.parquet")
    with pytest.raises(InputError, match=r"codebase_version 'v2\.1'; this reader takes 'v3\.0'"):
        load_arrays(tmp_path)


def test_a_damaged_file_is_an_error_of_the_input(dataset: Path) -> None:
    (dataset / FileIndex.of(2).video("front")).write_bytes(b"no film")
    with pytest.raises(InputError, match="damaged"):
        load_arrays(dataset)
    assert list((dataset / schema.CACHE_FOLDER).iterdir()) == []
