"""Collects episodes in worker processes: each fills one data file after the other, and none is shared."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any

from vplanner.data.episode import save_cameras
from vplanner.data.jobs import FileJob, Mix, Recipe, done_episodes, pending, plan_files, student_hash
from vplanner.data.lerobot_writer import PartSummary, finalise, read_summary
from vplanner.data.pool import OnProgress, run_jobs
from vplanner.data.schema import CAMERAS_PATH, PARTS_FOLDER, FileIndex
from vplanner.data.worker import IMAGE_SIZE, cameras_of, fill
from vplanner.errors import InputError, StorageError
from vplanner.run_folder import write_json

_RECIPE = f"{PARTS_FOLDER}/recipe.json"


@dataclass(frozen=True, slots=True)
class TaskReport:
    """How the episodes of one task went; rates are None where nothing was tried."""

    episodes: int
    rows: int
    expert_success: float | None
    noisy_success: float | None
    handover_success: float | None
    unstable: int
    """Episodes dropped because the simulation diverged."""
    worker_seconds: float


@dataclass(frozen=True, slots=True)
class CollectionReport:
    """What a data set holds after a collection."""

    episodes: int
    complete: bool
    tasks: dict[str, TaskReport]


def collect(
    root: Path,
    recipe: Recipe,
    tasks: tuple[str, ...],
    episodes: int,
    *,
    workers: int,
    on_progress: OnProgress,
    student: Path | None = None,
) -> CollectionReport:
    """Record what is missing of `episodes` episodes per task, then write the metadata of the whole set.

    Finished files are kept, so an interrupted collection goes on where it stopped. Ctrl-C ends it cleanly: the report
    then says that it is not complete. `on_progress` is called with the number of episodes done since its last call.
    `student` is the bundle that the recipe names by its hash.

    Raises:
        InputError: if the folder holds data of another recipe, or the seeds do not fit.
        MissingDependencyError: if the machine cannot render.
        StorageError: if writing fails.
        VPlannerError: if a worker process dies.
    """
    jobs = plan_files(root, recipe, tasks, episodes, student)
    _check_recipe(root, recipe)
    missing = pending(jobs)
    on_progress(sum(done_episodes(job) for job in jobs if job not in missing))
    if jobs and not (root / CAMERAS_PATH).is_file():  # first of all: no file can be read without
        save_cameras(root, cameras_of(jobs[0].task), IMAGE_SIZE)
    try:
        complete = not missing or run_jobs(
            fill, missing, workers=workers, on_result=lambda _: None, on_progress=on_progress
        )
        total = finalise(root)
    except OSError as error:
        raise StorageError(f"writing to {root} failed: {error}") from error
    return CollectionReport(total, complete, _report(jobs))


def _check_recipe(root: Path, recipe: Recipe) -> None:
    """Write the recipe of a new data set, or compare it with that of an old one."""
    path = root / _RECIPE
    wanted = json.loads(json.dumps(asdict(recipe)))
    if not path.is_file():
        if root.is_dir() and any(root.iterdir()):
            raise InputError(f"{root} holds something else; give --out an empty or a new folder")
        write_json(path, wanted)
        return
    found = _read_recipe(path)
    different = [f"{key} {found.get(key)!r}" for key in wanted if found.get(key) != wanted[key]]
    if different:
        raise InputError(f"{root} was collected with {', '.join(different)}; use the same, or another --out")


def _read_recipe(path: Path) -> dict[str, Any]:
    """Return a stored recipe, with what earlier versions left out or wrote otherwise."""
    try:
        found: dict[str, Any] = {"student": None} | json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path} is damaged ({error}); choose another --out") from error
    defaults = {entry.name: entry.default for entry in fields(Mix) if entry.default is not MISSING}
    found["mix"] = defaults | found["mix"]
    student = found["student"]
    if student is not None and (Path(student) / "bundle.json").is_file():  # once the student's folder was stored
        found["student"] = student_hash(Path(student))
    return found


def _report(jobs: list[FileJob]) -> dict[str, TaskReport]:
    """Sum up the files of each task."""
    of_task: dict[str, list[PartSummary]] = defaultdict(list)
    for job in jobs:
        summary = read_summary(job.root, FileIndex.of(job.number))
        if summary is not None:
            of_task[job.task].append(summary)
    return {
        task: TaskReport(
            episodes=sum(s.written for s in parts),
            rows=sum(s.rows for s in parts),
            expert_success=_share(sum(s.clean_reached for s in parts), sum(s.clean for s in parts)),
            noisy_success=_share(sum(s.noisy_reached for s in parts), sum(s.noisy for s in parts)),
            handover_success=_share(sum(s.handover_reached for s in parts), sum(s.handover for s in parts)),
            unstable=sum(s.unstable for s in parts),
            worker_seconds=round(sum(s.seconds for s in parts), 2),
        )
        for task, parts in of_task.items()
    }


def _share(part: int, whole: int) -> float | None:
    """Return part / whole, or None for nothing of nothing."""
    return round(part / whole, 4) if whole else None
