"""Writes LeRobotDataset v3: independent data files first, then the metadata that joins them."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pydantic import JsonValue

from vplanner.data import schema, stats, tables
from vplanner.data.episode import Episode, load_cameras
from vplanner.data.schema import FPS, FileIndex
from vplanner.data.video import PIXEL_FORMAT, VideoWriter
from vplanner.run_folder import write_json

_SUMMARY = b"vplanner"


@dataclass(frozen=True, slots=True)
class PartSummary:
    """What it took to fill one data file; `*_reached` counts episodes that ended in success.

    Summaries of earlier versions have no `handover`: those episodes are among the noisy ones there.
    """

    task: str
    attempted: int
    written: int
    clean: int
    clean_reached: int
    noisy: int
    noisy_reached: int
    unstable: int
    rows: int
    seconds: float
    handover: int = 0
    handover_reached: int = 0


class FileWriter:
    """Fills one data file and its videos; the files count only once `finish` has been called."""

    def __init__(self, root: Path, place: FileIndex, cameras: Sequence[str], image_size: int) -> None:
        """Start files of the given place, replacing what an interrupted attempt left there."""
        (root / place.part).unlink(missing_ok=True)
        self._root = root
        self._place = place
        self._cameras = tuple(cameras)
        self._episodes: list[dict[str, object]] = []
        self._columns: list[list[pa.Array]] = []
        self._rows = 0
        self._open = ExitStack()
        self._videos = [
            self._open.enter_context(VideoWriter(root / place.video(camera), image_size)) for camera in cameras
        ]

    def __enter__(self) -> FileWriter:
        """Return the writer itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the videos, and remove the files unless they were finished."""
        self._open.__exit__(kind, error, trace)
        if not (self._root / self._place.part).is_file():
            for path in [self._place.data, *(self._place.video(camera) for camera in self._cameras)]:
                (self._root / path).unlink(missing_ok=True)

    def add(self, episode: Episode) -> None:
        """Append an episode."""
        rows = len(episode)
        frame = np.arange(rows)
        of_file = np.full(rows, len(self._episodes))
        filled: list[NDArray[np.generic]] = [episode.column(field) for field in schema.FIELDS]
        filled += [frame / FPS, frame, of_file, frame + self._rows, np.zeros(rows)]
        fields = tables.ALL_FIELDS
        self._columns.append(
            [tables.column(field, column) for field, column in zip(fields, filled, strict=True)],
        )
        row: dict[str, object] = {
            "episode_index": len(self._episodes),
            "tasks": [episode.instruction],
            "length": rows,
            "data/chunk_index": self._place.chunk,
            "data/file_index": self._place.file,
            "dataset_from_index": self._rows,
            "dataset_to_index": self._rows + rows,
            "meta/episodes/chunk_index": 0,
            "meta/episodes/file_index": 0,
            "sim_task": episode.task,
            "behaviour": episode.behaviour,
            "seed": episode.seed,
            "succeeded": episode.succeeded,
        }
        for field, column in zip(fields, filled, strict=True):
            row |= tables.stats_row(field.key, stats.of_rows(column.reshape(rows, field.size)))
        for view, camera in enumerate(self._cameras):
            self._videos[view].add(episode.images[:, view])
            prefix = f"videos/{schema.image_key(camera)}"
            row[f"{prefix}/chunk_index"] = self._place.chunk
            row[f"{prefix}/file_index"] = self._place.file
            row[f"{prefix}/from_timestamp"] = self._rows / FPS
            row[f"{prefix}/to_timestamp"] = (self._rows + rows) / FPS
            row |= tables.stats_row(schema.image_key(camera), stats.of_images(episode.images[:, view]))
        self._episodes.append(row)
        self._rows += rows

    def finish(self, summary: PartSummary) -> None:
        """Close the files and mark them complete. A file without any episode keeps only the mark."""
        self._open.close()
        if self._episodes:
            columns = [pa.concat_arrays(list(column)) for column in zip(*self._columns, strict=True)]
            write_table(self._root / self._place.data, pa.Table.from_arrays(columns, schema=tables.data_schema()))
        else:
            for camera in self._cameras:
                (self._root / self._place.video(camera)).unlink(missing_ok=True)
        part = pa.Table.from_pylist(self._episodes, schema=tables.episodes_schema(self._cameras))
        described = {_SUMMARY: json.dumps(asdict(summary)).encode()}
        write_table(self._root / self._place.part, part.replace_schema_metadata(described))


def read_summary(root: Path, place: FileIndex) -> PartSummary | None:
    """Return what is known of a complete data file, or nothing where it is not complete."""
    path = root / place.part
    if not path.is_file():
        return None
    metadata: dict[bytes, bytes] = pq.read_schema(path).metadata
    return PartSummary(**json.loads(metadata[_SUMMARY]))


def finalise(root: Path) -> int:
    """Number the rows of all complete files and write the metadata; can be repeated as the set grows.

    The cameras' calibration must have been saved before. Without any episode nothing is written.

    Returns:
        The number of episodes.
    """
    paths = sorted((root / schema.PARTS_FOLDER).glob("*.parquet"))
    parts = [part for part in (pq.read_table(path).replace_schema_metadata(None) for path in paths) if part.num_rows]
    if not parts:
        return 0
    cameras, image_size = load_cameras(root)
    first_row = first_episode = 0
    task_of: dict[str, int] = {}
    for part in parts:
        lengths = part.column("length").to_numpy()
        tasks = np.array([task_of.setdefault(task[0], len(task_of)) for task in part.column("tasks").to_pylist()])
        place = FileIndex(part.column("data/chunk_index")[0].as_py(), part.column("data/file_index")[0].as_py())
        episodes = first_episode + np.arange(len(lengths))
        rows = first_row + np.arange(lengths.sum())
        _number_rows(root / place.data, np.repeat(episodes, lengths), rows, np.repeat(tasks, lengths))
        first_episode += len(lengths)
        first_row += int(lengths.sum())
    table = _number_episodes(pa.concat_tables(parts), task_of)
    write_table(root / schema.EPISODES_PATH, table)
    write_table(root / schema.TASKS_PATH, tables.tasks_table(list(task_of)))
    names = [camera.name for camera in cameras]
    keys = [schema.image_key(name) for name in names] + [field.key for field in tables.ALL_FIELDS]
    merged: dict[str, JsonValue] = {key: stats.merge(tables.stats_from_table(key, table)).entries() for key in keys}
    write_json(root / schema.STATS_PATH, merged)
    write_json(root / schema.INFO_PATH, _info(names, image_size, first_episode, first_row, len(task_of)))
    return first_episode


def write_table(path: Path, table: pa.Table) -> None:
    """Write a Parquet file so that it is either absent or whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".tmp")
    pq.write_table(table, scratch, compression="snappy")
    os.replace(scratch, path)


