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
    from vplanner_sim import TabletopEnv, Truth

MOST_OBJECTS = 8
_SNAPSHOTS = 4
_CLOSING = 7  # steps that are watched after a sub-goal is reached, lost or given up
_CLOSING_INSTANTS = (7, 5, 2)
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
    """Images uint8 (V, H, W, 3) of one instant, its objects, and how far the sub-goal is that is pursued.

    Of the `K` objects: names, points uv (K, V, 2) and positions (K, 3) [m]; what can be seen of each: its box
    (K, V, 4) as left, top, right and bottom in [0, 1], zero where it is hidden, and how many pixels (K, V). `source`
    and `target` are indices of objects; `robot` (8,) is TCP position [m], quaternion wxyz and gripper opening.
    """

    images: NDArray[np.uint8]
    nouns: tuple[str, ...]
    colours: tuple[str, ...]
    uv: NDArray[np.float32]
    xyz: NDArray[np.float32]
    boxes: NDArray[np.float32]
    pixels: NDArray[np.int32]
    skill: str
    source: int
    target: int
    done: bool
    robot: NDArray[np.float32]


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
    """The start of the scene, random instants, and instants around the end of each sub-goal.

    The hand is led by an expert, a disturbed expert, random play, or an expert that gives up just before the end and
    fumbles on: near misses from which judging is learned.
    """
    from vplanner_sim import make_expert

    rng = np.random.default_rng([seed, 1])
    reset_env(env, seed)
    expert = make_expert(env)
    style = str(rng.choice(["clean", "disturbed", "play", "gives_up"], p=(0.25, 0.3, 0.12, 0.33)))
    given_up, enough = False, rng.uniform(0.55, 1.0)
    last = env.max_steps
    times = set(rng.integers(1, max(6, last // 2), _SNAPSHOTS - 1).tolist())
    drift = np.zeros(6)
    asked = _due(env.truth())
    yield take_snapshot(env, asked)
    closing = 0
    for step in range(1, last + 1):
        action = np.array(expert.act(), dtype=np.float64)
        if style == "disturbed":
            action[:6] += rng.normal(0.0, [0.012] * 3 + [0.08] * 3)
        elif style == "play" or given_up:
            drift = 0.8 * drift + rng.normal(0.0, [0.016] * 3 + [0.1] * 3) * (0.4 if given_up else 1.0)
            action[:6] = np.where(rng.random() < (0.15 if given_up else 0.5), action[:6], 0.0) + drift
            action[6] = float(rng.random() < 0.5) if rng.random() < (0.1 if given_up else 0.3) else action[6]
        before = env.truth()
        env.advance(limit_step(action).astype(np.float64))  # `advance` itself takes any step
        truth = env.truth()
        turned = before.sub_goals[asked].done != truth.sub_goals[asked].done
        was_up, given_up = given_up, given_up or (style == "gives_up" and truth.progress >= enough)
        closing = max(closing - 1, _CLOSING if turned or given_up != was_up else 0)
        if step in times or closing in _CLOSING_INSTANTS:
            yield take_snapshot(env, asked)
        if step > max(times) and closing == 0 and (truth.success or given_up):
            return
        if closing == 0:
            asked = _due(truth)


def _due(truth: Truth) -> int:
    """Index of the first sub-goal that is not done; of the last one when all are."""
    return next((i for i, step in enumerate(truth.sub_goals) if not step.done), len(truth.sub_goals) - 1)


def take_snapshot(env: TabletopEnv, asked: int) -> Snapshot:
    """What the cameras see now, labelled by the simulator; points are those of the nominal calibration.

    Whether it is done is told of the sub-goal with index `asked`.
    """
    truth, seen = env.truth(), env.observe()
    objects = truth.objects[:MOST_OBJECTS]
    names = [thing.name for thing in objects]
    sub_goal = truth.sub_goals[asked]
    masks = [env.segmentation(camera, env.image_size, env.image_size) for camera in env.cameras]
    boxes, pixels = zip(*(_extents(mask, len(objects)) for mask in masks), strict=True)
    xyz = np.stack([thing.position for thing in objects])
    uv = np.stack([project(camera, xyz)[0] for camera in calibration(env).values()], axis=1)
    return Snapshot(
        images=np.stack(seen.images),
        nouns=tuple(thing.noun for thing in objects),
        colours=tuple(thing.colour for thing in objects),
        uv=uv.astype(np.float32),
        xyz=xyz.astype(np.float32),
        boxes=np.stack(boxes, axis=1),
        pixels=np.stack(pixels, axis=1),
        skill=sub_goal.skill,
        source=names.index(sub_goal.source.name),
        target=names.index(sub_goal.target.name),
        done=sub_goal.done,
        robot=np.array([*seen.tcp_position, *seen.tcp_quat_wxyz, seen.gripper_opening], np.float32),
    )


def _extents(mask: NDArray[np.int32], count: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Boxes (count, 4) and numbers of pixels (count,) of the objects in a picture of their indices (H, W)."""
    boxes, pixels = np.zeros((count, 4), np.float32), np.zeros(count, np.int32)
    height, width = mask.shape
    for index in range(count):
        rows, columns = np.nonzero(mask == index)
        pixels[index] = len(rows)
        if len(rows):
            boxes[index] = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    boxes /= np.array([width, height, width, height], np.float32)
    return boxes, pixels


def _arrays(snapshots: list[Snapshot]) -> dict[str, NDArray[np.generic]]:
    """Images (N, V, H, W, 3); per slot noun, colour (empty where unused), uv (N, K, V, 2), xyz (N, K, 3) and so on."""
    count = len(snapshots)
    nouns = np.full((count, MOST_OBJECTS), "", dtype="U16")
    colours = np.full((count, MOST_OBJECTS), "", dtype="U16")
    uv = np.zeros((count, MOST_OBJECTS, len(VIEWS), 2), dtype=np.float32)
    xyz = np.zeros((count, MOST_OBJECTS, 3), dtype=np.float32)
    boxes = np.zeros((count, MOST_OBJECTS, len(VIEWS), 4), dtype=np.float32)
    pixels = np.zeros((count, MOST_OBJECTS, len(VIEWS)), dtype=np.int32)
    for row, snapshot in enumerate(snapshots):
        used = len(snapshot.nouns)
        nouns[row, :used], colours[row, :used] = snapshot.nouns, snapshot.colours
        uv[row, :used], xyz[row, :used] = snapshot.uv, snapshot.xyz
        boxes[row, :used], pixels[row, :used] = snapshot.boxes, snapshot.pixels
    return {
        "images": np.stack([snapshot.images for snapshot in snapshots]),
        "nouns": nouns, "colours": colours, "uv": uv, "xyz": xyz, "boxes": boxes, "pixels": pixels,
        "skill": np.array([snapshot.skill for snapshot in snapshots], dtype="U16"),
        "source": np.array([snapshot.source for snapshot in snapshots], dtype=np.int64),
        "target": np.array([snapshot.target for snapshot in snapshots], dtype=np.int64),
        "done": np.array([snapshot.done for snapshot in snapshots]),
        "robot": np.stack([snapshot.robot for snapshot in snapshots]),
    }  # fmt: skip
