"""Reads the data sets of `vplanner collect` into plain arrays, cached as `.npy` files.

They are LeRobotDatasets v3 with labels, scene seeds and cameras of this project; sets from elsewhere lack those and are
refused.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from vplanner.data import schema, tables
from vplanner.data.episode import load_cameras
from vplanner.data.schema import FPS, Field, FileIndex
from vplanner.data.video import read_video
from vplanner.errors import InputError

if TYPE_CHECKING:
    from vplanner_models.arrays import EpisodeArrays

_DECODERS = 2
_SCRATCH = "building-"
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Shot:
    """Where the pictures of one episode lie: `frames` of a video file go to `rows` of the data set."""

    rows: slice
    frames: slice


def load_arrays(path: Path | str, on_progress: Progress | None = None) -> EpisodeArrays:
    """Return all rows of a data set of `vplanner collect` as memory-mapped arrays.

    The first call decodes the videos into `.cache` inside the data set; later calls open that cache until the data
    set changes. `on_progress` is called with the number of decoded video files and their total.

    Raises:
        InputError: if the folder is no such data set, is of another version, lacks a feature, or is damaged.
    """
    from vplanner_models.arrays import EpisodeArrays

    root = Path(path)
    info = root / schema.INFO_PATH
    if not info.is_file():
        raise InputError(f"{root} is not a LeRobotDataset v3: {info} is missing; `vplanner collect --out` writes one")
    _check(root, info)
    key = hashlib.sha256(info.read_bytes() + (root / schema.EPISODES_PATH).read_bytes()).hexdigest()[:16]
    cache = root / schema.CACHE_FOLDER / key
    if not EpisodeArrays.is_saved(cache):
        with _only_builder(cache.parent):
            if not EpisodeArrays.is_saved(cache):  # unless another process has built it meanwhile
                try:
                    _build(root, cache, on_progress or (lambda _done, _total: None))
                except (pa.ArrowInvalid, av.error.InvalidDataError) as error:
                    raise InputError(f"{root} is damaged: {error}") from error
    return EpisodeArrays.load(cache)


def _check(root: Path, path: Path) -> None:
    """Raise `InputError` unless `info.json` describes a data set that this reader understands."""
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
        version, fps, features = (info.get(key) for key in ("codebase_version", "fps", "features"))
    except (ValueError, AttributeError) as error:
        raise InputError(f"{path} is damaged ({error})") from error
    if version != schema.CODEBASE_VERSION:
        raise InputError(f"{root} has codebase_version {version!r}; this reader takes {schema.CODEBASE_VERSION!r}")
    if fps != FPS:
        raise InputError(f"{root} has {fps} frames per second; this reader takes {FPS}")
    found = features if isinstance(features, dict) else {}
    for field in schema.FIELDS:
        if found.get(field.key, {}).get("shape") != [field.size]:
            raise InputError(
                f"{root} has no feature {field.key!r} of size {field.size}, which data sets of `vplanner collect` "
                f"have; it has {sorted(found)}"
            )
    if not (root / schema.EPISODES_PATH).is_file():
        raise InputError(f"{root / schema.EPISODES_PATH} is missing; `vplanner collect` writes it last")


@contextmanager
def _only_builder(folder: Path) -> Iterator[None]:
    """Wait until no other process builds a cache in this folder, and remove what a killed one has left."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.glob(f"{_SCRATCH}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        os.close(lock)