def _number_rows(path: Path, episodes: NDArray[np.int64], rows: NDArray[np.int64], tasks: NDArray[np.int64]) -> None:
    """Rewrite the indices of a data file where they are not yet right."""
    _, *numbered = schema.INDEX_FIELDS
    wanted = dict(zip(numbered, (episodes, rows, tasks), strict=True))
    found = pq.read_table(path, columns=[field.key for field in numbered])
    if all(np.array_equal(tables.values(field, found)[:, 0], column) for field, column in wanted.items()):
        return
    table = pq.read_table(path)
    for field, column in wanted.items():
        position = table.schema.get_field_index(field.key)
        table = table.set_column(position, table.schema.field(position), tables.column(field, column))
    write_table(path, table)


def _number_episodes(table: pa.Table, task_of: dict[str, int]) -> pa.Table:
    """Give the joined episode table its indices and the statistics that depend on them."""
    ends = np.cumsum(table.column("length").to_numpy())
    starts = ends - table.column("length").to_numpy()
    episodes = np.arange(table.num_rows)
    tasks = np.array([task_of[task[0]] for task in table.column("tasks").to_pylist()])
    replaced: dict[str, NDArray[np.generic]] = {
        "episode_index": episodes,
        "dataset_from_index": starts,
        "dataset_to_index": ends,
    }
    for name, column in replaced.items():
        position = table.schema.get_field_index(name)
        table = table.set_column(position, table.schema.field(position), pa.array(column, pa.int64()))
    extents = {"episode_index": (episodes, episodes), "index": (starts, ends - 1), "task_index": (tasks, tasks)}
    for key, (low, high) in extents.items():
        # A run of consecutive integers: its mean is the middle, its variance (n^2 - 1) / 12.
        spread = np.sqrt(((high - low + 1.0) ** 2 - 1.0) / 12.0)
        for name, values in zip(stats.NAMES[:4], (low, high, (low + high) / 2.0, spread), strict=True):
            position = table.schema.get_field_index(f"stats/{key}/{name}")
            column = pa.array([[value] for value in values.astype(float).tolist()], pa.list_(pa.float64()))
            table = table.set_column(position, table.schema.field(position), column)
    return table


def _info(cameras: Sequence[str], image_size: int, episodes: int, rows: int, tasks: int) -> dict[str, JsonValue]:
    """Return the content of info.json."""
    features: dict[str, JsonValue] = {}
    for camera in cameras:
        features[schema.image_key(camera)] = {
            "dtype": "video",
            "shape": [image_size, image_size, 3],
            "names": ["height", "width", "channels"],
            "info": {
                "video.height": image_size,
                "video.width": image_size,
                "video.codec": "h264",
                "video.pix_fmt": PIXEL_FORMAT,
                "video.is_depth_map": False,
                "video.fps": FPS,
                "video.channels": 3,
                "has_audio": False,
            },
        }
    for field in tables.ALL_FIELDS:
        indexed = field in schema.INDEX_FIELDS or field == schema.TIMESTAMP
        features[field.key] = {
            "dtype": field.kind,
            "shape": [field.size],
            "names": None if indexed else list(field.names),
        }
    return {
        "codebase_version": schema.CODEBASE_VERSION,
        "robot_type": "panda",
        "total_episodes": episodes,
        "total_frames": rows,
        "total_tasks": tasks,
        "chunks_size": schema.FILES_PER_CHUNK,
        "data_files_size_in_mb": 100,
        "video_files_size_in_mb": 200,
        "fps": FPS,
        "splits": {"train": f"0:{episodes}"},
        "data_path": schema.DATA_PATH,
        "video_path": schema.VIDEO_PATH,
        "features": features,
    }
