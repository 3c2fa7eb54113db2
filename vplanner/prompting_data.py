"""Pictures with labelled objects, from which the prompter's vision network learns; needs the simulator."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from vplanner.data.behaviours import limit_step
from vplanner.data.jobs import check_split
from vplanner.data.pool import OnProgress, report_piece, run_jobs
from vplanner.errors import StorageError
from vplanner.sim_robot import VIEWS, calibration, make_env, prepare_rendering, reset_env
from vplanner.transforms import project

if TYPE_CHECKING:
    from vplanner_sim import TabletopEnv

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


@dataclass(frozen=True, slots=True)
class PictureReport:
    """What a folder holds of the scenes that were asked for."""

    scenes: int
    files: int
    new_files: int
    complete: bool


def generate_pictures(
    folder: Path,
    scenes_per_task: int,
    tasks: tuple[str, ...],
    *,
    first_seed: int,
    workers: int,
    on_progress: OnProgress,
) -> PictureReport:
    """Take pictures of what is missing of some scenes of every task.

    Blocks that hold all their scenes are kept, so that an interrupted call goes on where it stopped, and a larger
    number of scenes adds to a smaller one. Ctrl-C ends it cleanly: the report then says that it is not complete.

    Args:
        folder: Created when missing.
        scenes_per_task: Scenes of each task; every scene gives a few instants.
        tasks: Names of tasks.
        first_seed: Seed of the first scene.
        workers: Processes.
        on_progress: Called with the number of scenes done since its last call.

    Raises:
        InputError: The seeds cross from training to validation or from validation to test scenes.
        MissingDependencyError: The simulator is not installed, or the machine cannot render.
        StorageError: A file cannot be written.
    """
    last = first_seed + scenes_per_task
    check_split(range(first_seed, last), f"{scenes_per_task} scenes of each task")
    prepare_rendering()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder}: cannot be made ({error.strerror})") from error
    jobs = [
        PictureJob(task, seed, min(_BLOCK, last - seed), folder)
        for seed in range(first_seed, last, _BLOCK)
        for task in tasks
    ]
    missing = [job for job in jobs if _scenes_in(job.file) < job.scenes]
    there = [job for job in jobs if job not in missing]
    on_progress(sum(job.scenes for job in there))
    new: list[PictureJob] = []
    complete = not missing or run_jobs(
        write_block, missing, workers=workers, on_result=new.append, on_progress=on_progress
    )
    done = there + new
    return PictureReport(sum(job.scenes for job in done), len(done), len(new), complete)


def write_block(job: PictureJob) -> PictureJob:
    """Roll out the scenes of a block, write its file and return the job. Raises `StorageError` when that fails."""
    env = make_env(job.task)
    snapshots: list[Snapshot] = []
    try:
        for seed in range(job.first_seed, job.first_seed + job.scenes):
            snapshots.extend(roll_scene(env, seed))
            report_piece()
    finally:
        env.close()
    partial = job.file.with_suffix(".partial")
    try:
        with partial.open("wb") as stream:
            np.savez(stream, allow_pickle=False, **_arrays(snapshots), scenes=np.array(job.scenes))
        os.replace(partial, job.file)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise StorageError(f"{job.file}: cannot be written ({error.strerror})") from error
    return job


def _scenes_in(file: Path) -> int:
    """How many scenes a block holds; none where there is no readable file."""
    if not file.is_file():
        return 0
    try:
        with np.load(file, allow_pickle=False) as block:
            return int(block["scenes"]) if "scenes" in block.files else _BLOCK  # blocks of earlier versions do not say
    except (ValueError, EOFError, BadZipFile):
        return 0


def roll_scene(env: TabletopEnv, seed: int) -> Iterator[Snapshot]:
    """The start of the scene, then random instants of an expert, a disturbed expert or random play."""
    from vplanner_sim import make_expert

    rng = np.random.default_rng([seed, 1])
    reset_env(env, seed)
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
        env.advance(limit_step(action).astype(np.float64))  # `advance` itself takes any step
        if step in times:
            yield take_snapshot(env)


def take_snapshot(env: TabletopEnv) -> Snapshot:
    """What the cameras see now, labelled by the simulator; points are those of the nominal calibration."""
    objects = env.truth().objects[:MOST_OBJECTS]
    xyz = np.stack([thing.position for thing in objects])
    uv = np.stack([project(camera, xyz)[0] for camera in calibration(env).values()], axis=1)
    return Snapshot(
        images=np.stack(env.observe().images),
        nouns=tuple(thing.noun for thing in objects),
        colours=tuple(thing.colour for thing in objects),
        uv=uv.astype(np.float32),
        xyz=xyz.astype(np.float32),
    )


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