def _build(root: Path, cache: Path, on_progress: Progress) -> None:
    """Decode the data set into `cache`, which appears only when it is whole; older caches are removed."""
    from vplanner_models.arrays import EpisodeArrays

    cameras, size = load_cameras(root)
    episodes = pq.read_table(
        root / schema.EPISODES_PATH, columns=[n for n in _columns(root) if not n.startswith("stats/")]
    )
    starts = episodes.column("dataset_from_index").to_numpy()
    ends = episodes.column("dataset_to_index").to_numpy()
    rows = int(ends[-1])
    index = schema.INDEX_FIELDS[2]
    table = pa.concat_tables(
        [
            pq.read_table(root / place.data)
            for place in sorted(_places(episodes, "data"), key=lambda p: (p.chunk, p.file))
        ]
    )
    order = np.argsort(tables.values(index, table)[:, 0])

    def column(field: Field) -> NDArray[np.generic]:
        return tables.values(field, table)[order]

    with tempfile.TemporaryDirectory(dir=cache.parent, prefix=_SCRATCH) as scratch:
        images = np.lib.format.open_memmap(
            Path(scratch) / "pictures.npy", "w+", np.uint8, (rows, len(cameras), size, size, 3)
        )
        _decode(root, episodes, tuple(camera.name for camera in cameras), images, on_progress)
        lengths = ends - starts
        whole = Path(scratch) / "whole"
        EpisodeArrays(
            images=images,
            state=column(schema.STATE).astype(np.float32),
            action=column(schema.ACTION).astype(np.float32),
            expert_action=column(schema.EXPERT_ACTION).astype(np.float32),
            skill=column(schema.SKILL)[:, 0].astype(np.int64),
            source_xyz=column(schema.SOURCE_XYZ).astype(np.float32),
            target_xyz=column(schema.TARGET_XYZ).astype(np.float32),
            progress=column(schema.PROGRESS)[:, 0].astype(np.float32),
            success=column(schema.SUCCESS)[:, 0].astype(np.float32),
            noisy=column(schema.NOISY)[:, 0].astype(np.bool_),
            episode=np.repeat(np.arange(len(lengths)), lengths),
            seed=np.repeat(episodes.column("seed").to_numpy(), lengths),
            intrinsics=np.stack([camera.model.intrinsics for camera in cameras]),
            T_base_cam=np.stack([camera.model.T_base_cam for camera in cameras]),
        ).save(whole)
        for stale in cache.parent.iterdir():
            if not stale.name.startswith(_SCRATCH):
                shutil.rmtree(stale, ignore_errors=True)
        whole.rename(cache)


def _columns(root: Path) -> list[str]:
    """Return the names of the episode table's columns."""
    names: list[str] = pq.read_schema(root / schema.EPISODES_PATH).names
    return names


def _places(episodes: pa.Table, prefix: str) -> list[FileIndex]:
    """Return the file of every episode, each once, in order of appearance."""
    chunks = episodes.column(f"{prefix}/chunk_index").to_pylist()
    files = episodes.column(f"{prefix}/file_index").to_pylist()
    return list(dict.fromkeys(FileIndex(chunk, file) for chunk, file in zip(chunks, files, strict=True)))


def _decode(
    root: Path, episodes: pa.Table, cameras: tuple[str, ...], images: NDArray[np.uint8], on_progress: Progress
) -> None:
    """Fill `images` (N, V, H, W, 3) from the video files, a few files at a time."""
    jobs: dict[tuple[int, Path], list[_Shot]] = {}
    starts = episodes.column("dataset_from_index").to_pylist()
    lengths = episodes.column("length").to_pylist()
    for view, camera in enumerate(cameras):
        prefix = f"videos/{schema.image_key(camera)}"
        chunks = episodes.column(f"{prefix}/chunk_index").to_pylist()
        files = episodes.column(f"{prefix}/file_index").to_pylist()
        times = episodes.column(f"{prefix}/from_timestamp").to_pylist()
        for chunk, file, time_s, start, length in zip(chunks, files, times, starts, lengths, strict=True):
            path = root / FileIndex(chunk, file).video(camera)
            frame = round(time_s * FPS)
            shot = _Shot(slice(start, start + length), slice(frame, frame + length))
            jobs.setdefault((view, path), []).append(shot)

    def fill(view: int, path: Path, shots: list[_Shot]) -> None:
        pictures = read_video(path)
        for shot in shots:
            images[shot.rows, view] = pictures[shot.frames]

    with ThreadPoolExecutor(_DECODERS) as pool:
        running = [pool.submit(fill, view, path, shots) for (view, path), shots in jobs.items()]
        for done, future in enumerate(running, start=1):
            future.result()
            on_progress(done, len(running))
