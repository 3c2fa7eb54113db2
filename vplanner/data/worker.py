"""What a collecting process does: it keeps one simulator, fills files with it, and stops when told to."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vplanner.data.episode import NamedCamera
from vplanner.data.jobs import FileJob, fill_file
from vplanner.errors import MissingDependencyError, VPlannerError
from vplanner.types import CameraModel

if TYPE_CHECKING:
    from vplanner.data.student import Student
    from vplanner_sim import TabletopEnv

IMAGE_SIZE = 64
_SUPERSAMPLE = 2


class CollectionStoppedError(VPlannerError):
    """The worker was asked to stop before its file was full."""


@dataclass(slots=True)
class _Worker:
    """The state of this process: its links to the parent, and the simulator of the last task."""

    done: Queue[int]
    stop: Event
    env: TabletopEnv | None = None
    student: Student | None = None

    def trained(self, bundle: Path | None) -> Student | None:
        """Return the networks of the bundle, opened once; None without a bundle."""
        from vplanner.data.student import Student

        if self.student is None and bundle is not None:
            self.student = Student(bundle)
        return self.student

    def simulator(self, task: str) -> TabletopEnv:
        """Return a simulator of the task, the last one where it fits."""
        try:
            from vplanner_sim import RenderError, TabletopEnv
        except ImportError as error:
            raise MissingDependencyError(
                f"collecting needs the extra `sim` (pip install 'vplanner[sim]'): {error}"
            ) from error
        if self.env is not None and self.env.task.name != task:
            self.env.close()
            self.env = None
        if self.env is None:
            try:
                self.env = TabletopEnv(task, image_size=IMAGE_SIZE, supersample=_SUPERSAMPLE)
            except RenderError as error:
                raise MissingDependencyError(str(error)) from error
        return self.env

    def report(self) -> None:
        """Tell the parent that an episode is done; raises `CollectionStoppedError` when it wants no more."""
        self.done.put(1)
        if self.stop.is_set():
            raise CollectionStoppedError("asked to stop")


_workers: list[_Worker] = []


def start_worker(done: Queue[int], stop: Event) -> None:
    """Prepare this process; the parent alone answers Ctrl-C, so that files are closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _workers[:] = [_Worker(done, stop)]


def fill(job: FileJob) -> tuple[NamedCamera, ...]:
    """Fill one file and return the cameras that it was seen with."""
    worker = _workers[0]
    env = worker.simulator(job.task)
    fill_file(job, env, worker.trained(job.student), worker.report)
    return tuple(
        NamedCamera(c.name, CameraModel(c.intrinsics.astype(np.float32), c.T_base_cam.astype(np.float32)))
        for c in env.camera_models
    )
