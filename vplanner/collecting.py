"""Collects episodes in worker processes: each fills one data file after the other, and none is shared."""

from __future__ import annotations

import json
import os
import queue
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path

from vplanner.data.episode import save_cameras
from vplanner.data.jobs import FileJob, Recipe, done_episodes, pending, plan_files
from vplanner.data.lerobot_writer import PartSummary, finalise, read_summary
from vplanner.data.schema import PARTS_FOLDER, FileIndex
from vplanner.data.worker import IMAGE_SIZE, fill, start_worker
from vplanner.errors import InputError, StorageError, VPlannerError
from vplanner.run_folder import write_json

_RECIPE = f"{PARTS_FOLDER}/recipe.json"
_QUIET = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", "LP_NUM_THREADS": "0"}

OnProgress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class TaskReport:
    """How the episodes of one task went; rates are None where nothing was tried."""

    episodes: int
    rows: int
    expert_success: float | None
    noisy_success: float | None
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
    root: Path, recipe: Recipe, tasks: tuple[str, ...], episodes: int, *, workers: int, on_progress: OnProgress
) -> CollectionReport:
    """Record what is missing of `episodes` episodes per task, then write the metadata of the whole set.

    Finished files are kept, so an interrupted collection goes on where it stopped. Ctrl-C ends it cleanly: the report
    then says that it is not complete. `on_progress` is called with the number of episodes done since its last call.

    Raises:
        InputError: if the folder holds data of another recipe, or the seeds do not fit.
        StorageError: if writing fails.
        VPlannerError: if a worker process dies.
    """
    jobs = plan_files(root, recipe, tasks, episodes)
    _check_recipe(root, recipe)
    missing = pending(jobs)
    on_progress(sum(done_episodes(job) for job in jobs if job not in missing))
    try:
        complete = not missing or _run(root, missing, workers, on_progress)
        total = finalise(root)
    except OSError as error:
        raise StorageError(f"writing to {root} failed: {error}") from error
    return CollectionReport(total, complete, _report(jobs))


def _run(root: Path, jobs: list[FileJob], workers: int, on_progress: OnProgress) -> bool:
    """Fill the files; returns whether all of them were filled."""
    context = get_context("spawn")
    done: Queue[int] = context.Queue()
    stop = context.Event()
    with (
        _quiet_workers(),
        ProcessPoolExecutor(
            min(workers, len(jobs)), mp_context=context, initializer=start_worker, initargs=(done, stop)
        ) as pool,
    ):
        running = {pool.submit(fill, job) for job in jobs}
        try:
            while running:
                finished, running = wait(running, timeout=0.2, return_when=FIRST_EXCEPTION)
                _drain(done, on_progress)
                for future in finished:
                    save_cameras(root, future.result(), IMAGE_SIZE)
        except KeyboardInterrupt:
            return False
        except BrokenProcessPool as error:
            raise VPlannerError("a worker process died (out of memory, or killed); run again to continue") from error
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)
            _drain(done, on_progress)
    return True


def _drain(done: Queue[int], on_progress: OnProgress) -> None:
    """Report what the workers have put into the queue."""
    count = 0
    try:
        while True:
            count += done.get_nowait()
    except queue.Empty:
        on_progress(count)


@contextmanager
def _quiet_workers() -> Iterator[None]:
    """Let processes started in this block use one thread each and draw without a screen."""
    before = dict(os.environ)
    os.environ.update(_QUIET)
    os.environ.setdefault("MUJOCO_GL", "egl")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _check_recipe(root: Path, recipe: Recipe) -> None:
    """Write the recipe of a new data set, or compare it with that of an old one."""
    path = root / _RECIPE
    wanted = json.loads(json.dumps(asdict(recipe), default=str))
    if not path.is_file():
        if root.is_dir() and any(root.iterdir()):
            raise InputError(f"{root} holds something else; give --out an empty or a new folder")
        write_json(path, wanted)
        return
    found = json.loads(path.read_text())
    different = [f"{key} {found.get(key)!r}" for key in wanted if found.get(key) != wanted[key]]
    if different:
        raise InputError(f"{root} was collected with {', '.join(different)}; use the same, or another --out")


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
            unstable=sum(s.unstable for s in parts),
            worker_seconds=round(sum(s.seconds for s in parts), 2),
        )
        for task, parts in of_task.items()
    }


def _share(part: int, whole: int) -> float | None:
    """Return part / whole, or None for nothing of nothing."""
    return round(part / whole, 4) if whole else None
