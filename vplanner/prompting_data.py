"""Pictures with labelled objects, from which the prompter's vision network learns; needs the simulator."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vplanner.errors import StorageError
from vplanner.sim_robot import VIEWS, make_env, prepare_rendering
from vplanner.transforms import project
from vplanner.types import CameraModel

if TYPE_CHECKING:
    from vplanner_sim import SimCamera, TabletopEnv

MOST_OBJECTS = 8
_SNAPSHOTS = 6
_BLOCK = 20  # scenes per file: small enough that an interruption loses little


@dataclass(frozen=True, slots=True)
class PictureJob:
    """A block of scenes of one task, written to one file."""

    task: str
    first_seed: int
    scenes: int
    folder: Path

    @property
    def file(self) -> Path:
        """Where the block goes."""
        return self.folder / f"{self.task}-{self.first_seed:06d}.npz"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Images uint8 (V, H, W, 3) of one instant and its objects: names, points uv (K, V, 2), positions (K, 3) [m]."""

    images: NDArray[np.uint8]
    nouns: tuple[str, ...]
    colours: tuple[str, ...]
    uv: NDArray[np.float32]
    xyz: NDArray[np.float32]


def generate_pictures(
    folder: Path, scenes_per_task: int, first_seed: int = 0, workers: int = 1, tasks: tuple[str, ...] | None = None
) -> Iterator[Path]:
    """Write blocks of pictures and yield each file when it is complete; blocks that exist are kept.

    Args:
        folder: Created when missing.
        scenes_per_task: Scenes of each task; every scene gives a few instants.
        first_seed: Seed of the first scene.
        workers: Processes.
        tasks: Names of tasks; without them, all.

    Raises:
        MissingDependencyError: The simulator is not installed.
        StorageError: A file cannot be written.
    """
    prepare_rendering()
    from vplanner_sim import TASKS

    folder.mkdir(parents=True, exist_ok=True)
    jobs = [
        PictureJob(task, seed, min(_BLOCK, first_seed + scenes_per_task - seed), folder)
        for seed in range(first_seed, first_seed + scenes_per_task, _BLOCK)
        for task in tasks or tuple(TASKS)
    ]
    open_jobs = [job for job in jobs if not job.file.is_file()]
    if workers == 1:
        yield from map(write_block, open_jobs)
        return
    with ProcessPoolExecutor(workers) as pool:
        for done in as_completed([pool.submit(write_block, job) for job in open_jobs]):
            yield done.result()


def write_block(job: PictureJob) -> Path:
    """Roll out the scenes of a block and write its file. Raises `StorageError` when that fails."""
    env = make_env(job.task)
    snapshots: list[Snapshot] = []
    for seed in range(job.first_seed, job.first_seed + job.scenes):
        snapshots.extend(roll_scene(env, seed))
    env.close()
    partial = job.file.with_suffix(".partial")
    try:
        with partial.open("wb") as stream:
            np.savez(stream, allow_pickle=False, **_arrays(snapshots))
        os.replace(partial, job.file)
    except OSError as error:
        raise StorageError(f"{job.file}: cannot be written ({error.strerror})") from error
    return job.file


def roll_scene(env: TabletopEnv, seed: int) -> Iterator[Snapshot]:
    """The start of the scene, then random instants of an expert, a disturbed expert or random play."""
    from vplanner_sim import make_expert

    rng = np.random.default_rng([seed, 1])
    env.reset(seed)
    yield take_snapshot(env)
    expert = make_expert(env)
    style = rng.choice(3, p=(0.4, 0.4, 0.2))
    times = set(rng.integers(1, max(6, env.max_steps // 2), _SNAPSHOTS - 1).tolist())
    drift = np.zeros(6)
    for step in range(1, max(times) + 1):
        action = np.array(expert.act(), dtype=np.float64)
        if style == 1:
            action[:6] += rng.normal(0.0, [0.012] * 3 + [0.08] * 3)
        elif style == 2:
            drift = 0.8 * drift + rng.normal(0.0, [0.016] * 3 + [0.1] * 3)
            action[:6] = np.where(rng.random() < 0.5, action[:6], 0.0) + drift
            action[6] = float(rng.random() < 0.5) if rng.random() < 0.3 else action[6]
        env.advance(action)
        if step in times:
            yield take_snapshot(env)


def take_snapshot(env: TabletopEnv) -> Snapshot:
    """What the cameras see now, labelled by the simulator; points are those of the nominal calibration."""
    objects = env.truth().objects[:MOST_OBJECTS]
    xyz = np.stack([thing.position for thing in objects])
    cameras = [_camera_model(camera) for camera in env.camera_models]
    uv = np.stack([project(camera, xyz)[0] for camera in cameras], axis=1)
    return Snapshot(
        images=np.stack(env.observe().images),
        nouns=tuple(thing.noun for thing in objects),
        colours=tuple(thing.colour for thing in objects),
        uv=uv.astype(np.float32),
        xyz=xyz.astype(np.float32),
    )


def _camera_model(camera: SimCamera) -> CameraModel:
    return CameraModel(camera.intrinsics.astype(np.float32), camera.T_base_cam.astype(np.float32))


def _arrays(snapshots: list[Snapshot]) -> dict[str, NDArray[np.generic]]:
    """Images (N, V, H, W, 3); per slot noun, colour (empty where unused), uv (N, K, V, 2), xyz (N, K, 3)."""
    count = len(snapshots)
    nouns = np.full((count, MOST_OBJECTS), "", dtype="U16")
    colours = np.full((count, MOST_OBJECTS), "", dtype="U16")
    uv = np.zeros((count, MOST_OBJECTS, len(VIEWS), 2), dtype=np.float32)
    xyz = np.zeros((count, MOST_OBJECTS, 3), dtype=np.float32)
    for row, snapshot in enumerate(snapshots):
        used = len(snapshot.nouns)
        nouns[row, :used], colours[row, :used] = snapshot.nouns, snapshot.colours
        uv[row, :used], xyz[row, :used] = snapshot.uv, snapshot.xyz
    return {"images": np.stack([s.images for s in snapshots]), "nouns": nouns, "colours": colours, "uv": uv, "xyz": xyz}
